"""The plugin as a user meets it: pytest is run on tests, under memprof."""

import glob
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree
from typing import Any, Dict, List, Optional

import pytest

SOURCE = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), os.pardir, os.pardir, "src"
)

pytestmark = pytest.mark.skipif(
    not shutil.which("memprof"), reason="there is no memprof on PATH"
)
needs_xdist = pytest.mark.skipif(
    importlib.util.find_spec("xdist") is None, reason="there is no xdist"
)

LIMITS = """
import unittest
import pytest

kept, cache = [], {}

@pytest.fixture
def made_before():
    return bytes(5000000)

@pytest.mark.limit_memory("2 MiB")
def test_within(made_before):
    held = bytes(1000000)

@pytest.mark.limit_memory("2 MiB")
def test_over():
    held = bytes(3000000)

@pytest.mark.limit_memory("2 MiB")
def test_one_after_the_other():
    for _ in range(10):
        held = None
        held = bytes(1000000)

@pytest.mark.limit_memory("2 MiB")
@pytest.mark.parametrize("size", [1000000, 4000000])
def test_parameters(size):
    held = bytes(size)

@pytest.mark.limit_leaks("100 KiB", warmup=2, repeat=5)
def test_leaks():
    kept.append(bytes(200000))

@pytest.mark.limit_leaks("100 KiB", warmup=0, repeat=3)
def test_leaks_at_once():
    kept.append(bytes(200000))

@pytest.mark.limit_leaks("100 KiB")
def test_leaks_little():
    kept.append(bytes(50000))

@pytest.mark.limit_leaks("10 KiB")
def test_keeps_the_latest():
    cache["latest"] = bytes(1000000)

@pytest.mark.limit_leaks("10 KiB")
def test_fills_a_cache():
    if "once" not in cache:
        cache["once"] = bytes(1000000)

@pytest.mark.limit_leaks("10 KiB")
def test_makes_cycles():
    cycle = [bytes(100000)]
    cycle.append(cycle)

@pytest.mark.limit_memory("1 MiB")
@pytest.mark.limit_leaks("1 MiB")
def test_both():
    held = bytes(2000000)

@pytest.mark.limit_memory("1 KiB")
@pytest.mark.xfail(strict=True)
def test_expected():
    held = bytes(1000000)

@pytest.mark.limit_memory("1 GiB")
@pytest.mark.limit_leaks("1 GiB")
def test_fails_itself():
    assert 1 == 2

class TestCase(unittest.TestCase):
    @pytest.mark.limit_memory("2 MiB")
    def test_over(self):
        held = bytes(3000000)

    @pytest.mark.limit_leaks("10 KiB")
    def test_leaks(self):
        kept.append(bytes(200000))

def test_without_limit():
    held = bytes(7000000)
"""
BROKEN = {
    "test_over",
    "test_parameters[4000000]",
    "test_leaks",
    "test_leaks_at_once",
    "test_both",
    "test_fails_itself",
    "TestCase::test_over",
    "TestCase::test_leaks",
}
KEPT = {
    "test_within",
    "test_one_after_the_other",
    "test_parameters[1000000]",
    "test_leaks_little",
    "test_keeps_the_latest",
    "test_fills_a_cache",
    "test_makes_cycles",
    "test_without_limit",
}


def is_installed() -> bool:
    """Whether pytest finds the plugin by itself."""
    for distribution in importlib.metadata.distributions():
        for point in distribution.entry_points:
            if (point.group, point.name) == ("pytest11", "memprof"):
                return True
    return False


class Pytest:
    """Runs pytest in a directory of its own."""

    def __init__(self, directory: Any) -> None:
        self.directory = directory
        self.env = dict(os.environ, PYTHONPATH=SOURCE)
        self.env["PYTHONDONTWRITEBYTECODE"] = "1"
        for name in "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER":
            self.env.pop(name, None)
        (directory / "pytest.ini").write_text("[pytest]\n")
        self.write(LIMITS)

    def write(self, text: str) -> None:
        (self.directory / "test_it.py").write_text(text)

    def command(self, *arguments: str) -> List[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
        if not is_installed():
            command += ["-p", "memprof.pytest_plugin"]
        return command + ["-rA", "--color=no"] + list(arguments)

    def run(
        self, command: List[str], code: Optional[int] = None
    ) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=str(self.directory),
            env=self.env,
            encoding="utf-8",
        )
        if code is not None:
            assert done.returncode == code, done.stdout
        return done

    def traces(self) -> List[str]:
        return glob.glob(str(self.directory / "*.mprof"))


