"""Makes what tests stand on: lines of the feed with right codes and check characters, and rows in a database."""

import copy
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from stdnum.cn import ric, uscc
from werkzeug.security import generate_password_hash

from app import clock
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.audit import AuditEntry
from app.extensions import begin_write
from app.intake.files import Folder
from app.intake.take import Result, take_line
from app.review.models import Decision, Submission, Version
from app.sealing import Number, blind, digest
from app.staff.models import Person, Registration
from app.tenancy import bulk_insert, everything, reaching
from app.units.models import Unit


def id_number(n: int) -> str:
    """The n-th resident ID number, with a right check character."""
    body = f"350102{1960 + n // 10000 % 40}{n // 1000 % 10 + 1:02d}15{n % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


def mobile(n: int) -> str:
    return f"138{n:08d}"


def unit_code(n: int) -> str:
    body = f"91350102M{n:08d}"
    return body + uscc.calc_check_digit(body + "0")


def unit_line(n: int = 1, **changes: Any) -> dict[str, Any]:
    line = {
        "kind": "unit",
        "ref": f"U{n}",
        "code": unit_code(n),
        "name": f"单位{n}",
        "nature": "private_enterprise",
        "region": "350102",
        "legal_representative": "王法人",
        "legal_representative_id": id_number(900_000 + n),
        "contact": "李联系",
        "mobile": mobile(90_000_000 + n),
        "address": "五四路1号",
        "postal_code": "350001",
        "telephone": "0591-87556301",
        "email": "hr@example.cn",
        "industry": "教育",
        "competent_department": "区教育局",
        "staff_count": 60,
        "professional_count": 5,
    }
    return line | changes


