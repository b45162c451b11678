"""Who may grant what to whom over what (R36): one table, and what judges a grant or a revoke by it.

Nobody reaches beyond the table: not above his own role, not outside his jurisdiction, and not to himself, under
whatever account name. Of the last administrators nothing is taken, see `lasting`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.accounts.models import Account, Grant
from app.accounts.roles import ROLES
from app.units.regions import regions_in
from config import PROVINCE

Reach = Literal["own unit", "own region and below"]
Step = Literal["grants", "names", "revokes", "answers"]


@dataclass(frozen=True)
class Bound:
    """What a role may grant and revoke, and how far. What it `names` acts for whoever grants it, until a day that is
    said (代审); what it `ends` it only revokes; what it `admits` it grants to whom comes from the unit by 单位登录 and
    has asked for a role there (joining.py)."""

    grants: tuple[str, ...]
    reach: Reach
    names: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    admits: tuple[str, ...] = ()

    @property
    def revokes(self) -> tuple[str, ...]:
        return (*self.grants, *self.names, *self.ends)

    @property
    def answers(self) -> tuple[str, ...]:
        return (*self.grants, *self.admits)


BOUNDS: dict[str, Bound] = {
    "unit_administrator": Bound(("unit_clerk",), "own unit", names=("stand_in",), admits=("unit_administrator",)),
    "hr_operations": Bound(
        ("unit_administrator", "unit_clerk", "department_reviewer", "hr_reviewer"),
        "own region and below",
        ends=("stand_in",),
    ),
    "system_administrator": Bound(
        tuple(role for role in ROLES if role != "stand_in"), "own region and below", ends=("stand_in",)
    ),
}

REFUSED: dict[str, Any] = {
    "self": _l("Nobody changes his own roles or his own account here: ask somebody else who may."),
    "role": _l("Your role does not grant or revoke this one."),
    "place": _l("This lies outside of your jurisdiction."),
    "elsewhere": _l("This account holds a role that you may not grant: ask the system administrator."),
    "other_unit": _l("This account comes from another unit by single sign-on: it holds no role in this one."),
    "sign_on": _l("Who comes by single sign-on has neither a password nor a second factor here."),
    "disabled": _l("This account is disabled: enable it first."),
}


class Refused(Exception):
    """A step beyond the bounds; `reason` is a key of REFUSED, or `last`, and the message is for the reader."""

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or str(REFUSED[reason]))
        self.reason = reason


@dataclass(frozen=True)
class Granter:
    """Who grants: the role that he wears, over what, and who he is."""

    role: str
    unit_id: int | None = None
    region: str | None = None
    user_id: int | None = None
    number_index: str | None = None  # the blind index of his ID number: another account of his is himself, too

    @property
    def bound(self) -> Bound:
        return BOUNDS.get(self.role, Bound((), "own region and below"))

    def regions(self) -> list[str]:
        """The regions of his jurisdiction, the widest first; none of who has a unit."""
        return [] if self.region is None else regions_in(self.region)

    def reaches(self, place: "Place") -> bool:
        if self.bound.reach == "own unit":
            return self.unit_id is not None and place.unit_id == self.unit_id
        return place.region in self.regions()

    @property
    def is_whole(self) -> bool:
        """Whether he is the system administrator of all there is."""
        return (self.role, self.region) == ("system_administrator", PROVINCE)

    def is_himself(self, account: Account) -> bool:
        number = None if account.number_told else account.id_number_index  # what somebody types shields him from nobody
        pairs = ((self.user_id, account.id), (self.number_index, number))
        return any(own is not None and own == other for own, other in pairs)


@dataclass(frozen=True)
class Place:
    """What a role is granted over. `region` is where it lies, None of a unit that the reader does not see."""

    unit_id: int | None
    region: str | None


SYSTEM = Granter("system_administrator", region=PROVINCE)  # who works on the machine itself


def refusal(by: Granter, role: str, place: Place, to: Account, step: Step = "grants") -> str | None:
    """Why somebody may not take a step with a role over a place: a key of REFUSED; None when he may."""
    if by.is_himself(to):
        return "self"
    if role not in getattr(by.bound, step):
        return "role"
    return None if by.reaches(place) else "place"


def refusal_of_account(
    by: Granter, account: Account, holds: Collection[tuple[str, Place]], held: Collection[tuple[str, Place]]
) -> str | None:
    """Why somebody may not reset, disable or enable an account: he would have to be able to revoke each role that it
    `holds`, or, where it holds none, one that it `held`."""
    if by.is_himself(account):
        return "self"
    if holds:
        return "elsewhere" if any(refusal(by, *one, account, "revokes") for one in holds) else None
    return None if by.is_whole or any(refusal(by, *one, account, "revokes") is None for one in held) else "place"


# ---- the last administrators -----------------------------------------------------------------------------------------

FOREVER = date.max


def lasting(grants: Mapping[int, date | None]) -> date | None:
    """The last day on which one of these grants (id → its own last day) holds; None when there is none."""
    return max((day or FOREVER for day in grants.values()), default=None)


def keep_administrators(session: Session, taken: Sequence[Grant], until: date | None = None) -> None:
    """Raises Refused when what is about to be taken (or is to end with the day `until`) leaves a unit, or the province,
    without an administrator sooner than now. Locks the grants that decide it, in the order of their ids: of two who
    take the last two at once the second sees what the first did."""
    kept = [grant for grant in taken if _is_kept(grant)]
    if not kept:
        return
    alike = sa.or_(*(_alike(grant) for grant in kept))
    session.execute(
        sa.select(Grant.id).where(alike, Grant.revoked_at.is_(None)).order_by(Grant.id).with_for_update(key_share=True)
    )
    query = sa.select(Grant).join(Account, Account.id == Grant.user_id).where(alike, Grant.in_force(), Account.active)
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    ids = {grant.id for grant in kept}
    for grant in kept:
        peers = {row.id: row.expires_on for row in rows if _place(row) == _place(grant)}
        if grant.id not in peers:
            continue  # it holds no more, or its account is disabled
        now = lasting(peers)
        left = {pk: day for pk, day in peers.items() if pk not in ids}
        after = lasting(left | ({grant.id: until} if until else {}))
        if now and (after is None or after < now):
            raise Refused("last", _told(grant, after))


def _is_kept(grant: Grant) -> bool:
    whole = grant.role == "system_administrator" and grant.region == PROVINCE
    return grant.role == "unit_administrator" or whole


def _alike(grant: Grant) -> sa.ColumnElement[bool]:
    over = Grant.unit_id == grant.unit_id if grant.unit_id else Grant.region == grant.region
    return sa.and_(Grant.role == grant.role, over)


def _place(grant: Grant) -> tuple[str, int | None, str | None]:
    return grant.role, grant.unit_id, grant.region


def _told(grant: Grant, after: date | None) -> str:
    what = str(ROLES[grant.role].label)
    if after is None and grant.unit_id:
        return _(
            "This is the last one who holds the role %(role)s here. Grant it to somebody else first, or hand the unit "
            "over.",
            role=what,
        )
    if after is None:
        return _("This is the last one who holds the role %(role)s here. Grant it to somebody else first.", role=what)
    return _(
        "After this nobody holds the role %(role)s here beyond %(day)s. Grant it to somebody else first.",
        role=what,
        day=after,
    )
