"""Sizes to and from text."""

import sys
import unittest
from typing import Any, Dict

from support import SOURCE

sys.path.insert(0, SOURCE)

from memprof import _sizes  # noqa: E402


class Sizes(unittest.TestCase):
    def test_parse(self) -> None:
        right: Dict[Any, int] = {
            "24 MiB": 24 << 20,
            "1.5GiB": 3 << 29,
            "100": 100,
            " 7 B ": 7,
            "2kB": 2000,
            "2 mb": 2000000,
            ".5 KiB": 512,
            4096: 4096,
            1e6: 1000000,
        }
        for given, size in right.items():
            self.assertEqual(_sizes.parse(given), size, given)

    def test_errors(self) -> None:
        wrong: Any = ("", "MiB", "-1", "1 XB", "1 MiB 2", -1, None, True)
        for given in wrong:
            with self.assertRaises(ValueError):
                _sizes.parse(given)

    def test_text(self) -> None:
        for size, text in {
            0: "0 B",
            10239: "10239 B",
            10240: "10.0 KiB",
            117 * 1024: "117 KiB",
            99 << 20: "99.0 MiB",
            -(1 << 40): "-1024 GiB",
            1 << 60: "1048576.0 TiB",
        }.items():
            self.assertEqual(_sizes.text(size), text)


if __name__ == "__main__":
    unittest.main()
