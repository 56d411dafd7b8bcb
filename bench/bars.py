"""bars - what memprof promises, judged by what was measured.

A bar is judged when all it needs was measured, and by the medians. What has no
figure is said to be not judged, never to hold.
"""

import math

from workloads import REAL, SCRIPTS

MIB = 1 << 20
SAMPLE = 512 << 10 # what memprof-sample is told


class Bar:
    """One line: what is asked, what was found, whether it holds (or None)."""

    def __init__(self, measure, bar, found=None, holds=None):
        self.measure, self.bar = measure, bar
        self.found, self.holds = found, holds

    def row(self):
        verdict = "holds" if self.holds else "**fails**"
        return f"| {self.measure} | {self.bar} | {self.found} | {verdict} |\n"


def geometric_mean(values):
    return math.exp(sum(math.log(max(v, 1e-3)) for v in values) / len(values))


def at_most(measure, limit, value, text=None):
    """A bar on a share, a number that is to be no larger than `limit`."""
    bar = f"at most {limit:.3g}"
    if value is None:
        return Bar(measure, bar)
    return Bar(measure, bar, text or f"{value:.3f}", value <= limit)


def share(results, workload, field, other, less=0, own="memprof"):
    """memprof's figure in parts of another tool's; `less` is taken off both.
    None when either is missing."""
    ours = results.median(workload, own, field)
    theirs = results.median(workload, other, field)
    if ours is None or theirs is None or theirs - less <= 0:
        return None
    return (ours - less) / (theirs - less)


def each(results, title, field, other, limit, mean_limit, less=0,
         workloads=REAL):
    """A bar on each workload, and one on the geometric mean of all."""
    found = {}
    for workload in workloads:
        value = share(results, workload, field, other, less)
        if value is not None:
            found[workload] = value
        yield at_most(f"{title}, {workload}, of {other}'s", limit, value)
    if mean_limit:
        complete = found and len(found) == len(list(workloads))
        yield at_most(f"{title}, geometric mean, of {other}'s", mean_limit,
                      geometric_mean(found.values()) if complete else None)


def pair_bars(results):
    for depth in (5, 20, 60):
        name = f"micro-d{depth}"
        yield at_most(f"ns added a pair on the wall, depth {depth}, of "
                      "heaptrack's", 1 / 15,
                      share(results, name, "pair_wall_added", "heaptrack"))
    yield at_most("the same, depth 20, of the yardstick's", 1 / 8,
                  share(results, "micro-d20", "pair_wall_added", "yardstick"))
    yield at_most("the same, depth 20, two threads, of heaptrack's", 1 / 10,
                  share(results, "micro-d20-t2", "pair_wall_added",
                        "heaptrack"))
    one = results.median("micro-d20", "memprof", "pair_wall_added")
    two = results.median("micro-d20-t2", "memprof", "pair_wall_added")
    yield at_most("two threads, each, of one thread's", 1.5,
                  two / one if one and two else None)


def trace_bars(results):
    with_events = [w for w in results.workloads
                   if results.first(w)["kind"] not in ("start", "script")]
    yield from each(results, "bytes of trace an event", "trace", "heaptrack",
                    0.6, 0.5, workloads=with_events)


def report_bars(results):
    for title, field, limit in (("wall", "report_wall", 0.1),
                                ("peak RSS", "report_rss", 1 / 3)):
        for workload in results.workloads:
            if results.first(workload)["kind"] == "script":
                continue
            yield at_most(f"report, {title}, {workload}, of heaptrack_print's",
                          limit, share(results, workload, field, "heaptrack"))


def memory_bars(results):
    for workload in results.workloads:
        added = results.median(workload, "memprof", "rss_added")
        threads = results.median(workload, "memprof", "traced_threads")
        if added is None:
            continue
        limit = 16 * MIB + 65536 * (threads or 1)
        yield Bar(f"RSS added to the program, {workload}",
                  f"at most {limit / MIB:.1f} MiB", f"{added / MIB:.1f} MiB",
                  added <= limit)
    for workload in results.workloads:
        used = results.median(workload, "memprof", "helper_rss")
        blocks = results.median(workload, "memprof", "peak_blocks")
        if used is None or blocks is None:
            continue
        # 48 bytes a stack node come on top; memprof does not say how many
        # nodes there are, so what is above is given in them.
        limit = 64 * MIB + 64 * blocks
        found = f"{used / MIB:.1f} MiB"
        if used > limit:
            found += f": needs {(used - limit) / 48 / 1000:,.0f},000 nodes"
        yield Bar(f"collector's RSS, {workload}",
                  f"at most {limit / MIB:.1f} MiB + 48 B a stack node", found,
                  True if used <= limit else None)


