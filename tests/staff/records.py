"""What the tests of this folder stand on: people who belong, their archive items, requests and returns."""

import io
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from app.intake.take import Result
from app.sealing import blind
from app.staff.models import Person
from app.tenancy import reaching
from tests.factories import Make, decision_line, id_number, registration_line, take, unit_code

PEOPLE = "/people/list/?status=all"
NOVEMBER = "2026-11-{:02}T09:00:00+08:00"


def item_line(ref: str, person: int = 1, unit: int = 1, day: int = 5, **changes: Any) -> dict[str, Any]:
    """An archive item of the n-th person in the n-th unit."""
    line = {
        "kind": "archive_item",
        "ref": ref,
        "unit": unit_code(unit),
        "id_number": id_number(person),
        "type": "annual_assessment",
        "data": {"year": 2025, "result": "excellent", "assessed_by": "单位", "proof": [{"file": "proof.png"}]},
        "submitted_at": NOVEMBER.format(day),
    }
    return line | changes


def request_line(ref: str, item: str, day: int = 7) -> dict[str, Any]:
    """A request to have a passed item back."""
    return {"kind": "withdrawal", "ref": ref, "item": item, "reason": "填写有误", "submitted_at": NOVEMBER.format(day)}


def verdict_line(ref: str, kind: str, of: str, verdict: str = "pass", day: int = 6) -> dict[str, Any]:
    """What became of a record."""
    line = decision_line(1, of, verdict, ref=ref, decided_at=NOVEMBER.format(day))
    return line | {"of": {"kind": kind, "ref": of}}


class Records:
    """Takes lines in, with a proof beside them."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.make, self.folder = make, folder
        file = io.BytesIO()
        Image.new("L", (2, 2)).save(file, "PNG")
        (folder / "proof.png").write_bytes(file.getvalue())

    def taken(self, *lines: dict[str, Any]) -> list[Result]:
        """The answers to lines, each in its own transaction."""
        return take(self.make.app, *lines, folder=self.folder)

    def ids(self, *lines: dict[str, Any]) -> list[int]:
        """What good lines became."""
        results = self.taken(*lines)
        assert not [result.errors for result in results if result.errors]
        return [result.id or 0 for result in results]

    def belongs(self, n: int = 1, unit: int = 1, day: int = 2, ref: str = "", **person: Any) -> int:
        """The n-th person registers in the n-th unit and passes on that day; the registration's id."""
        ref = ref or f"R{n}"
        line = registration_line(n, unit_code(unit), person, ref=ref)
        return self.ids(line, verdict_line(f"D-{ref}", "registration", ref, day=day))[0]

    def person(self, n: int = 1) -> int:
        """The id of the n-th person."""
        with self.make.app.app_context():
            index = blind(id_number(n))
        return int(self.make.read(sa.select(Person.id).where(Person.number_index == index))[0][0])


def rows_of(make: Make, model: Any) -> list[Any]:
    """All rows of a table, oldest first."""
    table = model.__table__
    return make.read(reaching(sa.select(table).order_by(table.c.id), "a test looks"))
