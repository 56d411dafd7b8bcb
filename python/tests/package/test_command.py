"""``python -m memprof``."""

import os
import shutil
import sys
import unittest

from support import SOURCE, Case, environment

PYTHON = [sys.executable, "-m", "memprof"]


class Command(Case):
    def test_same_as_memprof(self) -> None:
        self.assertEqual(
            self.output(PYTHON + ["--version"]),
            self.output(["memprof", "--version"]),
        )
        done = self.run_command(PYTHON + ["report", "no such trace"])
        self.assertEqual(done.returncode, 3)
        done = self.run_command(PYTHON + ["nonsense"])
        self.assertEqual(done.returncode, 2)

    def test_run(self) -> None:
        command = PYTHON + ["run", "-q", "-o", self.trace, "sh", "-c"]
        done = self.run_command(command + ['echo "$0"; exit 5', "a  b"])
        self.assertEqual((done.returncode, done.stdout), (5, "a  b\n"))
        self.assertTrue(os.path.exists(self.trace))

    def test_not_found(self) -> None:
        elsewhere = os.path.join(self.directory, "elsewhere")
        shutil.copytree(os.path.join(SOURCE, "memprof"), elsewhere + "/memprof")
        env = environment(PYTHONPATH=elsewhere, PATH=self.directory)
        done = self.run_command(PYTHON + ["run", "true"], env)
        self.assertEqual(done.returncode, 127)
        self.assertEqual(
            done.stderr, "memprof: there is no 'memprof' on PATH\n"
        )

    def test_in_the_tree(self) -> None:
        tree = os.path.join(self.directory, "tree")
        package = os.path.join(tree, "python", "src")
        shutil.copytree(os.path.join(SOURCE, "memprof"), package + "/memprof")
        built = os.path.join(tree, "build", "any", "cli")
        os.makedirs(built)
        with open(built + "/memprof", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho built: $*\n")
        os.chmod(built + "/memprof", 0o755)
        env = environment(PYTHONPATH=package, PATH=self.directory)
        done = self.run_command(PYTHON + ["report", "x"], env)
        self.assertEqual(done.stdout, "built: report x\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
