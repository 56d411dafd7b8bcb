"""What the plugin does with each test while memprof records.

A test is run by its runtest(). That is where the marks are set and the limits
judged: inside of what fixtures and other plugins do around a test, and where a
failure is the test's own.
"""

import gc
import os
import re
from typing import Any, Callable, Dict, Generator, List, Optional, Set

import pytest

from memprof import _limits, _sizes, _summary
from memprof._limits import LeakLimit, MemoryLimit, Range, Verdict
from memprof._live import LiveError, LiveTrace
from memprof._sections import mark, section

MARKED_TESTS = 20_000  # without a limit; a trace keeps 65,536 marks
NAME_BYTES = 200  # of a test, in the name of a mark
PLACES = 3  # that the summary names of a test
FILE_NAME_SIZE = 150  # characters of a test, in the name of a file

Facts = Dict[str, Any]
Hook = Generator[None, Any, None]


def _mark_name(nodeid: str) -> str:
    """A test in the name of a mark: short, and without what @WHEN means."""
    name = re.sub(r"[@\x00-\x1f\x7f]", "_", nodeid)
    text = name.encode("utf-8", "surrogateescape")
    if len(text) <= NAME_BYTES:
        return name
    half = NAME_BYTES // 2
    return "%s...%s" % (
        text[:half].decode("utf-8", "ignore"),
        text[-half:].decode("utf-8", "ignore"),
    )


class _Run(section):
    """One or more runs of a test. `range` is where they lie in the trace."""

    __slots__ = ("range",)

    def __enter__(self) -> "_Run":
        super().__enter__()
        begin, end = self.marks(self._numbers[-1])
        self.range = Range(begin, end, os.getpid())
        return self


def _memory_limit(
    item: pytest.Item, default: Optional[str]
) -> Optional[MemoryLimit]:
    found = item.get_closest_marker("limit_memory")
    if found is not None:
        return _limits.memory_limit(*found.args, **found.kwargs)
    return _limits.memory_limit(default) if default else None


def _leak_limit(item: pytest.Item) -> Optional[LeakLimit]:
    found = item.get_closest_marker("limit_leaks")
    if found is None:
        return None
    return _limits.leak_limit(*found.args, **found.kwargs)


def _message(name: str, verdict: Verdict) -> str:
    what = {
        "limit_memory": "the test came to",
        "limit_leaks": "each repetition left",
    }[name]
    return "%s: limited to %s, but %s %s (%s bytes)" % (
        name,
        verdict.said,
        what,
        _sizes.text(verdict.size),
        "{:,.0f}".format(verdict.size),
    )


def _table(verdict: Verdict) -> str:
    lines = ["%12s %10s  %s" % ("bytes", "blocks", "place")]
    for place in verdict.places:
        lines.append(
            "%12s %10s  %s"
            % (
                _sizes.text(place.size),
                "{:,.10g}".format(round(place.blocks, 1)),
                place.name,
            )
        )
    return "\n".join(lines + ["", verdict.command])


