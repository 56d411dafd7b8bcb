"""tools - the profilers: how each runs a program, and what it leaves.

A tool is itself when it runs as its users run it: heaptrack through its script
and with its interpreter, valgrind through its launcher.
"""

import json
import os
import re
import shutil

from place import HERE, Missing, which

DEFAULT = ["memprof", "memprof-sample", "yardstick", "heaptrack",
           "memray", "memprof-full", "memprof-malloc", "memray-full",
           "memray-malloc", "tracemalloc"]


class Tool:
    name = about = version = ""
    is_in_program = False # it has no process of its own
    leaves_trace = True

    def can_run(self, workload):
        return workload.kind != "script"

    def prepare(self, place):
        """Raise Missing when it can not be used; set `version`."""

    def facts(self, place):
        """What it counted itself."""
        return {}

    def report(self, place):
        return None

    def trace(self, place):
        """The one file in the directory of traces."""
        entries = sorted(os.scandir(place.path("trace")),
                         key=lambda entry: -entry.stat().st_size)
        if not entries:
            raise Missing(self.name + " left no trace")
        return entries[0].path


class Nothing(Tool):
    name = "none"
    about = "no tool at all"
    is_in_program = True
    leaves_trace = False

    def can_run(self, workload):
        return True

    def command(self, place, workload):
        return workload.argv, None


class Memprof(Tool):
    name = "memprof"
    about = "memprof run, every allocation"
    flags = []
    least = 1 << 20 # bytes; lines with less are of no interest

    def prepare(self, place):
        built = os.path.join(HERE, "..", "build", "release", "cli", "memprof")
        path = place.options.memprof or shutil.which("memprof") or built
        if not os.access(path, os.X_OK):
            raise Missing(f"'{os.path.basename(path)}' can not be executed; "
                          "build it, or say --memprof PATH")
        self.path = os.path.realpath(path)
        version = place.run([self.path, "--version"])
        self.version = version.split()[-1]

    def command(self, place, workload):
        return [self.path, "run", "-q", "-f", "-o", place.path("trace/mprof"),
                *self.flags, "--", *workload.argv], None

    def facts(self, place):
        trace = place.path("trace/mprof")
        report = json.loads(place.run(
            [self.path, "report", "--format", "json", "--sort", "allocated",
             "--limit", "0", trace]))
        info = json.loads(place.run([self.path, "info", "--format", "json",
                                     trace]))
        totals, quality = report["totals"], report["quality"]
        return {
            "events": totals["allocations"] + totals["frees"]
            + totals["reallocations"],
            "peak_blocks": totals["peak_blocks"],
            "lost": quality["lost_events"],
            "waits": quality.get("waits", 0),
            "traced_threads": len(info["threads"]),
            "lines": dict(self.line(row) for row in report["rows"]
                          if row["allocated_bytes"] >= self.least),
        }

    @staticmethod
    def line(row):
        """What tells a line from others; its bytes, their standard error."""
        where = [row["module"], row["file"], row["line"], row["function"],
                 row.get("address")]
        return (" ".join(str(part) for part in where),
                [row["allocated_bytes"], row.get("allocated_error", 0)])

    def report(self, place):
        return [self.path, "report", place.path("trace/mprof")]


class Sampled(Memprof):
    name = "memprof-sample"
    about = "memprof run --sample 512KiB"
    flags = ["--sample", "512KiB"]
    least = 1

    def prepare(self, place):
        super().prepare(place)
        if "--sample" not in place.run([self.path, "run", "--help"]):
            raise Missing("this memprof can not sample")


class MemprofPython(Memprof):
    """Side by side with what else knows Python's lines, on the scripts."""

    def __init__(self, what, about):
        self.name = "memprof-" + what
        self.about = f"memprof run --python={what}: {about}"
        self.flags = ["--python=" + what]

    def can_run(self, workload):
        return workload.kind == "script"


class Yardstick(Tool):
    name = "yardstick"
    about = "libunwind's unw_backtrace at each allocation and nothing else"
    is_in_program = True
    leaves_trace = False
    version = "libunwind"

    def prepare(self, place):
        self.path = place.compile("yardstick.c", "-shared", "-fPIC",
                                  "-lunwind", name="yardstick.so")

    def command(self, place, workload):
        return workload.argv, {"LD_PRELOAD": self.path}


