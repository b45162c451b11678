"""What the archive's pages say, as short values to compare."""

import html
import re
from typing import Any

from tests.browsing import part, text_of

Tree = dict[str, dict[str, tuple[int, int]]]


def tree_of(answer: Any) -> Tree:
    """The tree: category → type → (all, reviewed)."""
    nav = part(answer, '<nav class="card tree"', "</nav>")
    branches = re.findall(r"<summary>.*?<span>(.*?)</span>.*?</summary>(.*?)</details>", nav.text, flags=re.S)
    return {html.unescape(label): dict(_leaves(inner)) for label, inner in branches}


def _leaves(inner: str) -> list[tuple[str, tuple[int, int]]]:
    found = re.findall(r'<a [^>]*><span>([^<]+)</span><span class="n[^>]*>（([0-9]+)/([0-9]+)）</span>', inner)
    return [(html.unescape(label), (int(every), int(reviewed))) for label, every, reviewed in found]


def category_table(answer: Any) -> dict[str, dict[str, str]]:
    """The table of the archive's start page: category → its numbers by their heads."""
    return {row.pop("类别"): row for row in figure_of(answer, "by-category")}


def figure_of(answer: Any, key: str) -> list[dict[str, str]]:
    """A table of numbers on the archive's start page: its rows, each by the heads of its columns."""
    (whole,) = re.findall(rf'<table class="figures" aria-labelledby="{key}".*?</table>', answer.text, flags=re.S)
    rows = [
        [_plain(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", one, flags=re.S)]
        for one in re.findall(r"<tr>(.*?)</tr>", whole, flags=re.S)
    ]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def facts_of(answer: Any) -> dict[str, tuple[str, str, bool]]:
    """The newest version on a review page: path → (label, value, whether it is marked as changed)."""
    found = re.findall(
        r'<div class="fact [^"]*" id="fact-([^"]+)">\s*<dt>(.*?)</dt>\s*<dd>(.*?)</dd>', answer.text, flags=re.S
    )
    return {path: (_plain(label), _plain(_value(body)), "已修改" in body) for path, label, body in found}


def _value(body: str) -> str:
    return re.split(r'<span class="tag|<p class="', body)[0]


def sections_of(answer: Any) -> dict[str, str]:
    """The sections of a page's material: title → text."""
    found = re.findall(r'<h2 id="part-[0-9]+">(.*?)</h2>(.*?)</section>', answer.text, flags=re.S)
    return {_plain(title): _plain(body) for title, body in found}


def history_of(answer: Any) -> str:
    """The history on a review page."""
    return text_of(part(answer, 'id="history-title"', "</section>"))


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
