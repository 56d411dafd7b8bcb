"""Marks, and sections between two of them.

A section sets the marks ``NAME:begin-N`` and ``NAME:end-N``. N counts the
sections of that name in the process from 1, so that the two marks of one
section find each other however sections nest, repeat and overlap. In a process
that was forked or started by multiprocessing NAME is followed by ``[PID]``, in
a worker of pytest-xdist by its name: several processes share one trace.
"""

import itertools
import os
import sys
from types import TracebackType
from typing import Dict, Iterator, List, Optional, Tuple, Type

from memprof import _agent

# A trace keeps 65,536 marks; no name may take them all.
SECTIONS_OF_A_NAME = 4096

_counters: Dict[str, Iterator[int]] = {}


_suffix: Optional[str] = None  # behind names of sections; not known before


def _find_suffix() -> str:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        return "[" + worker + "]"
    process = sys.modules.get("multiprocessing.process")
    # A parent is set late, the name before the main module is imported.
    if process is not None and (
        process.parent_process() is not None
        or process.current_process().name != "MainProcess"
    ):
        return "[%d]" % os.getpid()
    return ""


def _begin_child() -> None:
    """After a fork: sections of the child are its own."""
    global _suffix
    _suffix = "[%d]" % os.getpid()
    _counters.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_child)


def is_active() -> bool:
    """Whether memprof's agent is in this process."""
    return _agent.find() is not None


def mark(name: str) -> None:
    """Give this moment a name: ``memprof report TRACE@mark:NAME``.

    The same name may be given often; ``mark:NAME#2`` is the second one. Names
    are cut at 256 bytes. Does nothing without memprof.
    """
    agent = _agent.find()
    if agent is not None:
        agent.mark(_agent.encode(name))


def start() -> None:
    """Record from now on, in all processes of the run."""
    agent = _agent.find()
    if agent is not None:
        agent.start()


def stop() -> None:
    """Record no more, in all processes of the run.

    Blocks that are allocated until start() are not known later either.
    """
    agent = _agent.find()
    if agent is not None:
        agent.stop()


class section:  # noqa: N801 - it reads as a statement
    """Mark where a part of the program begins and ends.

    ::

        with memprof.section("load"):
            load()

    ``memprof report TRACE --from mark:load:begin-1 --to mark:load:end-1``
    then tells what the first one allocated. Of a name the first 4,096 sections
    of a process are marked. Does nothing without memprof.
    """

    __slots__ = ("name", "_numbers")

    def __init__(self, name: str) -> None:
        self.name = name
        self._numbers: List[int] = []

    def marks(self, number: int) -> Tuple[str, str]:
        """The names of the marks of section `number`."""
        global _suffix
        if _suffix is None:
            _suffix = _find_suffix()
        name = self.name + _suffix
        return "%s:begin-%d" % (name, number), "%s:end-%d" % (name, number)

    def __enter__(self) -> "section":
        agent = _agent.find()
        number = 0
        if agent is not None:
            counter = _counters.get(self.name)
            if counter is None:
                counter = _counters.setdefault(self.name, itertools.count(1))
            number = next(counter)
            if number <= SECTIONS_OF_A_NAME:
                agent.mark(_agent.encode(self.marks(number)[0]))
            else:
                number = 0
        self._numbers.append(number)
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]] = None,
        value: Optional[BaseException] = None,
        traceback: Optional[TracebackType] = None,
    ) -> None:
        number = self._numbers.pop()
        agent = _agent.find()
        if number and agent is not None:
            agent.mark(_agent.encode(self.marks(number)[1]))