class Plugin:
    """Registered while memprof records this process."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self._default: Optional[str] = option.memprof_limit
        self._directory: Optional[str] = option.memprof_traces
        self._top: int = option.memprof_top
        self._trace: Optional[LiveTrace] = None
        self._facts: Dict[str, Facts] = {}  # of tests that are being run
        self._done: List[_summary.Ran] = []
        self._marked = 0
        self._files: Set[str] = set()

    def _live(self) -> LiveTrace:
        if self._trace is None:
            self._trace = LiveTrace()
        return self._trace

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Hook:
        """Has _run() called instead of the test's own runtest()."""
        original = item.runtest
        item.__dict__["runtest"] = lambda: self._run(item, original)
        yield
        del item.__dict__["runtest"]

    def _run(self, item: pytest.Item, runtest: Callable[[], None]) -> None:
        try:
            memory = _memory_limit(item, self._default)
            leaks = _leak_limit(item)
        except (TypeError, ValueError) as error:
            pytest.fail("memprof: %s" % error, pytrace=False)
        if memory is None and leaks is None:
            self._marked += 1
            if self._marked > MARKED_TESTS:
                runtest()
                return
        facts: Facts = {"sections": [], "broken": [], "places": []}
        self._facts[item.nodeid] = facts
        if leaks is None:
            self._run_once(item, runtest, facts)
        else:
            self._repeat(item, runtest, leaks, facts)
        if memory is not None:
            self._judge_memory(item, memory, facts)
        if facts["broken"]:
            pytest.fail("\n".join(facts["broken"]), pytrace=False)

    def _run_once(
        self, item: pytest.Item, runtest: Callable[[], None], facts: Facts
    ) -> None:
        run = _Run(_mark_name(item.nodeid))
        try:
            with run:
                runtest()
        finally:
            facts["range"] = list(run.range)

    def _repeat(
        self,
        item: pytest.Item,
        runtest: Callable[[], None],
        limit: LeakLimit,
        facts: Facts,
    ) -> None:
        """The first run is the one that limit_memory is about."""
        whole = _Run(_mark_name(item.nodeid) + ":repeated")
        warm: Optional[Range] = None
        with whole:
            for n in range(limit.warmup + limit.repeat):
                if n and n == limit.warmup:
                    gc.collect()
                    name = whole.range.begin.replace(":begin-", ":warm-")
                    warm = whole.range._replace(end=name)
                    mark(name)
                if n:
                    runtest()
                else:
                    self._run_once(item, runtest, facts)
            gc.collect()
        verdict = self._ask(
            lambda: _limits.judge_leaks(self._live(), limit, warm, whole.range)
        )
        size = round(verdict.size)
        item.user_properties.append(("memprof_leaked_bytes", size))
        self._note("limit_leaks", verdict, facts)

    def _judge_memory(
        self, item: pytest.Item, limit: MemoryLimit, facts: Facts
    ) -> None:
        run = Range(*facts["range"])
        verdict = self._ask(
            lambda: _limits.judge_memory(self._live(), limit, run)
        )
        size = round(verdict.size)
        item.user_properties.append(("memprof_peak_bytes", size))
        if limit.where is None:
            facts["peak"] = size
        self._note("limit_memory", verdict, facts)

    def _ask(self, question: Callable[[], Verdict]) -> Verdict:
        """A limit that nobody can judge is not one that was kept."""
        try:
            return question()
        except LiveError as error:
            pytest.fail(
                "memprof could not judge the test's limit: %s" % error,
                pytrace=False,
            )

    def _note(self, name: str, verdict: Verdict, facts: Facts) -> None:
        if verdict.is_broken:
            facts["broken"].append(_message(name, verdict))
            facts["places"] += [
                [place.size, place.name] for place in verdict.places[:PLACES]
            ]
            facts["sections"].append(("memprof " + name, _table(verdict)))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: "pytest.CallInfo[None]"
    ) -> Hook:
        """What is known of the test goes with its report."""
        outcome = yield
        report = outcome.get_result()
        if call.when != "call":
            return
        facts = self._facts.pop(item.nodeid, None)
        if facts is None or "range" not in facts:
            return
        report.sections.extend(facts.pop("sections"))
        if not report.failed:  # or it was expected to
            facts["broken"], facts["places"] = [], []
        elif self._directory:
            facts["saved"] = self._save(item, Range(*facts["range"]))
        report.memprof = facts

    def _save(self, item: pytest.Item, run: Range) -> str:
        """Copies the trace, and gives where to or why not."""
        assert self._directory is not None
        name = re.sub(r"[^\w.-]+", "_", item.nodeid)[-FILE_NAME_SIZE:]
        path, n = os.path.join(self._directory, name), 1
        while path in self._files:
            n += 1
            path = "%s-%d" % (os.path.join(self._directory, name), n)
        self._files.add(path)
        try:
            os.makedirs(self._directory, exist_ok=True)
            _limits.peak(self._live(), run)  # waits for the mark
            self._live().copy(path + ".mprof")
        except (LiveError, OSError) as error:
            return "not saved: %s" % error
        return path + ".mprof"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        facts = getattr(report, "memprof", None)
        if facts is not None:
            self._done.append(_summary.Ran.of(report.nodeid, facts))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._done:
            return
        terminalreporter.section("memprof")
        try:
            lines = _summary.lines(self._live(), self._done, self._top)
        except LiveError as error:
            lines = ["no summary: %s" % error]
        for line in lines:
            terminalreporter.write_line(line)