def start_bar(results):
    added = results.median("true", "memprof", "wall_added")
    found = None if added is None else f"{added * 1000:.1f} ms"
    return Bar("`memprof run` on `true`, added", "under 20 ms", found,
               None if added is None else added < 0.02)


def sample_bars(results):
    for workload in REAL:
        ratio = results.median(workload, "memprof-sample", "wall_ratio")
        yield at_most(f"slow-down with --sample 512KiB, {workload}", 0.02,
                      None if ratio is None else ratio - 1)


def is_within(exact, estimate):
    """Whether an estimate is within three standard errors. A line of which no
    sample was taken has no row: its error is that of `exact` bytes."""
    if estimate is None:
        return exact <= 3 * math.sqrt(exact * SAMPLE)
    value, error = estimate
    return abs(value - exact) <= 3 * error


def accuracy_bar(results):
    """Each line over 1 MiB of an exact run, in a sampled run of the same
    repetition. redis is left out: no two of its runs do the same."""
    judged = held = 0
    for workload in [w for w in REAL if w != "redis"]:
        for exact in results.runs_of(workload, "memprof"):
            for sampled in results.runs_of(workload, "memprof-sample"):
                if sampled["repetition"] != exact["repetition"]:
                    continue
                for line, (size, _) in exact["lines"].items():
                    judged += 1
                    held += is_within(size, sampled["lines"].get(line))
    measure = "lines over 1 MiB within 3 standard errors with --sample"
    if not judged:
        return Bar(measure, "at least 0.99")
    return Bar(measure, "at least 0.99",
               f"{held / judged:.4f} of {judged:,}", held >= 0.99 * judged)


def outrun_bars(results):
    """More threads than cores: the collector is behind."""
    workload = "micro-d20-t8"
    lost = results.median(workload, "memprof", "lost")
    waits = results.median(workload, "memprof", "waits")
    yield Bar("events lost when the program outruns the collector", "none",
              None if lost is None else f"{lost:,.0f}, {waits:,.0f} waits",
              None if lost is None else lost == 0)
    yield at_most("slow-down then, of heaptrack's", 1 / 3,
                  share(results, workload, "wall_ratio", "heaptrack", 1))
    total = [run["lost"] for run in results.runs if run.get("lost")]
    runs = [run for run in results.runs if "lost" in run]
    if runs:
        yield Bar("events lost, all runs", "none", f"{sum(total):,.0f}",
                  not total)


def script_bars(results):
    """Against what knows Python's lines, of the same things each."""
    for own, other, title, limit in (
            ("memprof-full", "memray-full",
             "`memray run --trace-python-allocators`'s", 1 / 4),
            ("memprof-full", "tracemalloc", "tracemalloc's, 25 frames", 1 / 6),
            ("memprof-malloc", "memray-malloc", "`memray run`'s", 1 / 3)):
        what = own.replace("memprof-", "--python=")
        for workload in SCRIPTS:
            yield at_most(f"slow-down with {what}, {workload}, of {title}",
                          limit, share(results, workload, "wall_ratio", other,
                                       1, own))


def all_bars(results):
    yield from pair_bars(results)
    yield from each(results, "slow-down", "wall_ratio", "heaptrack", 1 / 4,
                    1 / 6, less=1)
    yield from each(results, "CPU time added", "cpu_ratio", "heaptrack",
                    1 / 2, None, less=1)
    yield from trace_bars(results)
    yield from report_bars(results)
    yield from memory_bars(results)
    yield start_bar(results)
    yield from sample_bars(results)
    yield accuracy_bar(results)
    yield from outrun_bars(results)
    yield from script_bars(results)


def table(results):
    found = list(all_bars(results))
    judged = [bar for bar in found if bar.holds is not None]
    others = [bar for bar in found if bar.holds is None]
    lines = ["## Bars\n\n", "| measure | bar | measured | verdict |\n",
             "|---|---|---|---|\n"]
    lines += [bar.row() for bar in judged]
    held = sum(bar.holds for bar in judged)
    lines.append(f"\n{held} of {len(judged)} that were judged hold.\n")
    if others:
        lines.append("\nNot judged, for want of a figure:\n\n")
        lines += [f"- {bar.measure}: {bar.bar}"
                  + (f" ({bar.found})\n" if bar.found else "\n")
                  for bar in others]
    return "".join(lines)
