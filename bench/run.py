"""run - measure memprof beside other memory profilers, and write tables.

Repetitions are the outermost loop, so each median is of runs that are minutes
apart. Within a repetition a workload runs under every tool in turn, between
two runs without any tool; whose turn is first changes from one repetition to
the next. Every ratio and difference is taken within one repetition, against
the mean of those two runs (tables.py).

What was measured is kept run by run in runs.jsonl, as it comes; --from makes
the tables again from such a file, or from several.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

import bars
import machine
import measure
import tables
import tools
import workloads
from place import Missing, Place

QUICK = ["true", "micro-d20", "churn", "py-churn"]
QUICK_TOOLS = ["memprof", "memprof-full"]


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def names(text):
    return [name for name in text.split(",") if name]


def parse_options(argv):
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measure memprof beside what is installed of heaptrack, "
        "memray and valgrind, and beside no tool at all. "
        "Python scripts (py-*) run under what knows Python's lines: memprof "
        "with --python=full and =malloc, memray, tracemalloc.")
    add = parser.add_argument
    add("--quick", action="store_true",
        help="a few seconds: small workloads, one repetition, no other tools")
    add("-n", "--repetitions", type=int, metavar="N",
        help="runs of each workload under each tool (5)")
    add("-t", "--tools", type=names, metavar="LIST",
        help="which tools, separated by commas; see --list")
    add("-w", "--workloads", type=names, metavar="LIST",
        help="which workloads, separated by commas; see --list")
    add("-s", "--scale", type=float, metavar="X",
        help="make the workloads X times as large")
    add("-o", "--output", default=".", metavar="DIR",
        help="where to write results.md, results.csv and runs.jsonl (.)")
    add("--memprof", metavar="PATH",
        help="which memprof (the first of PATH's, else build/release's)")
    add("--heaptrack", metavar="PATH", help="which heaptrack")
    add("--python", default=sys.executable, metavar="PATH",
        help="what runs the Python workloads, and memray and numpy if they "
        "are installed there")
    add("--note", metavar="TEXT",
        help="what the results are to say of the machine's state")
    add("--timeout", type=float, default=120, metavar="S",
        help="what takes longer has failed (120)")
    add("--from", dest="source", action="append", metavar="FILE",
        help="measure nothing: write the tables of this runs.jsonl")
    add("--list", action="store_true",
        help="say which tools and workloads there are")
    options = parser.parse_args(argv)
    if options.repetitions is None:
        options.repetitions = 1 if options.quick else 5
    if options.scale is None:
        options.scale = 0.05 if options.quick else 1
    if options.repetitions < 1 or options.scale <= 0:
        parser.error("there must be something to measure")
    return parser, options


def choose(parser, kind, wanted, known, default):
    """Those that were asked for, which must exist, or the default ones."""
    for name in wanted or []:
        if name not in known:
            parser.error(f"no such {kind}: {name}; there are "
                         + ", ".join(known))
    return [known[name] for name in wanted or default]


def prepare(things, place, asked):
    """Those that can run here; why not is said of the others."""
    ready = []
    for thing in things:
        try:
            thing.prepare(place)
            ready.append(thing)
        except Missing as missing:
            say(f"without {thing.name}: {missing}")
            if asked:
                raise SystemExit(1)
    return ready


def turns(all_tools, repetition):
    """The tools of one repetition; each begins in turn."""
    n = repetition % len(all_tools) if all_tools else 0
    nothing = tools.Nothing()
    return [nothing] + all_tools[n:] + all_tools[:n] + [nothing]


def measure_all(options, place, all_tools, all_workloads, log):
    runs = []
    failed = set()
    for repetition in range(options.repetitions):
        for workload in all_workloads:
            for tool in turns(all_tools, repetition):
                if (tool.name, workload.name) in failed:
                    continue
                if not tool.can_run(workload):
                    continue
                run = measure.measure(place, tool, workload)
                run["repetition"] = repetition
                run["ended"] = machine.now()
                say(measure.describe(run))
                if run["failed"]:
                    failed.add((tool.name, workload.name))
                runs.append(run)
                log.write(json.dumps(run) + "\n")
                log.flush()
    return runs


def write_results(directory, header, runs):
    results = tables.Results(runs)
    header["ended"] = runs[-1].get("ended") if runs else None
    with open(os.path.join(directory, "results.csv"), "w") as f:
        tables.write_csv(results, f)
    with open(os.path.join(directory, "results.md"), "w") as f:
        f.write(machine.describe(header))
        tables.write_markdown(results, f)
        f.write(bars.table(results))
    say("wrote results.md and results.csv to " + directory)


def read_runs(paths):
    """The runs of several files as if of one: repetitions are renumbered."""
    header, runs, base = None, [], 0
    for path in paths:
        with open(path) as f:
            lines = [json.loads(line) for line in f]
        header = header or lines[0]
        for run in lines[1:]:
            run["repetition"] += base
            runs.append(run)
        base = max((run["repetition"] + 1 for run in runs), default=0)
    return header, runs


def show_list(all_tools, all_workloads):
    for title, things in (("tools", all_tools), ("workloads", all_workloads)):
        print(title + ":")
        for thing in things.values():
            print(f"  {thing.name:14} {thing.about}")


def main(argv):
    parser, options = parse_options(argv)
    os.makedirs(options.output, exist_ok=True)
    if options.source:
        header, runs = read_runs(options.source)
        header["note"] = options.note or header.get("note")
        write_results(options.output, header, runs)
        return 0
    all_tools = tools.all_tools()
    all_workloads = workloads.all_workloads()
    if options.list:
        show_list(all_tools, all_workloads)
        return 0
    chosen_tools = choose(parser, "tool", options.tools, all_tools,
                          QUICK_TOOLS if options.quick else tools.DEFAULT)
    chosen = choose(parser, "workload", options.workloads, all_workloads,
                    QUICK if options.quick else all_workloads)
    scratch = tempfile.mkdtemp(prefix="bench-")
    try:
        place = Place(scratch, options)
        ready_tools = prepare(chosen_tools, place, options.tools)
        ready = prepare(chosen, place, options.workloads)
        header = machine.header(options, ready_tools, ready)
        with open(os.path.join(options.output, "runs.jsonl"), "w") as log:
            log.write(json.dumps(header) + "\n")
            runs = measure_all(options, place, ready_tools, ready, log)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    write_results(options.output, header, runs)
    return 1 if any(run["failed"] and run["tool"] in ["none"] + QUICK_TOOLS
                    for run in runs) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
