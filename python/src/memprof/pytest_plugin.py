"""The plugin for pytest: limits on memory, and what the tests took.

Every test runs between two marks in the trace that pytest is recorded to. One
that has a limit asks the trace when it has run, and fails then and there, so
that xfail, --pdb, -x and reruns mean what they always do. Without memprof in
the process nothing is registered but the names of the marks.

Workers of pytest-xdist are processes of the same trace; each judges its own
tests, and the controller puts the summary together from their reports.
"""

import os
import sys
from typing import List

import pytest

from memprof import _command
from memprof._pytest_tests import Plugin
from memprof._sections import is_active

GUARD = "MEMPROF_PYTEST"  # in the environment of a pytest that was restarted
TOP = 5  # tests that the summary names

LINES = (
    "limit_memory(size, *, where=None): fail when what the test allocates "
    "comes to more than size at a time (memprof)",
    "limit_leaks(size, *, warmup=2, repeat=5, where=None): run the test "
    "warmup + repeat times; fail when a repetition leaves more than size "
    "behind (memprof)",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("memprof", "memory, with memprof")
    group.addoption(
        "--memprof",
        action="store_true",
        help="run pytest under 'memprof run', unless it does already",
    )
    group.addoption(
        "--memprof-output",
        metavar="FILE",
        help="the trace of --memprof (default: pytest.PID.mprof)",
    )
    group.addoption(
        "--memprof-traces",
        metavar="DIR",
        help="save the trace up to there for each test that fails",
    )
    group.addoption(
        "--memprof-limit",
        metavar="SIZE",
        help="limit_memory for tests that have none of their own",
    )
    group.addoption(
        "--memprof-top",
        metavar="N",
        type=int,
        default=TOP,
        help="name the N tests with the highest peaks (default: %(default)s)",
    )


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _own_command() -> List[str]:
    """The command that this process was started with."""
    original = getattr(sys, "orig_argv", None)  # 3.10 and later
    if original:
        return [sys.executable] + list(original[1:])
    from subprocess import _args_from_interpreter_flags as flags  # type: ignore

    program = sys.argv[:1]
    if os.path.basename(program[0]) == "__main__.py":
        program = ["-m", "pytest"]
    return [sys.executable] + list(flags()) + program + sys.argv[1:]


def _restart(config: pytest.Config) -> None:
    """Becomes the same pytest under `memprof run`."""
    if list(config.invocation_params.args) != sys.argv[1:]:
        raise pytest.UsageError(
            "--memprof: this pytest was started by a program; start that "
            "with 'memprof run'"
        )
    program = _command.find()
    if program is None:
        raise pytest.UsageError("--memprof: there is no 'memprof' on PATH")
    output = config.known_args_namespace.memprof_output
    command = [program, "run", "-q"]
    command += ["-f", "-o", output] if output else ["-o", "pytest.%p.mprof"]
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
    sys.stdout.flush()
    sys.stderr.flush()
    os.environ[GUARD] = "1"
    os.execv(program, command + ["--"] + _own_command())


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    wanted = early_config.known_args_namespace.memprof
    restarted = os.environ.pop(GUARD, None)
    if not wanted or _is_worker() or is_active():
        return
    if restarted:
        raise pytest.UsageError(
            "--memprof: memprof cannot trace %s" % sys.executable
        )
    _restart(early_config)


def pytest_configure(config: pytest.Config) -> None:
    for line in LINES:
        config.addinivalue_line("markers", line)
    if is_active():
        config.pluginmanager.register(Plugin(config), "memprof-limits")
