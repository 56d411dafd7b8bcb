"""place - the directory that all is measured in, and what is made there.

Programs are compiled afresh: what is measured is what this tree says. The
environment is the same for every run, whatever the caller's own is.
"""

import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    """Something is not there that a tool or a workload needs."""


def which(command):
    path = shutil.which(command)
    if not path:
        raise Missing(command + " is not installed")
    return path


class Place:
    """A directory, an environment and the options of this run."""

    def __init__(self, directory, options):
        self.directory = directory
        self.options = options
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": directory,
            "TMPDIR": directory,
            "LC_ALL": "C",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PAGER": "cat",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.watch = self.compile("watch.c")

    def path(self, name):
        return os.path.join(self.directory, name)

    def scaled(self, number):
        return max(1, round(number * self.options.scale))

    def compile(self, source, *flags, name=None):
        """A program of this folder; where it is afterwards."""
        compiler = "c++" if source.endswith(".cpp") else "cc"
        out = self.path(name or os.path.splitext(source)[0])
        self.run([which(compiler), "-O2", "-g", "-D_GNU_SOURCE", "-pthread",
                  os.path.join(HERE, source), "-o", out, *flags])
        return out

    def write(self, name, text):
        path = self.path(name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def run(self, argv, **more):
        """Something that is not measured, and must succeed."""
        try:
            return subprocess.run(
                argv, check=True, env=self.environment, cwd=self.directory,
                stdin=more.pop("stdin", subprocess.DEVNULL), text=True,
                capture_output=True, timeout=self.options.timeout,
                **more).stdout
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip() or "no message").splitlines()[-1]
            raise Missing(f"{os.path.basename(argv[0])} failed: {last}")
        except subprocess.TimeoutExpired:
            raise Missing(f"{os.path.basename(argv[0])} took too long")
