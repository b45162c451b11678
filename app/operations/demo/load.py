"""Loads the demo feed and makes the demo accounts, once; keeps its current plans open."""

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app import clock
from app.accounts import issuing
from app.accounts.bounds import SYSTEM
from app.accounts.granting import By
from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.applications import plans
from app.applications.models import Plan
from app.extensions import begin_write
from app.intake.commands import load_file
from app.review.workflow import Actor
from app.sealing import Number
from app.tenancy import everything
from app.units.models import Unit
from config import PROVINCE

FEED = Path(__file__).with_name("feed.ndjson")
AHEAD = timedelta(days=60)
SCHOOL, COMPANY, BUREAU = "123501023AGYGLUY3Q", "913501026C8BXBRCPT", "11350102HXT2KR6734"
NEW = "NZ00000007"  # a built-in unit that has not completed its information
NEW_FACTS = {
    "name": "晋江市青阳社区文化服务站",
    "nature": "social_organisation",
    "region": "350582",
    "competent_department": "晋江市文化体育和旅游局",
    "legal_representative": "庄志远",
    "legal_representative_id": "350582197904126516",
    "contact": "蔡晓琳",
    "mobile": "15860512037",
}


@dataclass(frozen=True)
class DemoAccount:
    username: str
    name: str
    id_number: str  # the holder's; invented, with right check characters
    role: str
    over: str  # a unit's code or a region's
    given: bool = False  # the password was given out, and is changed at the first sign-in


# `unit.public` is the person of registration R000003 (方颖), whom the account therefore cannot decide.
ACCOUNTS = (
    DemoAccount("unit.public", "方颖", "350602197803193457", "unit_administrator", SCHOOL),
    DemoAccount("unit.public2", "许静文", "350102198706152284", "unit_administrator", SCHOOL),
    DemoAccount("unit.clerk", "林小禾", "350102199508213029", "unit_clerk", SCHOOL),
    DemoAccount("unit.company", "周启明", "350103198304120515", "unit_administrator", COMPANY),
    DemoAccount("unit.new", "蔡晓琳", "350582199107246522", "unit_administrator", NEW, given=True),
    DemoAccount("dept.education", "郑国栋", "350102197611093618", "department_reviewer", BUREAU),
    DemoAccount("hr.county", "陈丽萍", "350102198209174520", "hr_reviewer", "350102"),
    DemoAccount("hr.city", "吴志坚", "350104197905263213", "hr_reviewer", "350100"),
    DemoAccount("hr.province", "黄雅琴", "350103197412082728", "hr_reviewer", PROVINCE),
    DemoAccount("hr.ops", "张晓峰", "350105198803307410", "hr_operations", PROVINCE),
    DemoAccount("hr.auditor", "李文博", "350111197007191911", "auditor", PROVINCE),
    DemoAccount("admin", "系统管理员", "350102199001014414", "system_administrator", PROVINCE),
)


def load() -> str:
    """Fill an empty database; what to print about the accounts is the answer."""
    if _is_empty(Unit):
        load_file(FEED, quiet=True)
    if _is_empty(Account):
        with everything("demo accounts") as session:
            begin_write(session)
            issuing.enter_unit(session, By(Actor("demo"), SYSTEM), NEW_FACTS, NEW)
            _make_accounts(session, _password())
            session.commit()
    with everything("demo plans") as session:
        begin_write(session)
        keep_open(session)
        keep_valid(session)
        session.commit()
    return _told()


def keep_open(session: Session) -> None:
    """Let the plans of this year whose window has begun close in 60 days at the earliest, so that the demo always has
    something to do. A plan that somebody changed on screen stays as he left it. One statement when all is well."""
    today = clock.today()
    current = sa.select(Plan).where(Plan.year == today.year, Plan.opens_on <= today, Plan.steps == 0)
    for plan in session.scalars(current.where(Plan.closes_on < today + AHEAD)).all():
        plan.closes_on = today + AHEAD
        session.flush()
        plans.follow(session, plan)


def keep_valid(session: Session) -> None:
    """Let a demo password that was given out stay valid until it is changed, so that its way in can be shown."""
    given = [account.username for account in ACCOUNTS if account.given]
    unchanged = sa.update(Account).where(Account.username.in_(given), Account.initial_until.is_not(None))
    session.execute(unchanged.values(initial_until=clock.now() + AHEAD))


def _is_empty(model: type[Unit] | type[Account]) -> bool:
    with everything("demo") as session:
        return session.scalar(sa.select(model.id).limit(1)) is None


def _password() -> str:
    """DEMO_PASSWORD, else one made at random, kept beside the data."""
    password = current_app.config["DEMO_PASSWORD"] or secrets.token_urlsafe(9)
    path = _note()
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{password}\n" + "".join(f"{account.username}\n" for account in ACCOUNTS))
    return password


def _note() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "demo-accounts.txt"


def _told() -> str:
    password = _note().read_text().split("\n", 1)[0] if _note().exists() else "?"
    width = max(len(account.username) for account in ACCOUNTS)
    notes = {True: " · " + _("the password is to be changed first"), False: ""}
    lines = [f"  {one.username:<{width}}  {ROLES[one.role].label}{notes[one.given]}" for one in ACCOUNTS]
    return "\n".join(["  demo accounts, all with the password " + password, *lines, ""])


def _make_accounts(session: Session, password: str) -> None:
    hashed = generate_password_hash(password)  # one hash for all: they share the password, and hashing is slow
    units = dict(session.execute(sa.select(Unit.code, Unit.id)).fetchall())
    for demo in ACCOUNTS:
        account = Account(
            username=demo.username,
            first_name=demo.name,
            last_name="",
            email=f"{demo.username}@demo.invalid",
            password=hashed,
            active=True,
            id_number=Number.of(demo.id_number),
            initial_until=clock.now() + AHEAD if demo.given else None,
        )
        session.add(account)
        session.flush()
        over = {"region": demo.over} if ROLES[demo.role].over == "region" else {"unit_id": units[demo.over]}
        session.add(Grant(user_id=account.id, role=demo.role, granted_at=clock.now(), **over))
