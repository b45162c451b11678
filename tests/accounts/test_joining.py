"""Who comes from a unit by 单位登录 asks for a role there; who may answers."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts import joining
from app.accounts.bounds import Refused
from app.accounts.models import Account, Joining
from app.extensions import Session, begin_write, db
from app.tenancy import Scope, enter
from tests.factories import audited, change, grant, unit_code


@pytest.fixture
def unit(make) -> int:
    return make.unit(1)


@pytest.fixture
def ask(app, make) -> Callable[..., int]:
    """Asks for a role as its own page does, in a session that sees no unit; the request's id."""

    def asked(pk: int, unit: int, role: str = "unit_administrator") -> int:
        with app.test_request_context(), Session(db) as session:
            enter(session, Scope.nothing())
            begin_write(session)
            made = joining.ask(session, session.get_one(Account, pk), unit, role).id
            session.commit()
            return made

    return asked


def standing(app, pk: int) -> Any:
    with app.app_context(), Session(db) as session:
        enter(session, Scope.nothing())
        return joining.newest(session, pk)


# ---- asking ----------------------------------------------------------------------------------------------------------


def test_who_asks_waits_and_sees_for_what(app, make, ask, unit):
    pk = make.sign_on_account("chen", unit_code(1))
    assert standing(app, pk) is None
    ask(pk, unit, "unit_clerk")
    found = standing(app, pk)
    assert (found.unit_name, found.joining.role, found.joining.settled_at, found.settled_by) == (
        *("单位1", "unit_clerk", None, None),
    )
    (entry,) = audited(make, "ask_role")
    assert (entry.subject, entry.by_id, entry.detail) == (
        *("account chen", pk, {"role": "unit_clerk", "unit": unit_code(1)}),
    )


def test_who_asks_twice_has_one_request(make, ask, unit):
    pk = make.sign_on_account("chen", unit_code(1))
    assert ask(pk, unit, "unit_clerk") == ask(pk, unit, "unit_administrator")
    assert make.read(sa.select(Joining.role)) == [("unit_clerk",)]
    assert len(audited(make, "ask_role")) == 1


@pytest.mark.parametrize(
    ("case", "reason"),
    [("another unit", "other_unit"), ("built-in", "other_unit"), ("role", "role"), ("held", "held")],
)
def test_what_cannot_be_asked_for_is_refused(make, ask, unit, case, reason):
    pk = make.sign_on_account("chen", unit_code(2 if case == "another unit" else 1))
    if case == "built-in":
        change(make, sa.update(Account).values(subject=None, sign_on_unit=None))
    if case == "held":
        grant(make, pk, "unit_clerk", unit)
    with pytest.raises(Refused) as refused:
        ask(pk, unit, "hr_operations" if case == "role" else "unit_administrator")
    assert (refused.value.reason, make.read(sa.select(Joining.id))) == (reason, [])