@pytest.fixture
def inner(tmp_path: Any) -> Pytest:
    return Pytest(tmp_path)


def outcomes(output: str) -> Dict[str, str]:
    """What -rA says of each test."""
    found = re.findall(
        r"^(PASSED|FAILED|XFAIL|ERROR) test_it.py::(\S+)", output, re.M
    )
    return {name: outcome for outcome, name in found}


def check(output: str) -> None:
    """What each test of LIMITS comes to."""
    expected = dict.fromkeys(BROKEN, "FAILED")
    expected.update(dict.fromkeys(KEPT, "PASSED"))
    expected["test_expected"] = "XFAIL"
    assert outcomes(output) == expected, output
    # Exact figures of what was asked for; of its own the interpreter adds
    # little, and frees little of what it had after the warm-up.
    sizes = re.findall(r"test_it.py::(\S+): limit_.*\(([0-9,]+) bytes", output)
    found = {name: int(size.replace(",", "")) for name, size in sizes}
    wanted = {
        "test_over": 3000000,
        "test_parameters[4000000]": 4000000,
        "test_leaks": 200000,
        "test_leaks_at_once": 200000,
        "test_both": 2000000,
        "TestCase::test_over": 3000000,
        "TestCase::test_leaks": 200000,
    }
    assert found.keys() == wanted.keys(), output
    # And the lines that did it.
    for name in "test_over", "test_leaks":
        assert re.search(name + r"  \S*/test_it.py:\d+$", output, re.M), output
    for name, size in wanted.items():
        assert -2000 <= found[name] - size < 60000, (name, output)


def summary(output: str) -> str:
    """The plugin's section at the end."""
    found = re.search(r"=+ memprof =+\n(.*?)\n=====", output, re.S)
    assert found, output
    return found.group(1)


def highest(text: str) -> List[str]:
    """The tests that a summary says had the highest peaks."""
    return re.findall(r"^ *\S+ [KM]?i?B  test_it.py::(\S+)$", text, re.M)


def test_nothing_without_memprof(inner: Pytest) -> None:
    done = inner.run(inner.command("--strict-markers"), 1)
    passed = BROKEN - {"test_fails_itself"} | KEPT
    expected = dict.fromkeys(passed, "PASSED")
    expected["test_fails_itself"] = "FAILED"
    expected["test_expected"] = "FAILED"  # it was to break its limit
    assert outcomes(done.stdout) == expected
    assert "memprof" not in done.stdout.replace(str(inner.directory), "")
    assert not inner.traces()


def test_restarts(inner: Pytest) -> None:
    done = inner.run(inner.command("--memprof", "--strict-markers"), 1)
    check(done.stdout)
    text = summary(done.stdout)
    trace = re.findall(r"^trace: (.*)$", text, re.M)
    assert trace == inner.traces()
    top = highest(text)
    assert len(top) == 5
    assert top[:2] == ["test_without_limit", "test_parameters[4000000]"], text
    assert set(top[2:4]) == {"test_over", "TestCase::test_over"}, text
    inner.run(["memprof", "report", trace[0]], 0)


def test_under_memprof_run(inner: Pytest) -> None:
    run = ["memprof", "run", "-q", "-o", "trace with @ blanks"]
    done = inner.run(run + inner.command("-s"), 1)
    check(done.stdout)
    # The command that it names tells the same.
    command = re.search(
        r"^memprof report .*test_over.*@mark:.*$", done.stdout, re.M
    )
    assert command
    told = inner.run(["sh", "-c", command.group(0) + " --format json"], 0)
    assert json.loads(told.stdout)["totals"]["peak_bytes"] >= 3000000


@needs_xdist
def test_xdist(inner: Pytest) -> None:
    done = inner.run(inner.command("--memprof", "-n", "2"), 1)
    check(done.stdout)
    assert highest(summary(done.stdout))[0] == "test_without_limit"
    assert len(inner.traces()) == 1


def test_traces_of_failing_tests(inner: Pytest) -> None:
    done = inner.run(
        inner.command(
            "--memprof", "--memprof-traces", "saved", "-k", "over or itself"
        ),
        1,
    )
    saved = sorted(os.listdir(str(inner.directory / "saved")))
    assert saved == [
        "test_it.py_TestCase_test_over.mprof",
        "test_it.py_test_fails_itself.mprof",
        "test_it.py_test_over.mprof",
    ], done.stdout
    commands = re.findall(
        r"^ +(memprof report .*)$", summary(done.stdout), re.M
    )
    assert len(commands) == 3
    for command in commands:
        told = inner.run(["sh", "-c", command + " --format json 2>errors"], 0)
        peak = json.loads(told.stdout)["totals"]["peak_bytes"]
        assert peak >= 3000000 or "itself" in command


