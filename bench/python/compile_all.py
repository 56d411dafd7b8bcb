"""compile_all - compileall over copies of a few modules of the library.

    compile_all.py ROUNDS

What it writes goes to a directory of its own, not beside the library.
"""

import compileall
import os
import shutil
import sys
import tempfile

MODULES = ["argparse", "ast", "calendar", "configparser", "csv", "inspect",
           "pickle", "string", "tarfile", "textwrap"]


def main():
    library = os.path.dirname(os.__file__)
    with tempfile.TemporaryDirectory() as directory:
        for module in MODULES:
            shutil.copy(os.path.join(library, module + ".py"), directory)
        for _ in range(int(sys.argv[1])):
            if not compileall.compile_dir(directory, quiet=1, force=True):
                sys.exit(1)


main()
