"""Sizes in bytes, to and from text."""

import re
from typing import Union

_UNITS = {
    "": 1,
    "B": 1,
    "KIB": 1 << 10,
    "MIB": 1 << 20,
    "GIB": 1 << 30,
    "TIB": 1 << 40,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
}
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([A-Za-z]*)\s*")


def parse(size: Union[int, float, str]) -> int:
    """Bytes of a number, or of a text such as "24 MiB", "1.5 GB" or "100".

    KiB, MiB and GiB are powers of 1024; kB, MB and GB powers of 1000.
    Raises ValueError.
    """
    if isinstance(size, (int, float)) and not isinstance(size, bool):
        if size < 0:
            raise ValueError("a size is not negative: %r" % (size,))
        return int(size)
    found = _SIZE.fullmatch(size) if isinstance(size, str) else None
    unit = _UNITS.get(found.group(2).upper()) if found else None
    if found is None or unit is None:
        raise ValueError('no size: %r; say "24 MiB"' % (size,))
    return int(float(found.group(1)) * unit)


def said(size: Union[int, float, str]) -> str:
    """A size as somebody gave it to parse()."""
    return size if isinstance(size, str) else text(size)


def text(size: float) -> str:
    """A size as memprof and tracemalloc print it: "117 KiB", "1.5 MiB"."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size) < 100 and unit != "B":
            return "%.1f %s" % (size, unit)
        if abs(size) < 10 * 1024:
            return "%.0f %s" % (size, unit)
        size /= 1024
    return "%.1f TiB" % size
