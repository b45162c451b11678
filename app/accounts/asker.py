"""Who asks: one statement loads the account with its grants, their units and the holder's own person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask import g, session
from flask_babel import gettext as _
from sqlalchemy.orm import Session, aliased

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
    for_id: int | None = None  # 代审: whom he stands for
    for_name: str | None = None

    @property
    def on_behalf(self) -> str | None:
        """For whom it is held, in words."""
        return _("for %(name)s", name=self.for_name) if self.for_name else None

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
    namer = aliased(Account)
    query = (
        sa.select(Account, Grant, Unit.name, Unit.nature, Unit.is_complete, namer.first_name, _people.c.id, Sitting)
        .join(Sitting, sa.and_(Sitting.user_id == Account.id, sittings.of_cookie(session)))
        .outerjoin(Grant, sa.and_(Grant.user_id == Account.id, Grant.in_force()))
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .outerjoin(namer, namer.id == Grant.stands_for_id)
        .outerjoin(_people, _people.c.number_index == Account.id_number_index)
        .where(Account.id == user_id, Account.active)
        .order_by(Grant.id)
    )
    rows = db_session.execute(reaching(query, "asks who is asking, before there is a scope")).all()
    if not rows or sittings.is_over(rows[0][-1]):
        return None
    account: Account = rows[0][0]
    g.grants = [_held(*of_grant) for _account, *of_grant, _person, _sitting in rows if of_grant[0] is not None]
    g.own_person_id, g.sitting = rows[0][-2:]
    return account


@dataclass(frozen=True)
class Others:
    """The names of who else decides at a unit (回避): its administrators, and who stands for one. `naming` is where the
    reader may name somebody who stands for him."""

    administrators: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    naming: str | None = None


def others(db_session: Session, unit_id: int, number_index: str | None, naming: str | None) -> Others:
    """Who else decides at a unit than the person with this ID number, whatever accounts he has."""
    query = (
        sa.select(Grant.role, Account.first_name)
        .join(Account, Account.id == Grant.user_id)
        .where(Grant.unit_id == unit_id, Grant.role.in_(("unit_administrator", "stand_in")), Grant.in_force())
        .where(Account.active, Account.id_number_index != number_index)
        .order_by(Account.first_name)
        .distinct()
    )
    found = db_session.execute(query).all()
    administrators, stand_ins = (
        tuple(row.first_name for row in found if row.role == role) for role in ("unit_administrator", "stand_in")
    )
    return Others(administrators, stand_ins, naming)


def _held(
    grant: Grant, unit_name: str | None, nature: str | None, is_complete: bool | None, for_name: str | None
) -> Held:
    return Held(
        id=grant.id,
        role_name=grant.role,
        unit_id=grant.unit_id,
        region=grant.region,
        over=unit_name or full_name(grant.region or ""),
        nature=nature,
        expires_on=grant.expires_on,
        is_complete=is_complete is not False,
        for_id=grant.stands_for_id,
        for_name=for_name,
    )


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
        for_id=held.for_id if held else None,
        for_name=held.for_name if held else None,
    )
