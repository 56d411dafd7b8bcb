"""
Takes a block of a size of its own at places of many kinds, and notes the stack
that the interpreter says it has there: python-probes.py run NOTES. Then
python-probes.py compare NOTES REPORT looks for each in a report by stack.
"""
import asyncio
import ctypes
import functools
import json
import os
import sys
import threading

LARGE = 100000
SMALL = 300
HEADER = sys.getsizeof(b"")
kept = [None] * 1000
notes = []


def stack(frame):
    found = []
    while frame is not None:
        code = frame.f_code
        name = getattr(code, "co_qualname", code.co_name)
        found.append((os.path.basename(code.co_filename), frame.f_lineno, name))
        frame = frame.f_back
    return found


def probe():
    number = len(notes) // 2
    here = stack(sys._getframe())
    kept[2 * number] = bytes(LARGE + number)
    line = sys._getframe().f_lineno
    kept[2 * number + 1] = bytes(SMALL + number)
    first, rest = here[0], here[1:]
    notes.append([LARGE + number + HEADER,
                  [(first[0], line - 1, first[2])] + rest])
    notes.append([SMALL + number + HEADER,
                  [(first[0], line + 1, first[2])] + rest])
    return number


def nested():
    def outer():
        def inner():
            return probe()
        return inner()
    return outer()


def recursion(depth):
    if depth:
        return recursion(depth - 1)
    return probe()


def generator():
    yield probe()
    yield probe()


def delegating():
    yield from generator()


class Metaclass(type):
    def __new__(cls, name, bases, members):
        probe()
        return super().__new__(cls, name, bases, members)

    def __call__(cls, *args):
        probe()
        return super().__call__(*args)


class Things:
    def __init__(self):
        probe()

    def __len__(self):
        return 0 * probe()

    def __add__(self, other):
        return probe()

    def __getattr__(self, name):
        return probe()

    def __getitem__(self, index):
        return probe()

    def __call__(self):
        return probe()

    def __eq__(self, other):
        return probe() > 0

    def __enter__(self):
        return probe()

    def __exit__(self, *args):
        probe()

    def __iter__(self):
        return generator()

    def __del__(self):
        probe()

    @property
    def value(self):
        return probe()

    @classmethod
    def of_class(cls):
        return probe()

    @staticmethod
    def of_none():
        return probe()


def decorate(function):
    @functools.wraps(function)
    def wrapper(*args):
        probe()
        return function(*args)
    return wrapper


@decorate
def decorated():
    probe()


def key(value):
    probe()
    return value


def exceptions():
    try:
        raise ValueError
    except ValueError:
        probe()
    finally:
        probe()


async def coroutine(depth):
    probe()
    await asyncio.sleep(0)
    probe()
    if depth:
        await coroutine(depth - 1)


async def stream():
    probe()
    yield 1
    await asyncio.sleep(0)
    probe()


async def together():
    async for _ in stream():
        pass
    await asyncio.gather(coroutine(1), coroutine(0))
    return [value async for value in stream()]


def objects():
    things = Things()
    len(things)
    things + things
    things.nothing
    things.value
    things[2]
    things()
    things == 3
    list(things)
    things.of_class()
    things.of_none()
    with things:
        probe()
    del things

    class Made(metaclass=Metaclass):
        pass
    Made()


def callbacks():
    sorted([3, 1], key=key)
    max([1, 2], key=key)
    list(map(key, [1]))
    functools.reduce(lambda a, b: probe(), [1, 2])
    (lambda: probe())()
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    array = (ctypes.c_int * 4)(4, 3, 2, 1)
    ctypes.CDLL(None).qsort(array, 4, 4, compare(lambda a, b: 0 * probe()))


def dynamic():
    exec("probe()\n\n\nprobe()")
    eval("probe()")
    for lines in range(20):
        text = "\n" * lines + "def made():\n  return probe()\nmade()"
        exec(compile(text, "<made%d>" % lines, "exec"), globals())


def thread(function, *args):
    started = threading.Thread(target=function, args=args)
    started.start()
    started.join()


def run():
    def été():
        probe()
    nested()
    recursion(5)
    list(generator())
    list(delegating())
    [probe() for _ in range(2)]
    {probe(): probe() for _ in range(1)}
    list(probe() for _ in range(2))
    objects()
    decorated()
    callbacks()
    exceptions()
    dynamic()
    asyncio.new_event_loop().run_until_complete(together())
    (probe(),
     probe(), [
         probe()])
    été()
    recursion(100)
    sys.setrecursionlimit(10000)
    threading.stack_size(256 << 20)
    thread(probe)
    thread(recursion, 700)


def add(table, frames, calls, size):
    entry = table.setdefault(frames, [0, 0])
    entry[0] += calls
    entry[1] += size


def name_of(name):
    """Before 3.11 code has no qualified name of its own."""
    return name if sys.version_info >= (3, 11) else name.split(".")[-1]


def compare(noted, rows):
    expected, found = {}, {}
    for size, frames in noted:
        add(expected, tuple(map(tuple, frames)), 1, size)
    for row in rows:
        frames = tuple(
            (os.path.basename(f["file"]), f["line"],
             name_of(f["function"]))
            for f in row["frames"]
            if (f["file"] or "").endswith((".py", ">")))
        add(found, frames, row["calls"], row["allocated_bytes"])
    for frames, entry in expected.items():
        if found.get(frames) != entry:
            print("not as it was:", entry, frames[:8], found.get(frames))
    print("%d probes" % len(noted))


if sys.argv[1] == "run":
    run()
    with open(sys.argv[2], "w") as file:
        json.dump(notes, file)
else:
    with open(sys.argv[2]) as first, open(sys.argv[3]) as second:
        compare(json.load(first), json.load(second)["rows"])
