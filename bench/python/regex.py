"""regex - patterns over generated log lines: matches, groups, substitutions.

    regex.py ROUNDS
"""

import re
import sys

LINE = re.compile(r"(?P<ip>\d+(?:\.\d+){3}) - (?P<user>\w+) "
                  r'\[(?P<when>[^]]+)\] "(?P<verb>[A-Z]+) (?P<path>\S+)" '
                  r"(?P<status>\d{3}) (?P<size>\d+)")
WORD = re.compile(r"[a-z]+")
NUMBER = re.compile(r"\d+")


def make_log(lines):
    return [f"10.{n % 7}.{n % 31}.{n % 251} - user{n % 97} "
            f'[{n % 28 + 1}/Nov/2026:10:{n % 60:02}:00] "GET '
            f'/usr/item{n * 7919 % 1009}/page{n % 13}" '
            f"{200 + n % 5} {n * 31 % 90000}" for n in range(lines)]


def work(lines):
    size = 0
    for line in lines:
        found = LINE.match(line).groupdict()
        size += int(found["size"])
        size += len(WORD.findall(found["path"]))
        size += len(NUMBER.sub(lambda number: number.group() * 2, line))
    return size


def main():
    lines = make_log(2000)
    print(sum(work(lines) for _ in range(int(sys.argv[1]))))


main()
