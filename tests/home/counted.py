"""The numbers of 辖区总览 counted again in plain Python, from the records and their ledger as tests/home/histories.py
reads them, and what the pages say."""

import html
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tests.home.histories import CHINA, Stored

RESULT = {"pass": "passed", "return": "returned", "send_back": "returned", "terminate": "terminated"}
NODE = {
    "unit": "单位",
    "department": "主管部门",
    "county": "县级人社部门",
    "city": "市级人社部门",
    "province": "省级人社部门",
}
KINDS = ("registration", "archive_item", "withdrawal", "application")


def day(at: Any) -> date:
    return at.astimezone(CHINA).date()


def waiting(records: Sequence[Stored]) -> Counter[tuple[str, str]]:
    """(kind, node) → how many wait, by the newest row of each ledger."""
    newest = [(one.row.kind, one.ledger[-1]) for one in records]
    return Counter((kind, entry.to_node) for kind, entry in newest if entry.to_status == "pending")


def waited(records: Sequence[Stored], end: date) -> Counter[str]:
    """kind → how many waited at the end of a day."""
    found: Counter[str] = Counter()
    for one in records:
        until = [entry for entry in one.ledger if day(entry.at) <= end]
        found[one.row.kind] += bool(until) and until[-1].to_status == "pending"
    return found


def decided(records: Sequence[Stored], today: date, *nodes: str) -> Counter[str]:
    """What the verdicts were that stand, of the 30 days that end today: of all nodes, or of these."""
    verdicts = [entry for one in records for entry in one.ledger if entry.step in RESULT and one.stands(entry)]
    verdicts = [entry for entry in verdicts if entry.node in (nodes or NODE)]
    return Counter(RESULT[one.step] for one in verdicts if today - timedelta(days=29) <= day(one.at))


def oldest(records: Sequence[Stored]) -> Any:
    """Since when the record waits at its unit that waits there longest."""
    there = (one.row for one in records if (one.row.status, one.row.node) == ("pending", "unit"))
    return min((row.decided_at or row.submitted_at for row in there), default=None)


def at_unit(records: Sequence[Stored]) -> Counter[str]:
    """kind → how many wait at their unit."""
    return Counter({kind: number for (kind, node), number in waiting(records).items() if node == "unit"})


def days(records: Sequence[Stored], today: date) -> str:
    """For how many days that one waits, as a page says it without its word."""
    since = oldest(records)
    number = (today - day(since)).days if since else 0
    return "—" if since is None else f"{number} 天" if number else "今天"


# ---- what the page says ----------------------------------------------------------------------------------------------


def gauges(page: Any) -> dict[str, tuple[str, str]]:
    """label → (number, what stands below it)."""
    cards = re.findall(r'<li class="card[^>]*>\s*<h3>(.*?)</h3>(.*?)<p class="hint">(.*?)</p>', page.text, flags=re.S)
    return {label: ("".join(plain(number).split()), plain(hint)) for label, number, hint in cards}


def said_gauges(records: Sequence[Stored], node: str | None, labels: dict[str, str]) -> dict[str, tuple[str, str]]:
    """What the page has to say of each kind that waits."""
    waits = waiting(records)
    said = {}
    for kind, label in labels.items():
        own = node if kind == "application" else None
        rest = [f"{NODE[at]} {waits[kind, at]}" for at in NODE if waits[kind, at] and at != own]
        number = waits[kind, own] if own else sum(waits[kind, at] for at in NODE)
        told = "、".join(rest)
        if own:
            said[label] = (f"{number}件待您审核", f"另有：{told}" if told else "别处没有待审核的")
        else:
            said[label] = (
                f"{number}件待审核",
                (told if kind == "application" or not told else "均在单位") or "没有待审核的材料",
            )
    return said


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())
