"""Scripts that are run with and without memprof, and what the trace says.

These tests need no pytest, so that they run on interpreters that have none:
``python -m unittest discover -s tests/package``.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from typing import Any, Dict, List, Optional

SOURCE = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "src"
)
BIG = "size > 100000"  # what the scripts allocate on purpose


def environment(**more: str) -> Dict[str, str]:
    """This process's, with the package in reach."""
    env = dict(os.environ, PYTHONPATH=SOURCE, PYTHONDONTWRITEBYTECODE="1")
    env.update(more)
    return env


@unittest.skipUnless(shutil.which("memprof"), "there is no memprof on PATH")
class Case(unittest.TestCase):
    """A directory of its own, and a trace in it."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.trace = os.path.join(self.directory, "trace")

    def write(self, text: str) -> str:
        path = os.path.join(self.directory, "script.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text))
        return path

    def run_command(
        self, command: List[str], env: Optional[Dict[str, str]] = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            cwd=self.directory,
            env=env or environment(),
            encoding="utf-8",
        )

    def output(self, command: List[str]) -> str:
        """What it prints; it ends well and complains of nothing."""
        done = self.run_command(command)
        errors = done.stderr.splitlines()
        self.assertEqual((done.returncode, errors), (0, []), command)
        return done.stdout

    def untraced(self, text: str) -> str:
        return self.output([sys.executable, self.write(text)])

    def traced(self, text: str, *options: str) -> str:
        """The script's output; `trace` tells the rest."""
        run = ["memprof", "run", "-q", "-f", "-o", self.trace]
        command = run + list(options) + [sys.executable, self.write(text)]
        return self.output(command)

    def report(self, *options: str, at: str = "") -> Dict[str, Any]:
        command = ["memprof", "report", "--format", "json"] + list(options)
        command += [self.trace + at]
        found = json.loads(self.output(command))
        assert isinstance(found, dict)
        return found

    def marks(self) -> List[str]:
        return [mark["name"] for mark in self.report()["marks"]]

    def between(self, begin: str, end: str) -> Dict[str, int]:
        """Totals of the big blocks allocated from one mark to another."""
        options = ("--from", "mark:" + begin, "--to", "mark:" + end)
        answer = self.report(*options, "--where", BIG, at="@mark:" + end)
        totals: Dict[str, int] = answer["filtered"]
        return totals