class Heaptrack(Tool):
    name = "heaptrack"
    about = "heaptrack, interpreting and compressing as it records"

    def prepare(self, place):
        path = place.options.heaptrack or which("heaptrack")
        if not os.access(path, os.X_OK):
            raise Missing(path + " can not be executed")
        self.path = os.path.realpath(path)
        self.printer = os.path.join(os.path.dirname(self.path),
                                    "heaptrack_print")
        self.version = place.run([self.path, "--version"]).split()[-1]
        # 1.4 has neither.
        known = place.run([self.path, "--help"])
        self.flags = [flag for flag in ("--quiet", "--record-only")
                      if flag in known]

    def command(self, place, workload):
        return [self.path, *self.flags, "-o", place.path("trace/heaptrack"),
                *workload.argv], None

    def report(self, place):
        return [self.printer, "-f", self.trace(place)]


class Memray(Tool):
    name = "memray"
    about = "memray run --native, on Python programs"
    is_in_program = True
    flags = ["--native"]

    def can_run(self, workload):
        return workload.is_python and super().can_run(workload)

    def prepare(self, place):
        self.python = place.options.python
        self.version = place.run([self.python, "-m", "memray", "--version"])
        self.version = self.version.strip()

    def command(self, place, workload):
        return [self.python, "-m", "memray", "run", *self.flags, "-q", "-f",
                "-o", place.path("trace/memray.bin"), *workload.argv[1:]], None

    def report(self, place):
        return [self.python, "-m", "memray", "stats",
                place.path("trace/memray.bin")]


class MemrayPython(Memray):
    """Without native frames. Its report is not waited for: only what it does
    to the program is compared, and reports on millions of objects are long.
    """

    def __init__(self, what, about, *flags):
        self.name = "memray-" + what
        self.about = about
        self.flags = flags

    def can_run(self, workload):
        return workload.kind == "script"

    def report(self, place):
        return None


class Tracemalloc(Tool):
    name = "tracemalloc"
    about = "python -X tracemalloc=25"
    is_in_program = True
    leaves_trace = False

    def can_run(self, workload):
        return workload.kind == "script"

    def prepare(self, place):
        python = place.options.python
        place.run([python, "-X", "tracemalloc=25", "-c", ""])
        self.version = place.run([python, "--version"]).split()[-1]

    def command(self, place, workload):
        return [workload.argv[0], "-X", "tracemalloc=25",
                *workload.argv[1:]], None


class Valgrind(Tool):
    is_in_program = True

    def __init__(self, name, about, *flags):
        self.name = name
        self.about = "valgrind: " + about
        self.flags = flags

    def prepare(self, place):
        self.path = which("valgrind")
        version = place.run([self.path, "--version"])
        self.version = re.sub("^valgrind-", "", version.strip())

    def command(self, place, workload):
        out = place.path("trace/" + self.name)
        flags = [flag.replace("OUT", out) for flag in self.flags]
        return [self.path, "-q", "--tool=" + self.name, *flags,
                *workload.argv], None

    def report(self, place):
        if self.name != "massif":
            return None
        return [which("ms_print"), self.trace(place)]


def all_tools():
    listed = [
        Memprof(), Sampled(), Yardstick(), Heaptrack(), Memray(),
        MemprofPython("full", "small objects too, on scripts"),
        MemprofPython("malloc", "the pools only, on scripts"),
        MemrayPython("full", "memray run --trace-python-allocators",
                     "--trace-python-allocators"),
        MemrayPython("malloc", "memray run"),
        Tracemalloc(),
        Valgrind("massif", "snapshots of the heap", "--massif-out-file=OUT"),
        Valgrind("dhat", "every allocation by stack", "--dhat-out-file=OUT"),
        Valgrind("memcheck", "leaks and errors", "--leak-check=full",
                 "--log-file=OUT"),
    ]
    return {tool.name: tool for tool in listed}
