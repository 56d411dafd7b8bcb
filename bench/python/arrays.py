"""arrays - numpy: temporaries of expressions, views, sorts, many small ones.

    arrays.py ROUNDS
"""

import sys

import numpy


def work(number):
    chance = numpy.random.default_rng(number)
    table = chance.random((200, 200))
    scaled = (table - table.mean(axis=0)) / (table.std(axis=0) + 1)
    order = numpy.argsort(scaled, axis=1)
    total = float(numpy.take_along_axis(scaled, order, 1)[:, ::2].sum())
    for row in scaled:
        small = numpy.concatenate([row[:20] * 2, row[-20:]])
        total += float(small[small > 0].sum())
    return total


def main():
    print(sum(work(number) for number in range(int(sys.argv[1]))))


main()
