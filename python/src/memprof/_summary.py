"""The summary of a run of tests.

The peaks of tests that have a limit are known. There may be thousands of
others, and to ask the trace about each takes too long. So they are put in order
of how far the heap moved while they ran, of which one plot of the whole run
tells, and the trace is asked about the first of them, until no other one is
likely to come to more.
"""

import bisect
import sys
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from memprof import _limits, _sizes
from memprof._limits import Range
from memprof._live import LiveTrace, quoted

PATIENCE = 10.0  # seconds, for the peaks of tests without a limit


class Ran(NamedTuple):
    """A test that has been run; bytes."""

    nodeid: str
    range: Range
    peak: Optional[int]
    broken: List[str]
    places: List[Tuple[float, str]]
    saved: Optional[str]

    @classmethod
    def of(cls, nodeid: str, facts: Dict[str, Any]) -> "Ran":
        return cls(
            nodeid,
            Range(*facts["range"]),
            facts.get("peak"),
            facts["broken"],
            [(size, name) for size, name in facts["places"]],
            facts.get("saved"),
        )


class _Heap:
    """How much all processes held over time, as high as it was in each step."""

    def __init__(self, trace: LiveTrace) -> None:
        plot = trace.ask("plot")
        points = plot["points"]
        self._marks = {m["name"]: m["time_ns"] for m in plot["marks"]}
        self._times = [p["time_ns"] for p in points] or [-1]
        self._heap = [p["heap_bytes"] for p in points]
        self._highest = [p["heap_highest_bytes"] for p in points]

    def rise(self, r: Range) -> int:
        """How far the heap went up and down meanwhile, in bytes; about.

        Rather more than less: what other workers did is in it, and so is a step
        before and after. Of the last moments nothing is known yet.
        """
        begin, end = self._marks.get(r.begin), self._marks.get(r.end)
        if begin is None or end is None or end > self._times[-1]:
            return sys.maxsize
        first = max(bisect.bisect_left(self._times, begin) - 1, 0)
        last = bisect.bisect_left(self._times, end) + 2
        top: int = max(self._highest[first:last])
        low: int = min(self._heap[first:last])
        return top - low


def _rises(trace: LiveTrace, tests: List[Ran]) -> List[Tuple[int, Ran]]:
    # What was set last must be there before a plot can have it.
    for r in {test.range.pid: test.range for test in tests}.values():
        _limits.peak(trace, r)
    heap = _Heap(trace)
    rises = [(heap.rise(test.range), test) for test in tests]
    return sorted(rises, key=lambda rise: -rise[0])


def _highest(
    trace: LiveTrace, tests: List[Ran], n: int
) -> List[Tuple[int, Ran]]:
    """The n tests, 1 at least, with the highest peaks, while there is time."""
    known = [(t.peak, t) for t in tests if t.peak is not None]
    unknown = [t for t in tests if t.peak is None]
    rises = _rises(trace, unknown) if unknown else []
    deadline = time.monotonic() + PATIENCE
    for asked, (rise, test) in enumerate(rises):
        known.sort(key=lambda found: -found[0])
        if len(known) >= n and known[n - 1][0] >= rise:
            break
        if asked >= n and time.monotonic() > deadline:
            break
        known.append((_limits.peak(trace, test.range), test))
    return sorted(known, key=lambda found: -found[0])[:n]


def _broken(test: Ran) -> List[str]:
    out = ["%s: %s" % (test.nodeid, text) for text in test.broken]
    for size, name in test.places:
        out.append("%12s  %s" % (_sizes.text(size), name))
    return out


def _saved(test: Ran) -> List[str]:
    if test.saved is None:
        return []
    r = test.range
    command = ["memprof", "report", "--pid", str(r.pid)]
    command += ["--from", "mark:" + r.begin, "--to", "mark:" + r.end]
    return [
        "trace of %s: %s" % (test.nodeid, test.saved),
        "    " + quoted(command + [test.saved]),
    ]


def lines(trace: LiveTrace, tests: List[Ran], n: int) -> List[str]:
    """The section as it is printed."""
    out = []
    for test in tests:
        out += _broken(test) + _saved(test)
    top = _highest(trace, tests, n) if n > 0 else []
    if top:
        out.append("%12s  test, highest peaks first" % "peak")
    for peak, test in top:
        out.append("%12s  %s" % (_sizes.text(peak), test.nodeid))
    out.append("trace: %s" % trace.path)
    return out
