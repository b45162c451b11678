"""The forms of 评审计划 as a browser sends them, and what stands beside their fields."""

from typing import Any

import sqlalchemy as sa

from app.applications.models import Application, Plan
from tests.browsing import Browser, value_of
from tests.factories import Make


def row(make: Make, pk: int) -> Any:
    """A plan as it is stored: name, year, series, level, region, committee, window, steps."""
    table = Plan.__table__
    return make.read(sa.select(table).where(table.c.id == pk))[0]


def dues(make: Make) -> set[str]:
    """The last days of all applications."""
    return {due.isoformat() for (due,) in make.read(sa.select(Application.due_on))}


def edit(ops: Browser, pk: int, **changes: str) -> Any:
    """The form of a plan, opened, changed and sent."""
    page = ops.get(f"/plans/edit/{pk}")
    return ops.post(f"/plans/edit/{pk}", sent(page) | changes)


def sent(page: Any) -> dict[str, str]:
    """What the form of a plan carries as it was opened."""
    names = ("name", "year", "series", "level", "region", "committee", "opens_on", "closes_on", "seen")
    return {name: value_of(page, name) for name in names if f' name="{name}"' in page.text}


def errors(page: Any) -> dict[str, str]:
    """What stands beside the fields of a page: field → message."""
    found = {}
    for piece in page.text.split('id="')[1:]:
        name = piece.split('"', 1)[0]
        if name.endswith("-error") and 'role="alert"' in piece.split(">", 1)[0]:
            message = piece.split("</svg>", 1)[1].split("</p>", 1)[0]
            found[name.removeprefix("plan-").removesuffix("-error")] = message
    return found


def closing(ops: Browser, pk: int, step: str = "close", **form: str) -> Any:
    """The dialog of a step, sent."""
    seen = value_of(ops.get(f"/plans/show/{pk}"), "seen")
    return ops.post(f"/plans/{step}/{pk}", {"seen": seen, "sure": "1", **form})
