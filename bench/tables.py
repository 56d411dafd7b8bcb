"""tables - medians of what was measured, as Markdown and CSV.

The base of a repetition is the mean of its two runs without a tool. Ratios and
differences are taken to that base, and the median of the repetitions is shown.
"""

import csv
import statistics

# What CSV has of each workload and tool; a header line names them.
FIELDS = ["wall", "cpu", "helper_cpu", "rss", "helper_rss", "trace", "events",
          "pair_wall", "pair_cpu", "report_wall", "report_rss", "lost",
          "waits", "load"]
RATIOS = ["wall_ratio", "cpu_ratio", "rss_added", "pair_wall_added",
          "pair_cpu_added", "bytes_per_event"]

# Tools that count all events.
EXACT = ["memprof", "memprof-full", "memprof-malloc"]


def mean(values):
    return sum(values) / len(values)


class Results:
    """All runs, and medians of any figure of them by workload and tool."""

    def __init__(self, runs):
        self.runs = runs
        self.workloads = list(dict.fromkeys(r["workload"] for r in runs))
        self.tools = list(dict.fromkeys(
            r["tool"] for r in runs if r["tool"] != "none"))
        self.good = {}
        self.failures = {}
        for run in runs:
            key = run["workload"], run["tool"]
            if run["failed"]:
                self.failures[key] = run["failed"]
            else:
                self.good.setdefault(key, []).append(run)

    def runs_of(self, workload, tool):
        return self.good.get((workload, tool), [])

    def first(self, workload):
        """What is the same for all runs of a workload."""
        return next(r for r in self.runs if r["workload"] == workload)

    def base(self, workload, repetition, field):
        values = [r[field] for r in self.runs_of(workload, "none")
                  if r["repetition"] == repetition and field in r]
        return mean(values) if values else None

    def values(self, workload, tool, field):
        """One figure for each run that has it."""
        found = [self.value(run, field)
                 for run in self.runs_of(workload, tool)]
        return [value for value in found if value is not None]

    def value(self, run, field):
        workload, repetition = run["workload"], run["repetition"]
        if field == "bytes_per_event":
            events = (self.median(workload, "memprof", "events")
                      or run.get("events"))
            return run["trace"] / events if events and "trace" in run else None
        if field == "helper_ns":
            events = run.get("events")
            return 1e9 * run["helper_cpu"] / events if events else None
        if field == "cpu_ratio":
            base = self.base(workload, repetition, "cpu")
            return (run["cpu"] + run["helper_cpu"]) / base if base else None
        kind = field.rsplit("_", 1)[-1]
        if kind not in ("ratio", "added"):
            return run.get(field)
        field = field[:-len(kind) - 1]
        base = self.base(workload, repetition, field)
        if base is None or field not in run:
            return None
        return run[field] / base if kind == "ratio" else run[field] - base

    def median(self, workload, tool, field):
        values = self.values(workload, tool, field)
        return statistics.median(values) if values else None

    def noise(self):
        """How far the two runs without a tool were apart: median, worst."""
        ratios = []
        for workload in self.workloads:
            for repetition in {r["repetition"] for r in self.runs}:
                pair = [r["wall"] for r in self.runs_of(workload, "none")
                        if r["repetition"] == repetition]
                if len(pair) == 2:
                    ratios.append(max(pair) / min(pair) - 1)
        return (statistics.median(ratios), max(ratios)) if ratios else None


def write_csv(results, file):
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["workload", "tool", "runs", "failed"] + FIELDS + RATIOS
                    + ["wall_ratio_min", "wall_ratio_max"])
    for workload in results.workloads:
        for tool in ["none"] + results.tools:
            runs = results.runs_of(workload, tool)
            failed = results.failures.get((workload, tool))
            if not runs and not failed:
                continue
            row = [results.median(workload, tool, field)
                   for field in FIELDS + RATIOS]
            ratios = results.values(workload, tool, "wall_ratio")
            row += [min(ratios), max(ratios)] if ratios else ["", ""]
            row = [f"{x:.6g}" if isinstance(x, float) else x for x in row]
            writer.writerow([workload, tool, len(runs), failed or ""] + row)


def mib(value):
    return f"{value / 1048576:.1f}"


def millions(value):
    return f"{value / 1e6:.3g} M"


