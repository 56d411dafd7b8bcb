"""The decorator: nothing about a function changes but its marks."""

import unittest

from support import Case

SCRIPT = '''
import asyncio
import inspect
import memprof

memprof.install_builtin()

@profile
def add(a, b=2):
    """Adds."""
    return a + b

@memprof.profile(stream=None, precision=4)
def factorial(n):
    return n * factorial(n - 1) if n > 1 else 1

@profile
def fails():
    raise ValueError("no")

@profile
def numbers(n):
    """Sent values come back, KeyError counts."""
    sent = yield "first"
    for i in range(n):
        try:
            sent = yield sent, i
        except KeyError:
            sent = "thrown"
    return "returned"

@profile
async def wait(n):
    await asyncio.sleep(0)
    return n

@profile
async def items(n):
    try:
        for i in range(n):
            try:
                sent = yield i
                if sent:
                    print("sent", sent)
            except KeyError:
                yield "thrown"
    finally:
        print("closed")

class Thing:
    @profile
    def method(self):
        return "method"

    @profile
    @classmethod
    def of_class(cls):
        return cls.__name__

    @staticmethod
    @profile
    def of_none():
        return "static"

async def main():
    print(await asyncio.gather(wait(1), wait(2)))
    print([i async for i in items(3)])
    generator = items(5)
    print(await generator.asend(None), await generator.asend("x"))
    print(await generator.athrow(KeyError))
    await generator.aclose()

print(add(1), add(1, b=3), add.__name__, add.__doc__)
print(factorial(3))
try:
    fails()
except ValueError as error:
    print(error)
generator = numbers(3)
print(next(generator), generator.send("x"), generator.throw(KeyError))
print(list(numbers(2)))
try:
    next(generator)
    next(generator)
except StopIteration as stop:
    print(stop.value)
asyncio.run(main())
print(Thing().method(), Thing.of_class(), Thing.of_none())
print(inspect.iscoroutinefunction(wait), inspect.isasyncgenfunction(items),
      inspect.isgeneratorfunction(numbers))
try:
    memprof.profile(3)
except TypeError:
    pass
'''

NAMES = [
    "add",
    "add",
    "factorial",
    "factorial",
    "factorial",
    "fails",
    "numbers",
    "numbers",
    "wait",
    "wait",
    "items",
    "items",
    "Thing.method",
    "Thing.of_class",
    "Thing.of_none",
]


class Profile(Case):
    def test_same_behaviour(self) -> None:
        expected = self.untraced(SCRIPT)
        self.assertIn("returned", expected)
        self.assertEqual(self.traced(SCRIPT), expected)
        marks = self.marks()
        begins = [name for name in marks if ":begin-" in name]
        self.assertEqual([b[: b.index(":")] for b in begins], NAMES)
        ends = {name for name in marks if ":end-" in name}
        self.assertEqual({b.replace("begin", "end") for b in begins}, ends)

    def test_lines(self) -> None:
        self.traced(
            """
            import memprof

            @memprof.profile
            def work():
                held = bytes(1000000)
                held = None
                held = bytes(2000000)

            work()
            """
        )
        totals = self.between("work:begin-1", "work:end-1")
        self.assertEqual(totals["allocations"], 2)
        self.assertEqual(totals["live_blocks"], 0)
        self.assertAlmostEqual(totals["peak_bytes"], 2000000, delta=100)

    def test_module(self) -> None:
        self.traced(
            """
            import json.decoder
            import memprof

            decode = json.decoder.JSONDecoder.decode
            json.decoder.JSONDecoder.decode = memprof.profile(decode)
            json.loads("{}")
            """
        )
        self.assertEqual(
            self.marks(),
            [
                "json.decoder.JSONDecoder.decode:begin-1",
                "json.decoder.JSONDecoder.decode:end-1",
            ],
        )


if __name__ == "__main__":
    unittest.main()