def registration_line(
    n: int = 1, unit: str = "", person: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """The n-th person's registration; `person` changes his facts."""
    facts = {
        "name": f"人员{n}",
        "gender": "1",
        "id_type": "resident_id",
        "id_number": id_number(n),
        "mobile": mobile(n),
        "political_status": "13",
        "email": f"p{n}@example.cn",
    }
    line = {
        "kind": "registration",
        "ref": f"R{n}",
        "unit": unit or unit_code(1),
        "person": facts | (person or {}),
        "submitted_at": "2026-11-01T09:00:00+08:00",
    }
    return line | changes


def decision_line(n: int = 1, of: str = "R1", verdict: str = "return", **changes: Any) -> dict[str, Any]:
    line = {
        "kind": "decision",
        "ref": f"D{n}",
        "of": {"kind": "registration", "ref": of},
        "verdict": verdict,
        "opinion": "材料不清晰",
        "decided_at": "2026-11-02T09:00:00+08:00",
        "by": "历史数据",
    }
    return line | changes


def changed(line: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a line with the value at a dotted path changed."""
    line = copy.deepcopy(line)
    *groups, name = path.split(".")
    place = line
    for group in groups:
        place = place[group]
    place[name] = value
    return line


def take(app: Flask, *lines: dict[str, Any] | bytes, folder: Path | None = None) -> list[Result]:
    """Take lines in, each in its own transaction, their files from a folder; answers their results."""
    results = []
    beside = Folder(folder.resolve()) if folder else None
    with app.app_context(), everything("tests") as session:
        for line in lines:
            begin_write(session)
            raw = line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()
            results.append(take_line(session, raw, beside))
            session.commit()
    return results


class Make:
    """Makes rows in the database of an app."""

    def __init__(self, app: Flask, password: str) -> None:
        self.app = app
        self.hashed = generate_password_hash(password, method="pbkdf2:sha256:1000")  # cheap on purpose

    def taken(self, line: dict[str, Any]) -> int:
        """A line taken in; the id of what it became."""
        (result,) = take(self.app, line)
        assert result.id is not None, result.errors
        return result.id

    def unit(self, n: int = 1, **changes: Any) -> int:
        return self.taken(unit_line(n, **changes))

    def registration(self, n: int = 1, unit: str = "", **changes: Any) -> int:
        return self.taken(registration_line(n, unit, **changes))

    def account(self, username: str, role: str, over: int | str, holder: str | None = None) -> int:
        """An account with one grant, over a unit's id or a region's code. `holder` is its ID number."""
        with self.app.app_context(), everything("tests") as session:
            begin_write(session)
            account = self._account(username, holder, password=self.hashed)
            session.add(account)
            session.flush()
            over_one = {"region": over} if ROLES[role].over == "region" else {"unit_id": over}
            session.add(Grant(user_id=account.id, role=role, granted_at=clock.now(), **over_one))
            session.commit()
            return account.id

    def sign_on_account(self, username: str, unit_code: str, holder: str | None = None) -> int:
        """An account without a role that comes by 单位登录 from the unit of that code."""
        with self.app.app_context(), everything("tests") as session:
            begin_write(session)
            whence = {"issuer": "https://id.example.cn", "subject": username, "sign_on_unit": unit_code}
            account = self._account(username, holder, password="", **whence)
            session.add(account)
            session.commit()
            return account.id

    def _account(self, username: str, holder: str | None, **more: Any) -> Account:
        number = holder or id_number(800_000 + sum(map(ord, username)) % 9000)
        facts = {"first_name": f"{username} 的持有人", "last_name": "", "email": f"{username}@example.cn"}
        return Account(username=username, active=True, id_number=Number.of(number), **facts, **more)

    def many(self, count: int, unit_id: int, region: str = "350102", first: int = 100_000) -> None:
        """Many pending registrations at once."""
        with self.app.app_context(), everything("tests") as session:
            begin_write(session)
            _insert_many(session, count, unit_id, region, first)
            session.commit()

    def read(self, query: sa.Select[Any]) -> list[Any]:
        """The rows of a query, past every scope."""
        with self.app.app_context(), everything("tests") as session:
            return list(session.execute(query))

    def unit_id(self, code: str) -> int:
        return int(self.read(sa.select(Unit.id).where(Unit.code == code))[0][0])


def _insert_many(session: Session, count: int, unit_id: int, region: str, first: int) -> None:
    top = (session.scalar(sa.select(sa.func.max(Submission.id))) or 0) + 1_000_000
    at = datetime.fromisoformat("2026-11-01T01:00:00+00:00")
    numbers = [(top + k, first + k) for k in range(count)]
    people = [{"id": pk, "number_index": blind(id_number(n)), "unit_id": unit_id} for pk, n in numbers]
    own = {"unit_id": unit_id}
    bulk_insert(session, Person, people)
    bulk_insert(
        session,
        Submission,
        [
            own
            | {"id": pk, "kind": "registration", "type": "", "ref": f"M{n}", "region": region, "person_id": pk}
            | {"person_name": f"人员{n}", "title": "", "status": "pending", "node": "unit", "version": 1}
            | {"steps": 1, "pending_since": at}
            | {"submitted_at": at + timedelta(seconds=n), "received_at": at}
            for pk, n in numbers
        ],
    )
    bulk_insert(
        session,
        Registration,
        [
            own
            | {"id": pk, "gender": "1", "id_type": "resident_id", "political_status": "13", "email": "x@example.cn"}
            | Number.of(id_number(n)).columns("id_number")
            | Number.of(mobile(n)).columns("mobile")
            for pk, n in numbers
        ],
    )
    bulk_insert(
        session,
        Version,
        [
            own | {"submission_id": pk, "number": 1, "submitted_at": at, "data": {}, "digest": digest(b"%d" % n)}
            for pk, n in numbers
        ],
    )
    bulk_insert(
        session,
        Decision,
        [
            own
            | {"submission_id": pk, "step": "submit", "version": 1, "node": "unit", "to_status": "pending"}
            | {"to_node": "unit", "opinion": "", "at": at, "by_name": f"人员{n}"}
            for pk, n in numbers
        ],
    )


def change(make: Make, *statements: Any) -> None:
    """Run bulk statements past every scope, as no screen could: what a test needs to stand on."""
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        for statement in statements:
            session.execute(reaching(statement, "a test sets the stage"))
        session.commit()


def grant(make: Make, account_id: int, role: str, over: int | str, expires_on: date | None = None) -> int:
    """One more grant for an account; its id."""
    over_one = {"region": over} if ROLES[role].over == "region" else {"unit_id": over}
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        one = Grant(user_id=account_id, role=role, granted_at=clock.now(), expires_on=expires_on, **over_one)
        session.add(one)
        session.commit()
        return one.id


def ledger(make: Make, *ids: int) -> list[Any]:
    """The ledger rows of submissions, oldest first."""
    table = Decision.__table__
    query = sa.select(table).where(table.c.submission_id.in_(ids)).order_by(table.c.id)
    return make.read(reaching(query, "a test looks at the ledger"))


def audited(make: Make, action: str) -> list[Any]:
    """The audit rows of an action, oldest first."""
    table = AuditEntry.__table__
    return make.read(reaching(sa.select(table).where(table.c.action == action).order_by(table.c.id), "a test looks"))
