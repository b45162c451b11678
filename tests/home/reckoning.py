"""单位首页 as it reads, and the same numbers counted in plain Python from everything that is stored."""

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from tests.archive.reading import figure_of
from tests.browsing import part, table
from tests.home.histories import CHINA, Stored, week_start

KINDS = {"registration": "人员注册", "archive_item": "业绩档案", "withdrawal": "撤回申请", "application": "职称申报"}
STATES = ("pending", "passed", "returned", "terminated", "withdrawn")
VERDICTS = ("pass", "return", "terminate")
WEEKS = 12


@dataclass(frozen=True)
class Numbers:
    """Everything that the page says in numbers. Figures are rows of texts, None where there is nothing to draw."""

    waiting: list[int]
    newest: list[tuple[str, str]]  # whose, and when it was submitted
    oldest: list[tuple[str, str]]
    by_kind: list[list[str]]
    by_week: list[list[str]] | None
    waits: list[list[str]] | None


# ---- as the page says it ---------------------------------------------------------------------------------------------


def said(answer: Any) -> Numbers:
    lists = [part(answer, f'aria-labelledby="{key}', "</table>") for key in list_keys(answer)]
    ends = [[(row["申报人"], row["提交时间"]) for row in table(one)] for one in lists]
    return Numbers(
        waiting=[number for _label, number, _text in cards(answer)],
        newest=ends[0] if ends else [],
        oldest=ends[-1] if len(ends) == 2 else [row for one in ends for row in one[::-1]],
        by_kind=_figure(answer, "by-kind") or [],
        by_week=_figure(answer, "by-week"),
        waits=_figure(answer, "waits"),
    )


def list_keys(answer: Any) -> list[str]:
    """What names the tables of what waits: one that has all, or two with the ends."""
    return re.findall(r'<table role="table" class="list" aria-labelledby="([a-z-]+)"', answer.text)


def cards(answer: Any) -> list[tuple[str, int, str]]:
    """The cards: label, number, how long the oldest waits."""
    found = re.findall(
        r'<span class="of">(.*?)</span> <strong[^>]*>(\d+)</strong> <span class="since[^"]*">(.*?)</span>', answer.text
    )
    return [(html.unescape(label), int(number), html.unescape(text)) for label, number, text in found]


def card_links(answer: Any) -> dict[str, str]:
    """kind → where its card leads."""
    return {kind: html.unescape(url) for kind, url in re.findall(r'id="card-([a-z_]+)" href="([^"]+)"', answer.text)}


def _figure(answer: Any, key: str) -> list[list[str]] | None:
    drawn = f'<table class="figures" aria-labelledby="{key}"' in answer.text
    return [[*row.values()] for row in figure_of(answer, key)] if drawn else None


# ---- as it is counted ------------------------------------------------------------------------------------------------


def counted(records: Iterable[Stored], unit: int, now: datetime) -> Numbers:
    """What the page has to say to the unit's administrator."""
    own = [one for one in records if one.row.unit_id == unit]
    waiting = sorted((one for one in own if tab(one) == "pending"), key=lambda one: (one.row.submitted_at, one.row.id))
    ends = [(one.row.person_name, f"{one.row.submitted_at.astimezone(CHINA):%Y-%m-%d %H:%M}") for one in waiting]
    return Numbers(
        waiting=[sum(one.row.kind == kind for one in waiting) for kind in KINDS],
        newest=ends[::-1][:5],
        oldest=ends[:5],
        by_kind=_by_kind(own) if own else [],
        by_week=_by_week(own, now) if own else None,
        waits=_waits(own, waiting, now) if own else None,
    )


def tab(one: Stored) -> str:
    """The tab of the unit's list that a record is on: what it passed on is passed there, wherever it waits now."""
    return "passed" if one.row.status == "pending" and one.row.node != "unit" else one.row.status


def first_week(now: datetime) -> datetime:
    return week_start(now) - timedelta(weeks=WEEKS - 1)


def recent(own: Iterable[Stored], now: datetime) -> list[tuple[Stored, Any]]:
    """The unit's verdicts of the last weeks that stand, each with its record."""
    return [(one, entry) for one in own for entry in one.verdicts("unit") if entry.at >= first_week(now)]


def _by_kind(own: list[Stored]) -> list[list[str]]:
    found = Counter((one.row.kind, tab(one)) for one in own)
    return [[label, *(str(found[kind, state]) for state in STATES)] for kind, label in KINDS.items()]


def _by_week(own: list[Stored], now: datetime) -> list[list[str]] | None:
    found = Counter((week_start(entry.at), entry.step) for _one, entry in recent(own, now))
    weeks = [first_week(now) + timedelta(weeks=n) for n in range(WEEKS)]
    return [[f"{week:%m-%d}", *(str(found[week, step]) for step in VERDICTS)] for week in weeks] if found else None


def _waits(own: list[Stored], waiting: list[Stored], now: datetime) -> list[list[str]] | None:
    rows, verdicts = [], recent(own, now)
    for kind, label in KINDS.items():
        waited = [(entry.at - one.before(entry).at) for one, entry in verdicts if one.row.kind == kind]
        until_now = [now - waits_since(one) for one in waiting if one.row.kind == kind]
        longest = days(max(until_now)) if until_now else "—"
        reviewed = [days(median(waited)), days(max(waited))] if waited else ["—", "—"]
        rows.append([label, str(len(waited)), *reviewed, str(len(until_now)), longest])
    return rows if verdicts or waiting else None


def waits_since(one: Stored) -> datetime:
    """Since when what is pending waits at the unit: since it came, from the applicant or back from a later node. That a
    verdict was given and taken back meanwhile does not make it new."""
    last = one.ledger[-1]
    if last.step == "send_back":
        return last.at
    return [entry.at for entry in one.ledger if entry.step in ("submit", "resubmit")][-1]


def days(length: timedelta) -> str:
    return f"{length.total_seconds() / 86_400:.1f}"
