"""measure - run one workload under one tool, once, and say what it used.

How each figure is got (watch.c has the how of the first three):

wall        from the exec of the tool's command to its end: what the user waits
            for, start-up and what the tool does at the end included
cpu         of the program's processes, and apart of all others: collector,
            interpreter, compressor, shell
rss         VmHWM of the program's largest process, shared pages of the tool
            included; helper_rss of the largest other process
pair_*      what the micro benchmark says of itself
events      allocations, frees and reallocations, as memprof counted them
trace       bytes of the files that the tool left
report_*    the tool's own report on them, printed to a file. It runs twice and
            the second counts, so that all it reads is in the page cache
"""

import os
import re
import shutil
import signal
import subprocess

from place import Missing

PAIR = re.compile(r"^ns a pair: wall ([\d.]+) cpu ([\d.]+)$", re.M)


class Watched:
    """What watch.c wrote on one command."""

    def __init__(self, path):
        self.processes = []
        self.wall = self.status = None
        self.reaped = 0
        with open(path) as f:
            for line in f:
                self._read(line.rstrip("\n").split(" ", 5))

    def _read(self, words):
        if words[0] == "command":
            self.status = int(words[2])
            self.wall = int(words[3]) / 1e9
            self.reaped = int(words[4]) / 1e9
        else:
            self.processes.append({
                "pid": int(words[1]), "parent": int(words[2]),
                "cpu": int(words[3]) / 1e9, "rss": int(words[4]) * 1024,
                "exe": words[5]})

    def split(self, program):
        """The program's processes and the tool's: a process is the program's
        when it or an ancestor executed the program. None: all are."""
        if program is None:
            return self.processes, []
        ours, theirs, known = [], [], set()
        for p in self.processes:
            if p["exe"] == program or p["parent"] in known:
                known.add(p["pid"])
                ours.append(p)
            else:
                theirs.append(p)
        return ours, theirs


def watch(place, argv, out, environment=None, cwd=None, drive=None):
    """Run a command to its end. `drive` does its part meanwhile."""
    log = place.path("watch.out")
    with open(out, "wb") as stdout, open(out + ".err", "wb") as stderr:
        process = subprocess.Popen(
            [place.watch, log, *argv], stdin=subprocess.DEVNULL,
            stdout=stdout, stderr=stderr, cwd=cwd or place.directory,
            env={**place.environment, **(environment or {})})
        try:
            if drive:
                drive(place)
            process.wait(place.options.timeout)
        except (subprocess.SubprocessError, OSError) as error:
            # What it watches dies with it.
            process.send_signal(signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                return None, f"took longer than {error.timeout:.0f} s"
            return None, str(error).replace(place.directory, "")
    if process.returncode != 0:
        return None, tail(out + ".err")
    return Watched(log), None


def tail(path):
    with open(path, errors="replace") as f:
        lines = f.read().strip().splitlines()
    return lines[-1] if lines else "no message"


def trace_size(directory):
    return sum(entry.stat().st_size for entry in os.scandir(directory))


def measure(place, tool, workload):
    """One run: a dictionary of plain values, all in s and bytes."""
    traces = place.path("trace")
    shutil.rmtree(traces, ignore_errors=True)
    os.mkdir(traces)
    run = {"tool": tool.name, "workload": workload.name, "failed": None,
           "load": os.getloadavg()[0], "kind": workload.kind,
           "threads": workload.threads}
    walls = []
    for _ in range(workload.times):
        for entry in os.scandir(traces):
            os.unlink(entry.path)
        failed = measure_once(place, tool, workload, run)
        if failed:
            run["failed"] = failed
            return run
        walls.append(run["wall"])
    run["wall"] = sorted(walls)[len(walls) // 2]
    if tool.leaves_trace:
        run["trace"] = trace_size(traces)
        try:
            run.update(tool.facts(place))
            measure_report(place, tool, run)
        except Missing as missing:
            run["failed"] = str(missing)
    return run


def measure_once(place, tool, workload, run):
    """Fills `run`; what went wrong is returned."""
    out = place.path("out")
    command, environment = tool.command(place, workload)
    watched, failed = watch(place, command, out, environment, workload.cwd,
                            workload.drive)
    if failed:
        return failed
    if watched.status != 0:
        return f"exit {watched.status}: {tail(out + '.err')}"
    program = os.path.realpath(workload.argv[0])
    ours, theirs = watched.split(None if tool.is_in_program else program)
    if not ours:
        return "the program was not seen to run"
    run["wall"] = watched.wall
    run["cpu"] = sum(p["cpu"] for p in ours)
    run["helper_cpu"] = sum(p["cpu"] for p in theirs)
    # What a thread forked is not seen itself, but in its parent's sum.
    run["helper_cpu"] += max(0, watched.reaped - run["cpu"]
                             - run["helper_cpu"])
    run["rss"] = max(p["rss"] for p in ours)
    run["helper_rss"] = max((p["rss"] for p in theirs), default=0)
    with open(out, errors="replace") as f:
        pair = PAIR.search(f.read())
    if pair:
        run["pair_wall"], run["pair_cpu"] = map(float, pair.groups())
    return None


def measure_report(place, tool, run):
    for _ in range(2):
        argv = tool.report(place)
        if not argv:
            return
        watched, failed = watch(place, argv, place.path("report"))
        if failed or watched.status:
            run["report_failed"] = failed or f"exit {watched.status}"
            return
    run["report_wall"] = watched.wall
    run["report_rss"] = max(p["rss"] for p in watched.processes)


def describe(run):
    head = f"{run['repetition'] + 1} {run['workload']:14} {run['tool']:14}"
    if run["failed"]:
        return f"{head} failed: {run['failed']}"
    text = f"{head} {run['wall']:8.3f} s, CPU {run['cpu']:.3f}"
    text += f" + {run['helper_cpu']:.3f} s, {run['rss'] >> 10} KiB"
    if "pair_wall" in run:
        text += f", {run['pair_wall']:.1f} ns a pair"
    return text
