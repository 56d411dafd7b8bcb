"""tree - binary trees of tuples and of lists, made, walked, dropped.

    tree.py ROUNDS
"""

import sys


def make(depth):
    if not depth:
        return (None, None)
    return (make(depth - 1), make(depth - 1))


def count(tree):
    left, right = tree
    return 1 if left is None else 1 + count(left) + count(right)


def insert(node, key):
    while node[0] != key:
        side = 1 if key < node[0] else 2
        if node[side] is None:
            node[side] = [key, None, None]
        node = node[side]


def main():
    nodes = 0
    for number in range(int(sys.argv[1])):
        nodes += count(make(12))
        root = [500 + number % 7, None, None]
        for n in range(1500):
            insert(root, n * 7919 % 10007)
    print(nodes)


main()
