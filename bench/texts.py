"""texts - the Python program that is measured: JSON, patterns and text.

    texts.py ROUNDS

What it allocates is larger than what Python's own allocator keeps for itself
(512 bytes) often enough for malloc to be busy.
"""

import json
import re
import sys

WORD = re.compile(r"(\w+)-(\d+)")


def make_text(round_number):
    return " ".join(f"word{n * 7919 % 1009}-{n + round_number}"
                    for n in range(4000))


def work(round_number):
    text = make_text(round_number)
    table = {}
    for match in WORD.finditer(text):
        table.setdefault(match.group(1), []).append(int(match.group(2)))
    copy = json.loads(json.dumps(table))
    swapped = WORD.sub(lambda match: match.group(2) * 3, text)
    lines = [swapped[at:at + 700] for at in range(0, len(swapped), 40)]
    return len(copy) + len("\n".join(sorted(lines)))


def main():
    print(sum(work(number) for number in range(int(sys.argv[1]))))


main()
