"""churn - lists, dicts, sets and tuples that come and go.

    churn.py ROUNDS
"""

import sys


def work(round_number):
    table = {}
    for n in range(4000):
        key = (n * 7919 + round_number) % 1009
        table.setdefault(key, []).append((n, float(n)))
    for key in list(table)[::2]:
        del table[key]
    parts = [set(str(value) for value, _ in values)
             for values in table.values()]
    queue = [[n, {n: str(n)}] for n in range(1000)]
    while len(queue) > 1:
        first, second = queue.pop(), queue.pop()
        queue.append([first[0] + second[0], {**first[1]}])
    return sum(map(len, parts)) + queue[0][0]


def main():
    print(sum(work(number) for number in range(int(sys.argv[1]))))


main()
