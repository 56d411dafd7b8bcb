"""Tell memprof what a Python program is about.

The functions do something while the program runs under ``memprof run``; else
they do nothing, say nothing and cost next to nothing. See memprof-python(7).
"""

from memprof._profile import install_builtin, profile
from memprof._sections import is_active, mark, section, start, stop

__all__ = [
    "install_builtin",
    "is_active",
    "mark",
    "profile",
    "section",
    "start",
    "stop",
]
__version__ = "0.1.0"
