"""memprof's agent in this process, found through ctypes.

The agent is a library that ``memprof run`` preloads. It exports one symbol, a
table of functions (``preload/memprof.h`` in memprof's sources), and that symbol
is there only while the process is traced. It may also come later, with
``memprof attach``, so a process that has none looks again, but not more than
ten times a second: a call without memprof costs a look at the clock.

ctypes is imported at the first look and not before.
"""

import time
from typing import Any, Callable, Optional

LOOK_EVERY = 0.1  # seconds
NAME_BYTES = 256  # longer names of marks are cut by the agent

_FUNCTIONS = ("mark", "start", "stop", "alloc", "free")


class Agent:
    """The agent's functions; they neither allocate nor block for long."""

    __slots__ = ("mark", "start", "stop")

    def __init__(
        self,
        mark: Callable[[bytes], None],
        start: Callable[[], None],
        stop: Callable[[], None],
    ) -> None:
        self.mark = mark
        self.start = start
        self.stop = stop


def _look() -> Optional[Agent]:
    """The agent, or None when its symbol is not in this process."""
    try:
        import ctypes
    except ImportError:  # an interpreter that was built without libffi
        return None

    class Table(ctypes.Structure):
        _fields_ = [("size", ctypes.c_size_t)] + [
            (name, ctypes.c_void_p) for name in _FUNCTIONS
        ]

    try:
        table: Any = Table.in_dll(ctypes.PyDLL(None), "memprof_agent_api")
    except (OSError, ValueError):
        return None
    if table.size < Table.alloc.offset:
        return None
    # PYFUNCTYPE keeps the interpreter's lock: the calls are as short as malloc.
    plain = ctypes.PYFUNCTYPE(None)
    return Agent(
        ctypes.PYFUNCTYPE(None, ctypes.c_char_p)(table.mark),
        plain(table.start),
        plain(table.stop),
    )


_agent: Optional[Agent] = None
_next_look = 0.0


def find() -> Optional[Agent]:
    """The agent, or None while this process is not traced."""
    global _agent, _next_look
    if _agent is not None:
        return _agent
    now = time.monotonic()
    if now < _next_look:
        return None
    _agent = _look()
    _next_look = now + LOOK_EVERY
    return _agent


def encode(name: str) -> bytes:
    """A mark's name as the agent takes it, cut between two characters."""
    text = name.encode("utf-8", "surrogateescape")
    if len(text) > NAME_BYTES:
        text = text[:NAME_BYTES].decode("utf-8", "ignore").encode("utf-8")
    return text
