"""Who asks: one statement loads the account with its grants, their units and the holder's own person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import g, session
from sqlalchemy.orm import Session

from app.accounts import sittings
from app.accounts.models import Account, Grant, Sitting
from app.accounts.roles import OF_INSTITUTION, ROLES, Role, of_institution
from app.review.workflow import Actor
from app.tenancy import Scope, reaching
from app.units.models import Unit
from app.units.regions import REGIONS, full_name, region_bounds

# `person` is above this room; its two columns are all that is asked of it here.
_people = sa.table("person", sa.column("id", sa.Integer), sa.column("number_index", sa.String))


@dataclass(frozen=True)
class Held:
    """A grant in force, with what it is over."""

    id: int
    role_name: str
    unit_id: int | None
    region: str | None
    over: str  # the unit's or region's name
    nature: str | None
    expires_on: date | None = None
    is_complete: bool = True  # the unit's information

    @property
    def role(self) -> Role:
        return ROLES[self.role_name]

    @property
    def node(self) -> str | None:
        if self.role.node == "region":
            return REGIONS[self.region or ""].level
        return self.role.node

    @property
    def places(self) -> frozenset[str]:
        """The views that are there for this grant, and not for every other."""
        return frozenset(OF_INSTITUTION.get(self.role_name, {}) if self.nature == "public_institution" else ())

    @property
    def roles(self) -> list["RoleName"]:
        """What the framework asks the permissions of."""
        names = [self.role_name, *([of_institution(self.role_name)] if self.places else [])]
        return [RoleName(name) for name in names if self.role_name in ROLES]

    def scope(self) -> Scope:
        if self.role.over == "region":
            return Scope.region(*region_bounds(self.region or ""))
        if self.unit_id is None:
            return Scope.nothing()
        return Scope.department(self.unit_id) if self.role.over == "department" else Scope.unit(self.unit_id)


@dataclass(frozen=True)
class RoleName:
    """What the framework asks a role for."""

    name: str
    id: int = 0


def load(db_session: Session, user_id: int) -> Account | None:
    """The active account of a sitting that goes on, with its grants in force, its own person and the sitting left on
    `g`. One statement."""
    query = (
        sa.select(Account, Grant, Unit.name, Unit.nature, Unit.is_complete, _people.c.id, Sitting)
        .join(Sitting, sa.and_(Sitting.user_id == Account.id, sittings.of_cookie(session)))
        .outerjoin(Grant, sa.and_(Grant.user_id == Account.id, Grant.in_force()))
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .outerjoin(_people, _people.c.number_index == Account.id_number_index)
        .where(Account.id == user_id, Account.active)
        .order_by(Grant.id)
    )
    rows = db_session.execute(reaching(query, "asks who is asking, before there is a scope")).all()
    if not rows or sittings.is_over(rows[0][-1]):
        return None
    account: Account = rows[0][0]
    g.grants = [_held(grant, *unit) for _account, grant, *unit, _person, _sitting in rows if grant is not None]
    g.own_person_id, g.sitting = rows[0][-2:]
    return account


def other_administrators(db_session: Session, unit_id: int, user_id: int) -> list[str]:
    """The names of the unit's other administrators (回避)."""
    query = (
        sa.select(Account.first_name)
        .join(Grant, Grant.user_id == Account.id)
        .where(Grant.unit_id == unit_id, Grant.role == "unit_administrator", Grant.in_force())
        .where(Account.active, Account.id != user_id)
        .order_by(Account.first_name)
    )
    return list(db_session.scalars(query))


def _held(grant: Grant, unit_name: str | None, nature: str | None, is_complete: bool | None) -> Held:
    over = unit_name or full_name(grant.region or "")
    complete = is_complete is not False
    return Held(grant.id, grant.role, grant.unit_id, grant.region, over, nature, grant.expires_on, complete)


def worn(grants: Sequence[Held]) -> Held | None:
    """The grant that is worn in this session: the picked one, else the first."""
    picked = session.get("grant")
    return next((held for held in grants if held.id == picked), grants[0] if grants else None)


def actor_of(account: Account, held: Held | None) -> Actor:
    """The account as the one who acts."""
    return Actor(
        name=account.first_name,
        user_id=account.id,
        node=held.node if held else None,
        person_id=g.own_person_id,
        may_decide=account.id_number_index is not None,
    )
