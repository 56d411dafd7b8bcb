"""classes - instances with a __dict__, with __slots__, and dataclasses.

    classes.py ROUNDS
"""

import sys
from dataclasses import dataclass, replace


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


class Slotted:
    __slots__ = ("x", "y", "name")

    def __init__(self, x, y, name):
        self.x, self.y, self.name = x, y, name


@dataclass
class Order:
    number: int
    total: float
    lines: list


def work(round_number):
    points = [Point(float(n), n * 1000) for n in range(1500)]
    total = Point(0.0, 0)
    for point in points:
        total = total + point
    slotted = [Slotted(n, n + 1, f"name{n}") for n in range(1500)]
    orders = [Order(n, n / 3, [n, n + 1]) for n in range(700)]
    orders = [replace(order, total=order.total * 2) for order in orders]
    return total.x + slotted[-1].x + orders[-1].total + round_number


def main():
    print(sum(work(number) for number in range(int(sys.argv[1]))))


main()
