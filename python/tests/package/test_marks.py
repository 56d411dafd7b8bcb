"""Marks, sections, and recording switched off and on."""

import unittest

from support import Case


class Marks(Case):
    def test_nothing_without_memprof(self) -> None:
        output = self.untraced(
            """
            import sys
            import memprof

            assert "ctypes" not in sys.modules
            assert not memprof.is_active()
            memprof.mark("a")
            memprof.start()
            memprof.stop()
            with memprof.section("s"):
                pass
            def f():
                pass
            assert memprof.profile(f) is f
            assert memprof.profile(precision=4)(f) is f
            """
        )
        self.assertEqual(output, "")

    def test_cost_without_memprof(self) -> None:
        # Some 0.1 us each; ten times that would be a symbol looked up each
        # time, and on a busy machine this takes longer.
        seconds = self.untraced(
            """
            import time
            import memprof

            best = 1.0
            for _ in range(20):
                start = time.perf_counter()
                for _ in range(1000):
                    memprof.mark("a")
                best = min(best, time.perf_counter() - start)
            print(best / 1000)
            """
        )
        self.assertLess(float(seconds), 2e-6)

    def test_marks(self) -> None:
        self.traced(
            """
            import memprof

            assert memprof.is_active()
            memprof.mark("a")
            held = bytes(1000000)
            memprof.mark("b")
            memprof.mark("\u00e9" * 200)
            memprof.mark("\\udcff")
            """
        )
        marks = self.marks()
        self.assertEqual(marks[:3], ["a", "b", "\u00e9" * 128])
        self.assertEqual(len(marks), 4)
        totals = self.between("a", "b")
        self.assertEqual(totals["allocations"], 1)
        self.assertAlmostEqual(totals["live_bytes"], 1000000, delta=100)

    def test_sections(self) -> None:
        self.traced(
            """
            import memprof

            for n in range(2):
                with memprof.section("outer"):
                    with memprof.section("inner"):
                        held = bytes(1000000 * (n + 1))
                    with memprof.section("outer"):
                        pass
            try:
                with memprof.section("fails"):
                    raise KeyError
            except KeyError:
                pass
            twice = memprof.section("twice")
            with twice, twice:
                pass
            """
        )
        self.assertEqual(
            self.marks(),
            [
                "outer:begin-1",
                "inner:begin-1",
                "inner:end-1",
                "outer:begin-2",
                "outer:end-2",
                "outer:end-1",
                "outer:begin-3",
                "inner:begin-2",
                "inner:end-2",
                "outer:begin-4",
                "outer:end-4",
                "outer:end-3",
                "fails:begin-1",
                "fails:end-1",
                "twice:begin-1",
                "twice:begin-2",
                "twice:end-2",
                "twice:end-1",
            ],
        )
        totals = self.between("outer:begin-3", "outer:end-3")
        self.assertAlmostEqual(totals["live_bytes"], 2000000, delta=100)

    def test_many_sections(self) -> None:
        self.traced(
            """
            import memprof

            for n in range(5000):
                with memprof.section("often"):
                    pass
            with memprof.section("once"):
                pass
            """
        )
        marks = self.marks()
        self.assertEqual(len(marks), 2 * 4096 + 2)
        self.assertEqual(marks[-3], "often:end-4096")
        self.assertEqual(marks[-1], "once:end-1")

    def test_growth(self) -> None:
        self.traced(
            """
            import memprof

            held = []
            for n in range(12):
                with memprof.section("round"):
                    held.append(bytes(1000000))
            """
        )
        answer = self.report("--growth=round:end")
        self.assertEqual(answer["schema"], "memprof.growth/1")
        self.assertEqual(answer["rows"][0]["trend"], "grows")

    def test_processes(self) -> None:
        pids = self.traced(
            """
            import multiprocessing
            import os
            import memprof

            def work():
                with memprof.section("work"):
                    held = bytes(1000000)
                print(os.getpid(), flush=True)

            if __name__ == "__main__":
                with memprof.section("work"):
                    pass
                child = os.fork()
                if not child:
                    work()
                    os._exit(0)
                os.waitpid(child, 0)
                for method in "fork", "spawn":
                    context = multiprocessing.get_context(method)
                    process = context.Process(target=work)
                    process.start()
                    process.join()
            """
        ).split()
        self.assertEqual(len(pids), 3)
        wanted = ["work:begin-1", "work:end-1"]
        for pid in pids:
            wanted += ["work[%s]:begin-1" % pid, "work[%s]:end-1" % pid]
        self.assertEqual(self.marks(), wanted)

    def test_start_and_stop(self) -> None:
        self.traced(
            """
            import memprof

            memprof.mark("before")
            memprof.stop()
            unseen = bytes(1000000)
            memprof.start()
            seen = bytes(2000000)
            memprof.mark("after")
            """
        )
        self.assertEqual(self.between("before", "after")["allocations"], 1)
        kinds = [mark["kind"] for mark in self.report()["marks"]]
        self.assertEqual(
            kinds, ["mark", "recording stopped", "recording started", "mark"]
        )


if __name__ == "__main__":
    unittest.main()
