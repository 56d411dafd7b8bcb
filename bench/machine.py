"""machine - what the measurements were made on, for the head of the results.

No name of a host and no path: only what a figure can depend on.
"""

import os
import platform
import re
import time


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def now():
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime())


def distribution():
    found = re.search(r'^PRETTY_NAME="?([^"\n]*)', read("/etc/os-release"),
                      re.M)
    return found.group(1) if found else platform.system()


def processor():
    found = re.search(r"^model name\s*:\s*(.*)", read("/proc/cpuinfo"), re.M)
    return found.group(1) if found else platform.machine()


def memory_gib():
    found = re.search(r"^MemTotal:\s*(\d+)", read("/proc/meminfo"), re.M)
    return int(found.group(1)) / 1048576 if found else 0


def header(options, used_tools, used_workloads):
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "virtual": "hypervisor" in read("/proc/cpuinfo"),
        "memory_gib": memory_gib(),
        "system": distribution(),
        "kernel": platform.release(),
        "libc": " ".join(platform.libc_ver()),
        "tools": {tool.name: tool.version for tool in used_tools},
        "workloads": {w.name: w.about for w in used_workloads},
        "repetitions": options.repetitions,
        "scale": options.scale,
        "note": options.note,
        "started": now(),
    }


def describe(header):
    tools = ", ".join(f"{name} {version}" for name, version
                      in header["tools"].items()) or "none"
    virtual = ", virtual" if header["virtual"] else ""
    lines = [
        "# Measured beside other tools", "",
        "Written by `bench/run`; bench/measure.py says how each figure is "
        "got.", "",
        f"- Processor: {header['processor']}, {header['cores']} cores"
        + virtual,
        f"- Memory: {header['memory_gib']:.0f} GiB",
        f"- System: {header['system']}, Linux {header['kernel']}, "
        f"{header['libc']}",
        f"- Tools: {tools}",
        f"- When: {header['started']} to {header['ended'] or '?'} UTC, "
        f"scale {header['scale']:g}",
        *([f"- {header['note']}"] if header["note"] else []),
        "", "| workload | what it does |", "|---|---|"]
    lines += [f"| {name} | {about} |"
              for name, about in header["workloads"].items()]
    return "\n".join(lines) + "\n\n"
