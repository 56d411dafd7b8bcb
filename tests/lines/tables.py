"""Writes the table of lines of every code object of the standard library to
stdout, and the lines that Python itself has for each instruction, as lines.c
reads them: co_positions() from 3.11 on, co_lines() in 3.10, before that
dis.findlinestarts()."""
import array
import dis
import importlib.util
import itertools
import marshal
import os
import sys
import sysconfig
import types

FORM = 0 if sys.version_info < (3, 10) else 1 if sys.version_info < (3, 11) else 2


def code_of(path):
    """As compiled when Python was installed, or compiled now."""
    try:
        with open(importlib.util.cache_from_source(path), "rb") as f:
            data = f.read()
        if data[:4] == importlib.util.MAGIC_NUMBER:
            return marshal.loads(data[16:])
    except (OSError, ValueError, EOFError):
        pass
    try:
        with open(path, "rb") as f:
            return compile(f.read(), path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return None  # the library keeps files that are wrong for its tests


def positions(code):
    rows = itertools.chain.from_iterable(code.co_positions())
    return array.array("i", [-1 if x is None else x for x in rows])


def lines(code):
    units = array.array("i", [-1]) * (len(code.co_code) // 2)
    if FORM == 1:
        for start, end, line in code.co_lines():
            for i in range(start // 2, end // 2):
                units[i] = -1 if line is None else line
        return units
    starts = list(dis.findlinestarts(code)) or [(0, code.co_firstlineno)]
    if starts[0][0] != 0:
        starts.insert(0, (0, code.co_firstlineno))
    ends = [s[0] for s in starts[1:]] + [len(code.co_code)]
    for (start, line), end in zip(starts, ends):
        for i in range(start // 2, end // 2):
            units[i] = line
    return units


def write(out, code):
    table = code.co_lnotab if FORM == 0 else code.co_linetable
    width = 4 if FORM == 2 else 1
    want = positions(code) if FORM == 2 else lines(code)
    head = array.array("i", [FORM, code.co_firstlineno, len(table),
                             len(want) // width, width])
    out.write(head.tobytes() + table + want.tobytes())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            write(out, constant)


def main():
    sys.setrecursionlimit(10000)
    root = sysconfig.get_path("stdlib")
    for directory, subdirectories, names in os.walk(root):
        if os.path.basename(directory) in ("site-packages", "dist-packages"):
            subdirectories[:] = []
            continue
        subdirectories.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                code = code_of(os.path.join(directory, name))
                if code is not None:
                    write(sys.stdout.buffer, code)


main()