def test_output_and_properties(inner: Pytest) -> None:
    inner.run(
        inner.command(
            "--memprof", "--memprof-output=a.mprof", "--junitxml=junit.xml"
        )
        + ["-k", "within or keeps", "--memprof-top=0"],
        0,
    )
    assert inner.traces() == [str(inner.directory / "a.mprof")]
    tree = xml.etree.ElementTree.parse(str(inner.directory / "junit.xml"))
    found = {p.get("name"): p.get("value") for p in tree.iter("property")}
    assert 1000000 <= int(found["memprof_peak_bytes"] or 0) < 1060000
    assert abs(int(found["memprof_leaked_bytes"] or -1)) < 10240


def test_default_limit(inner: Pytest) -> None:
    inner.write(
        """
import pytest

def test_over():
    held = bytes(3000000)

@pytest.mark.limit_memory("4 MiB")
def test_has_its_own():
    held = bytes(3000000)
"""
    )
    done = inner.run(inner.command("--memprof", "--memprof-limit=2 MiB"), 1)
    assert outcomes(done.stdout) == {
        "test_over": "FAILED",
        "test_has_its_own": "PASSED",
    }


def test_where(inner: Pytest) -> None:
    inner.write(
        """
import pytest

@pytest.mark.limit_memory("2 MiB", where="size < 2000000")
def test_small_blocks():
    held = bytes(3000000), bytes(1000000)

@pytest.mark.limit_leaks("1 MiB", where="nonsense !")
def test_nonsense():
    pass
"""
    )
    done = inner.run(inner.command("--memprof"), 1)
    assert outcomes(done.stdout) == {
        "test_small_blocks": "PASSED",
        "test_nonsense": "FAILED",
    }
    assert "memprof could not judge the test's limit: " in done.stdout


def test_wrong_marks(inner: Pytest) -> None:
    inner.write(
        """
import pytest

@pytest.mark.limit_memory("2 apples")
def test_size():
    pass

@pytest.mark.limit_leaks("1 MiB", repeat=0)
def test_repeat():
    pass

@pytest.mark.limit_leaks()
def test_nothing():
    pass
"""
    )
    done = inner.run(inner.command("--memprof"), 1)
    assert set(outcomes(done.stdout).values()) == {"FAILED"}
    assert "no size: '2 apples'" in done.stdout


def test_odd_names(inner: Pytest) -> None:
    inner.write(
        """
import pytest

@pytest.mark.limit_memory("2 MiB")
@pytest.mark.parametrize("x", [1, 2], ids=["a@b#1 " + "long" * 99, "\\u00e9#2"])
def test_it(x):
    held = bytes(1000000 * x * x)
"""
    )
    done = inner.run(inner.command("--memprof"), 1)
    assert "1 failed, 1 passed" in done.stdout
    assert re.search(r"\(4,0[0-9]{2},[0-9]{3} bytes\)", done.stdout)


def test_off_is_not_kept(inner: Pytest) -> None:
    inner.write(
        """
import pytest

@pytest.mark.limit_memory("2 MiB")
def test_it():
    held = bytes(1000000)
"""
    )
    run = ["memprof", "run", "-q", "--start-off", "-o", "trace"]
    done = inner.run(run + inner.command(), 1)
    assert "could not judge the test's limit: recording is off" in done.stdout


def test_no_memprof(inner: Pytest) -> None:
    shutil.copytree(SOURCE, str(inner.directory / "source"))
    command = inner.command("--memprof")
    inner.env["PYTHONPATH"] = str(inner.directory / "source")
    inner.env["PATH"] = str(inner.directory)
    done = inner.run(command, 4)
    assert "there is no 'memprof' on PATH" in done.stdout


def test_by_a_program(inner: Pytest) -> None:
    (inner.directory / "program.py").write_text(
        "import pytest\n"
        "raise SystemExit(pytest.main(["
        "'-p', 'memprof.pytest_plugin', '--memprof']))\n"
    )
    done = inner.run([sys.executable, "program.py"], 4)
    assert "start that with 'memprof run'" in done.stdout
