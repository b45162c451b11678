"""Makes what an application needs: a unit with its department, a plan, people with a passed item each."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.applications.models import Application, Recommendation
from app.review.models import Submission
from tests.archive.factories import item_line, verdict_line
from tests.factories import Make, decision_line, id_number, ledger, registration_line, take, unit_code

PROVINCE, CITY, COUNTY = "350000", "350100", "350102"
DEPARTMENT = 90  # the n of the competent department's own unit
PROOFS = ("proof-1.pdf", "proof-2.png")
OPEN = {"opens_on": "2026-01-01", "closes_on": "2099-12-31"}


def open_plan_line(code: str = "P1", **changes: Any) -> dict[str, Any]:
    line = {
        "kind": "plan",
        "ref": code,
        "code": code,
        "name": f"{code}评审计划",
        "year": 2026,
        "series": "school_teacher",
        "level": "associate_senior",
        "region": PROVINCE,
        "committee": "福建省中小学教师高级职务评审委员会",
        **OPEN,
    }
    return line | changes


def application_line(n: int = 1, items: list[str] | None = None, unit: int = 1, **changes: Any) -> dict[str, Any]:
    """The n-th person's application, which cites his first item."""
    line = {
        "kind": "application",
        "ref": f"T{n}",
        "unit": unit_code(unit),
        "id_number": id_number(n),
        "plan": "P1",
        "title": "高级教师",
        "specialty": "小学教育",
        "current_title": "一级教师",
        "items": items or [f"A{n}"],
        "attachments": [{"file": PROOFS[0]}],
        "statement": "本人承诺所填内容真实、准确。",
        "submitted_at": "2026-11-10T09:00:00+08:00",
    }
    return line | changes


def recommendation(**changes: Any) -> dict[str, Any]:
    """What the unit says with its pass: complete, the notice over for long."""
    said = {
        "text": "该同志师德高尚，经公示无异议，同意推荐。",
        "notice_from": "2026-10-26",
        "notice_to": "2026-10-30",
        "notice": [{"file": PROOFS[0]}],
        "material": [{"file": PROOFS[1]}],
    }
    return said | changes


OCCUPIED = {"occupies": True, "category": "professional", "level": "p7", "explanation": "占用副高级岗位1个"}
FREE = {"occupies": False, "explanation": "不占用本单位岗位"}


def verdict(n: int, verdict: str = "pass", of: str = "T1", day: int = 11, **changes: Any) -> dict[str, Any]:
    """The n-th decision of the feed, on an application."""
    own = {"ref": f"D{n}-{of}", "of": {"kind": "application", "ref": of}, "opinion": f"{of}的审批意见{n}"}
    return decision_line(verdict=verdict, decided_at=f"2026-11-{day:02d}T12:00:00+08:00") | own | changes


def unit_passes(n: int = 1, of: str = "T1", day: int = 11, institution: bool = True, **changes: Any) -> dict[str, Any]:
    """The unit's pass with a whole recommendation."""
    position = {"position": OCCUPIED} if institution else {}
    return verdict(n, of=of, day=day, recommendation=recommendation(), **position) | changes


def post_approval_line(approved: int = 20, filled: int = 17, unit: int = 1, **changes: Any) -> dict[str, Any]:
    posts = [{"category": "professional", "level": "p7", "approved": approved, "filled": filled}]
    line = {
        "kind": "post_approval",
        "ref": f"G{unit}",
        "unit": unit_code(unit),
        "document_number": "闽人社岗〔2025〕1号",
        "authority": "福建省人力资源和社会保障厅",
        "approved_on": "2025-07-01",
        "total": 120,
        "posts": posts,
        "form": {"file": PROOFS[0]},
    }
    return line | changes


class Stage:
    """A public institution (unit 1) of a county with a competent department, and a company beside it (unit 2)."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.make, self.app, self.folder = make, make.app, folder
        self.department = make.unit(DEPARTMENT, nature="government", region=COUNTY)
        departed = {"competent_department_code": unit_code(DEPARTMENT)}
        self.unit = make.unit(1, nature="public_institution", region=COUNTY, **departed)
        self.company = make.unit(2, region=COUNTY)
        self.taken(open_plan_line())

    def take(self, *lines: dict[str, Any]) -> list[Any]:
        return take(self.app, *lines, folder=self.folder)

    def taken(self, *lines: dict[str, Any]) -> list[int]:
        """The ids of what the lines became."""
        results = self.take(*lines)
        assert all(result.id for result in results), [result.errors for result in results]
        return [result.id for result in results]

    def staff(self, *people: int, unit: int = 1) -> None:
        """People who belong to a unit, each with a passed item."""
        for n in people:
            self.taken(registration_line(n, unit_code(unit)), verdict_line(7000 + n, of=f"R{n}", day=2))
            item = item_line("social_position", n, unit=unit_code(unit), id_number=id_number(n))
            self.taken(item, verdict_line(n, of=f"A{n}"))

    def applying(self, *people: int, unit: int = 1, **changes: Any) -> list[int]:
        """New people of a unit who apply; the ids of their applications."""
        self.staff(*people, unit=unit)
        return self.taken(*(application_line(n, unit=unit, **changes) for n in people))

    def stands(self, pk: int) -> tuple[str, str]:
        """The status and node of a record."""
        return tuple(self.make.read(sa.select(Submission.status, Submission.node).where(Submission.id == pk))[0])

    def steps(self, pk: int) -> list[str]:
        return [entry.step for entry in ledger(self.make, pk)]

    def drafts(self, pk: int) -> list[Recommendation]:
        """What was said of an application, oldest first."""
        query = sa.select(Recommendation).where(Recommendation.application_id == pk).order_by(Recommendation.id)
        return [row[0] for row in self.make.read(query)]

    def cited(self, pk: int) -> dict[str, Any]:
        data = self.make.read(sa.select(Application.data).where(Application.id == pk))[0][0]
        return dict(data["cited"])


def one(make: Make, pk: int, verdict: str = "pass", opinion: str = "同意", **more: Any) -> dict[str, Any]:
    """The form of a review page, as the record now stands."""
    return {"rowid": f"{pk}:{len(ledger(make, pk))}", "single": "1", "verdict": verdict, "opinion": opinion} | more


def back(make: Make, pk: int, status: str = "pending") -> dict[str, Any]:
    return {"rowid": f"{pk}:{len(ledger(make, pk))}", "single": "1", "status": status, "opinion": "看错了"}
