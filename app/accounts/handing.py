"""移交 (B27): a unit gets one new administrator, and those until now are none any more, in one transaction. It is the
only way in which the last administrator goes. Who calls commits.
"""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import audit
from app.accounts import bounds, granting, issuing, joining
from app.accounts.bounds import Place, Refused
from app.accounts.granting import By, Found, Settled
from app.accounts.models import Account, Grant
from app.accounts.unit_lists import in_office
from app.units.models import Unit

ROLE = "unit_administrator"
Office = Sequence[tuple[Grant, Account]]


class Changed(Exception):
    """The unit's administrators are others than the form showed."""


def administrators(session: Session, unit_id: int) -> Office:
    """Whose role ends with a hand-over."""
    return [(one, account) for one, account in in_office(session, unit_id) if one.role == ROLE]


def seen_of(office: Office) -> str:
    """What a form carries along of the administrators that it showed."""
    return " ".join(str(one.id) for one, _account in office)


def hand_over_to_new(
    session: Session, by: By, unit: Unit, seen: str, holder: Mapping[str, str], reason: str
) -> tuple[Account, str]:
    """Hand a locked unit over to an account that is issued for it; the account and its initial password. Raises
    Changed, Refused and issuing.Taken."""
    office = _office(session, by, unit, seen)
    account, password = issuing.issue(session, by, holder, ROLE, _place(unit))
    _end(session, by, unit, office, account, reason)
    return account, password


def hand_over(session: Session, by: By, unit: Unit, seen: str, account: Account, reason: str) -> None:
    """Hand a locked unit over to an account that there is. Raises Changed and Refused."""
    office = _office(session, by, unit, seen, account)
    judge(by, unit, account)
    if [one.user_id for one, _account in office] == [account.id] and office[0][0].expires_on is None:
        raise Refused("held", _("This account administers the unit already, and nobody else does."))
    try:
        granting.grant(session, by, account, ROLE, _place(unit))
    except Settled as held:  # he is one of those until now: his role stays, and from now on without an end
        if held.grant.expires_on is not None:
            found = Found(held.grant, account, _place(unit))
            granting.expire(session, by, found, str(held.grant.expires_on), None)
    _end(session, by, unit, office, account, reason)
    joining.settle(session, by, account, unit.id)


def judge(by: By, unit: Unit, account: Account) -> None:
    """Raises Refused for who cannot take a unit over."""
    if refused := bounds.refusal(by.granter, ROLE, _place(unit), account):
        raise Refused(refused)
    if not account.active:
        raise Refused("disabled")
    if granting.comes_from_elsewhere(account, unit.code):
        raise Refused("other_unit")


def _office(session: Session, by: By, unit: Unit, seen: str, account: Account | None = None) -> Office:
    """The administrators until now, as the form showed them; all accounts concerned are locked, in the order of their
    ids."""
    users = {one.user_id for one, _account in administrators(session, unit.id)}
    for user_id in sorted(users | ({account.id} if account else set())):
        granting.lock(session, user_id)
    office = administrators(session, unit.id)
    if seen_of(office) != seen:
        raise Changed
    if any(by.granter.is_himself(one) for _grant, one in office):
        raise Refused("own", _("You administer this unit yourself: somebody else hands it over."))
    return office


def _end(session: Session, by: By, unit: Unit, office: Office, new: Account, reason: str) -> None:
    former = [(one, account) for one, account in office if account.id != new.id]
    for one, account in former:
        granting.revoke(session, by, Found(one, account, _place(unit)), reason)  # with his stand-ins
    said = {"to": new.username, "former": [account.username for _grant, account in former], "reason": reason}
    audit.record(session, "hand_over", by.actor, f"unit {unit.code}", unit.id, **said)


def _place(unit: Unit) -> Place:
    return Place(unit.id, unit.region)
