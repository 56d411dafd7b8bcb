"""json_text - documents written and read by json.

    json_text.py ROUNDS
"""

import json
import sys


def make_document(number):
    return {"id": number, "tags": [f"tag{n}" for n in range(12)],
            "rows": [{"key": n, "name": f"name {n * number % 997}",
                      "price": n / 7, "sold": n % 3 == 0, "next": None}
                     for n in range(200)]}


def work(number):
    text = json.dumps(make_document(number))
    copy = json.loads(text)
    pretty = json.dumps(copy, indent=1, sort_keys=True)
    return len(text) + len(pretty) + len(json.loads(pretty)["rows"])


def main():
    print(sum(work(number) for number in range(int(sys.argv[1]))))


main()
