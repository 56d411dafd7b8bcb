"""html_parse - a generated page read by html.parser into its text and links.

    html_parse.py ROUNDS
"""

import sys
from html.parser import HTMLParser


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.texts, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        for name, value in attrs:
            if name == "href":
                self.links.append(value)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append(data.strip())


def make_page(rows):
    cells = "".join(
        f'<tr class="row{n % 2}" id="r{n}"><td><a href="/item/{n}?x=1&amp;y=2">'
        f"item {n}</a></td><td>{n * 31 % 997} &euro;</td><!-- {n} -->"
        f'<td><img src="i{n}.png" alt="picture"><br></td></tr>\n'
        for n in range(rows))
    return f"<!DOCTYPE html><html><body><table>{cells}</table></body></html>"


def work(text):
    page = Page()
    page.feed(text)
    page.close()
    return len(page.links) + len("".join(page.texts))


def main():
    text = make_page(400)
    print(sum(work(text) for _ in range(int(sys.argv[1]))))


main()
