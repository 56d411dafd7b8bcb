"""Where the ``memprof`` command is, and how to ask it.

The command may be newer or older than this package; nothing is relied on but
what memprof's man pages promise.
"""

import os
import shutil
import sys
from typing import List, Optional

NOT_FOUND = 127  # exit status, as of a shell


def _is_executable(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _built() -> List[str]:
    """What was built in the tree that this package lies in, newest first."""
    here = os.path.dirname(os.path.abspath(__file__))
    build = os.path.join(here, *[os.pardir] * 3, "build")
    try:
        names = os.listdir(build)
    except OSError:
        return []
    paths = [os.path.join(build, name, "cli", "memprof") for name in names]
    paths = [os.path.normpath(path) for path in paths if _is_executable(path)]
    return sorted(paths, key=os.path.getmtime, reverse=True)


def find() -> Optional[str]:
    """The path of ``memprof``: on PATH, or built in this package's tree."""
    found = shutil.which("memprof")
    if found:
        return os.path.abspath(found)
    built = _built()
    return built[0] if built else None


def main() -> int:
    """Become ``memprof`` with this process's arguments."""
    path = find()
    if path is None:
        print("memprof: there is no 'memprof' on PATH", file=sys.stderr)
        return NOT_FOUND
    try:
        os.execv(path, ["memprof"] + sys.argv[1:])
    except OSError as error:
        print("memprof: %s: %s" % (path, error.strerror), file=sys.stderr)
    return NOT_FOUND - 1