def two(value):
    return f"{value:.2f}"


def three(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cell(results, workload, tool, columns):
    values = [results.median(workload, tool, field) for field, _ in columns]
    if (workload, tool) in results.failures:
        return "fails"
    if all(value is None for value in values):
        return ""
    return " / ".join("-" if value is None else show(value)
                      for value, (_, show) in zip(values, columns))


def write_table(results, file, title, note, workloads, tools, columns):
    """A row for each workload; for each tool a cell of `columns`: pairs of a
    field and what prints it. Rows and columns without a figure are left out.
    """
    cells = {(w, t): cell(results, w, t, columns)
             for w in workloads for t in tools}
    tools = [t for t in tools if any(cells[w, t] for w in workloads)]
    workloads = [w for w in workloads if any(cells[w, t] for t in tools)]
    if not workloads:
        return
    file.write(f"## {title}\n\n{note}\n\n")
    file.write("| workload | " + " | ".join(tools) + " |\n")
    file.write("|---" * (1 + len(tools)) + "|\n")
    for w in workloads:
        row = [w] + [cells[w, t] for t in tools]
        file.write("| " + " | ".join(row) + " |\n")
    file.write("\n")


def write_markdown(results, file):
    every, tools = results.workloads, results.tools
    micro = [w for w in every if results.first(w)["kind"] == "micro"]

    def table(title, note, workloads, of_tools, *columns):
        write_table(results, file, title, note, workloads, of_tools, columns)

    table("No tool", "Wall s / CPU s / peak RSS MiB.", every, ["none"],
          ("wall", three), ("cpu", three), ("rss", mib))
    table("Nanoseconds per pair of malloc and free, no tool",
          "Within the loop, per thread: on the wall / CPU of the thread.",
          micro, ["none"], ("pair_wall", three), ("pair_cpu", three))
    table("Nanoseconds added per pair of malloc and free",
          "On the wall / CPU of the thread.",
          micro, tools, ("pair_wall_added", three), ("pair_cpu_added", three))
    table("Slow-down", "Wall of the whole command, in times of no tool's.",
          every, tools, ("wall_ratio", two))
    table("CPU time", "All processes in times of no tool's / s of the program "
          "/ s of the tool's own processes.", every, tools,
          ("cpu_ratio", two), ("cpu", three), ("helper_cpu", three))
    table("Memory", "Peak RSS, MiB: added to the program / of the largest of "
          "the tool's own processes.", every, tools,
          ("rss_added", mib), ("helper_rss", mib))
    table("Trace", "Bytes / bytes an event. Events are those that memprof "
          "counted: allocations, frees, reallocations.", every, tools,
          ("trace", str_int), ("bytes_per_event", three))
    table("Report", "The tool's own text report, a second time: wall s / peak "
          "RSS MiB.", every, tools, ("report_wall", three),
          ("report_rss", mib))
    table("Events", "Heap events / peak of live blocks / ns of the "
          "collector's CPU an event / waits of the program for it / events "
          "lost.", every,
          [t for t in tools if t in EXACT], ("events", millions),
          ("peak_blocks", str_int), ("helper_ns", three), ("waits", str_int),
          ("lost", str_int))
    write_notes(results, file)


def str_int(value):
    return f"{value:,.0f}"


def write_notes(results, file):
    counts = [len(runs) for (_, tool), runs in results.good.items()
              if tool != "none"]
    loads = [run["load"] for run in results.runs]
    file.write("## Noise\n\n")
    if counts:
        file.write(f"Medians of {min(counts)} to {max(counts)} runs. ")
    file.write(f"Load average before a run: {min(loads):.1f} / "
               f"{statistics.median(loads):.1f} / {max(loads):.1f} (least / "
               "median / most).\n")
    noise = results.noise()
    if noise:
        file.write("The two runs without a tool of one repetition differ by "
                   f"{noise[0]:.0%} at the median, {noise[1]:.0%} at worst.\n")
    for (workload, tool), why in results.failures.items():
        file.write(f"\n{tool} on {workload}: {why}\n")
    for run in results.runs:
        if run.get("lost"):
            file.write(f"\n{run['tool']} on {run['workload']}, repetition "
                       f"{run['repetition'] + 1}: {run['lost']:,} events "
                       "lost\n")
    file.write("\n")
