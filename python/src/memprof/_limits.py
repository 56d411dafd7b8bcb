"""Limits on the memory of tests: what they say and how they are judged.

limit_memory: the most bytes that blocks allocated by the test's process between
its begin and its end came to, as requested. Blocks that were there before do
not count, nor do those of the processes that the test starts.

limit_leaks: the test is run `warmup` times and then `repeat` times. What of all
these runs is still live after the last one, less what of the warm-up was live
after that, divided by `repeat`. A cache that is filled once, or holds the
latest result, does not grow and is no leak.
"""

from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

from memprof import _sizes
from memprof._live import LiveError, LiveTrace, quoted

ROWS = 10  # places that a message names
SMALL = 0.001  # of all: what is less is not named
QUICK = ("--limit", "1", "--no-symbols")  # when only totals are wanted

Row = Dict[str, Any]
Key = Tuple[Any, ...]


class Range(NamedTuple):
    """Two marks of a process."""

    begin: str
    end: str
    pid: int


class MemoryLimit(NamedTuple):
    """What @pytest.mark.limit_memory says; bytes."""

    limit: int
    said: str
    where: Optional[str]


class LeakLimit(NamedTuple):
    """What @pytest.mark.limit_leaks says; bytes of each run."""

    limit: int
    said: str
    warmup: int
    repeat: int
    where: Optional[str]


class Place(NamedTuple):
    """A line of a message."""

    size: float
    blocks: float
    name: str


class Verdict(NamedTuple):
    """How a limit was kept; bytes."""

    limit: int
    said: str
    size: float
    places: List[Place]
    command: str

    @property
    def is_broken(self) -> bool:
        return self.size > self.limit


def memory_limit(
    limit: Union[int, float, str], *, where: Optional[str] = None
) -> MemoryLimit:
    """Reads the arguments of the mark. Raises ValueError or TypeError."""
    return MemoryLimit(_sizes.parse(limit), _sizes.said(limit), where)


def leak_limit(
    limit: Union[int, float, str],
    *,
    warmup: int = 2,
    repeat: int = 5,
    where: Optional[str] = None,
) -> LeakLimit:
    """Reads the arguments of the mark. Raises ValueError or TypeError."""
    if warmup < 0 or repeat < 1:
        raise ValueError("warmup is at least 0 and repeat at least 1")
    size, said = _sizes.parse(limit), _sizes.said(limit)
    return LeakLimit(size, said, warmup, repeat, where)


def _options(r: Range, where: Optional[str], sort: str) -> List[str]:
    options = ["--from", "mark:" + r.begin, "--to", "mark:" + r.end]
    options += ["--pid", str(r.pid), "--sort", sort]
    return options + ["--where", where] if where else options


def _command(options: List[str], trace: str, end: str) -> str:
    return quoted(["memprof", "report"] + options + [trace + "@mark:" + end])


def _totals(answer: Dict[str, Any]) -> Dict[str, int]:
    totals: Dict[str, int] = answer.get("filtered", answer["totals"])
    return totals


def _key(row: Row) -> Key:
    return tuple(row.get(k) for k in ("function", "file", "line", "module"))


def _place(row: Row) -> str:
    name = row.get("function") or "?"
    if not row.get("file"):
        return "%s  %s" % (name, row.get("module") or "?")
    if row.get("line") is None:
        return "%s  %s" % (name, row["file"])
    return "%s  %s:%s" % (name, row["file"], row["line"])


def _is_off(answer: Dict[str, Any], r: Range) -> bool:
    """Whether recording was off at the begin of the range."""
    off = False
    for one in answer["marks"]:
        if one["name"] == r.begin:
            break
        if one["kind"] != "mark":
            off = one["kind"] == "recording stopped"
    return off


def _ask(
    trace: LiveTrace, r: Range, where: Optional[str], sort: str, *more: str
) -> Dict[str, Any]:
    """The report on what was allocated in a range, as of its end."""
    options = _options(r, where, sort) + list(more)
    answer = trace.ask("report", *options, at="mark:" + r.end)
    if not _totals(answer)["allocations"] and _is_off(answer, r):
        raise LiveError("recording is off")
    return answer


def peak(trace: LiveTrace, r: Range, where: Optional[str] = None) -> int:
    """The peak in bytes of what was allocated in a range."""
    return _totals(_ask(trace, r, where, "peak", *QUICK))["peak_bytes"]


def judge_memory(trace: LiveTrace, limit: MemoryLimit, r: Range) -> Verdict:
    """Asks the trace, twice when the limit is broken."""
    size = peak(trace, r, limit.where)
    options = _options(r, limit.where, "peak")
    command = _command(options, trace.path, r.end)
    if size <= limit.limit:
        return Verdict(limit.limit, limit.said, size, [], command)
    answer = _ask(trace, r, limit.where, "peak", "--limit", str(ROWS))
    places = [
        Place(row["peak_bytes"], row["peak_blocks"], _place(row))
        for row in answer["rows"]
        if row["peak_bytes"] > size * SMALL
    ]
    return Verdict(limit.limit, limit.said, size, places, command)


def _growth(
    before: List[Row], after: List[Row], repeat: int, least: float
) -> List[Place]:
    """The rows that grew by more than `least` a repetition, largest first."""
    old = {_key(row): row for row in before}
    places = []
    for row in after:
        was = old.get(_key(row), {"live_bytes": 0, "live_blocks": 0})
        size = (row["live_bytes"] - was["live_bytes"]) / repeat
        blocks = (row["live_blocks"] - was["live_blocks"]) / repeat
        if size > least:
            places.append(Place(size, blocks, _place(row)))
    return sorted(places, reverse=True)[:ROWS]


def judge_leaks(
    trace: LiveTrace, limit: LeakLimit, warmup: Optional[Range], whole: Range
) -> Verdict:
    """`warmup` and `whole` begin at the same mark."""

    def ask(r: Range, *more: str) -> Dict[str, Any]:
        return _ask(trace, r, limit.where, "live", *more)

    command = _command(
        _options(whole, limit.where, "live"), trace.path, whole.end
    )
    after = _totals(ask(whole, *QUICK))["live_bytes"]
    before = _totals(ask(warmup, *QUICK))["live_bytes"] if warmup else 0
    size = (after - before) / limit.repeat
    if size <= limit.limit:
        return Verdict(limit.limit, limit.said, size, [], command)
    rows = ask(warmup)["rows"] if warmup else []
    places = _growth(rows, ask(whole)["rows"], limit.repeat, size * SMALL)
    return Verdict(limit.limit, limit.said, size, places, command)
