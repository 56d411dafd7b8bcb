"""The trace that this process is being recorded to, while it is written.

Which one it is nobody tells: the memprof that records is one of this process's
ancestors and has the trace open. memprof writes a mark down some hundredths of
a second after it was set, with all that came before it, so a question that
names a mark waits until the mark is there.

Questions go to the ``memprof`` that records, with MEMPROF_FOLLOW=no, so that
they are no part of the trace themselves.
"""

import json
import os
import shlex
import subprocess
import time
from typing import Any, Dict, List, Optional, Sequence

from memprof import _command

MAGIC = b"\x89MPROF\r\n"
PATIENCE = 30.0  # seconds, for a mark to be there
NAP = 0.005  # seconds


class LiveError(Exception):
    """The trace could not be asked."""


def _parent(pid: int) -> int:
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            # Behind the name in parentheses, which may hold any byte.
            return int(file.read().rpartition(b")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _is_trace(path: str) -> bool:
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _open_trace(pid: int) -> Optional[str]:
    """A path of /proc that leads to the trace that process `pid` writes."""
    directory = "/proc/%d/fd" % pid
    try:
        numbers = os.listdir(directory)
    except OSError:
        return None
    for number in numbers:
        path = directory + "/" + number
        if _is_trace(path):
            return path
    return None


def _find_recorder() -> Optional[int]:
    """The nearest ancestor that writes a trace."""
    pid = os.getppid()
    while pid > 1:
        if _open_trace(pid):
            return pid
        pid = _parent(pid)
    return None


def _program(pid: int) -> Optional[str]:
    path = "/proc/%d/exe" % pid
    try:
        name = os.readlink(path)
    except OSError:
        return None
    if not os.path.basename(name).startswith("memprof"):
        return None
    return name if os.access(name, os.X_OK) else None


class LiveTrace:
    """The trace of this process."""

    def __init__(self) -> None:
        recorder = _find_recorder()
        if recorder is None:
            raise LiveError("no memprof that records is above this process")
        program = _program(recorder) or _command.find()
        if program is None:
            raise LiveError("there is no 'memprof' on PATH")
        self._recorder = recorder
        self._program = program

    @property
    def path(self) -> str:
        """Where the trace lies now; with --max-size its file may change."""
        link = _open_trace(self._recorder)
        if link is None:
            raise LiveError("the trace is not written any more")
        name = os.readlink(link)
        try:
            if os.path.samefile(name, link):
                return name
        except OSError:
            pass
        return link

    def _run(
        self, arguments: Sequence[str]
    ) -> "subprocess.CompletedProcess[str]":
        environment = dict(os.environ, MEMPROF_FOLLOW="no", LC_ALL="C.UTF-8")
        # Without close_fds it is posix_spawn: no copy of this process is made.
        return subprocess.run(
            [self._program] + list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=False,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )

    def ask(self, command: str, *options: str, at: str = "") -> Dict[str, Any]:
        """The answer of `memprof COMMAND --format json OPTIONS TRACE@AT`."""
        deadline = time.monotonic() + PATIENCE
        arguments = [command, "--format", "json"] + list(options)
        while True:
            trace = self.path + ("@" + at if at else "")
            answer = self._run(arguments + [trace])
            if answer.returncode == 0:
                found = json.loads(answer.stdout)
                assert isinstance(found, dict)
                return found
            late = "mark '" in answer.stderr and answer.returncode == 3
            if not late or time.monotonic() > deadline:
                lines = answer.stderr.strip().splitlines()
                raise LiveError(lines[-1] if lines else "memprof said nothing")
            time.sleep(NAP)

    def copy(self, path: str) -> None:
        """Save what there is of the trace by now as `path`, with its names.

        Raises OSError.
        """
        with open(self.path, "rb") as source:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            target = os.open(path, flags, 0o600)
            try:
                offset = 0
                while True:
                    sent = os.sendfile(target, source.fileno(), offset, 1 << 24)
                    if not sent:
                        break
                    offset += sent
            finally:
                os.close(target)
        self._run(["symbolize", "-q", path])  # it may be read as it is, too


def quoted(arguments: List[str]) -> str:
    """A command as one types it."""
    return " ".join(shlex.quote(argument) for argument in arguments)
