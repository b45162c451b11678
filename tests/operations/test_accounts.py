"""`flask accounts`: what HR operations does on screen, for scripts; and the demo's built-in account."""

import re

import pytest
import sqlalchemy as sa

from app.accounts.models import Account, Grant
from app.units.models import Unit
from tests.accounts.test_passwords import enter
from tests.browsing import Browser
from tests.conftest import PASSWORD
from tests.factories import audited, id_number, mobile, unit_code
from tests.operations.conftest import flask

FACTS = {
    "name": "社区服务站",
    "nature": "social_organisation",
    "region": "350102",
    "competent-department": "区民政局",
    "legal-representative": "王法人",
    "legal-representative-id": id_number(5),
    "contact": "李联系",
    "mobile": mobile(5),
}
NUMBER = id_number(77)


def create(app, **changes: str):
    options = FACTS | changes
    return flask(
        app, "accounts", "create-unit", *(part for name, value in options.items() for part in (f"--{name}", value))
    )


def run(app, *arguments: str):
    return flask(app, "accounts", *arguments)


def held(make, username: str) -> list[tuple[str, int | None, str | None]]:
    query = sa.select(Grant.role, Grant.unit_id, Grant.region).join(Account, Account.id == Grant.user_id)
    return [tuple(row) for row in make.read(query.where(Account.username == username).order_by(Grant.id))]


def test_a_unit_its_account_and_a_sign_in(app, make):
    made = create(app)
    assert (made.exit_code, made.output) == (0, "NZ00000001\n")
    ran = run(app, "grant", "zhao", "unit_administrator", "NZ00000001", "--name", "赵新", "--id-number", NUMBER)
    assert ran.exit_code == 0
    assert re.fullmatch(r"[a-z2-9]{5}(-[a-z2-9]{5}){2}\n", ran.output)
    browser = Browser(app)
    assert enter(browser, "zhao", ran.output.strip()).status_code == 303
    assert browser.get("/registrations/list/").location == "/account/password"
    assert [entry.by_name for entry in audited(make, "grant_role")] == ["flask accounts grant"]


def test_a_second_role_and_a_reset(app, make):
    unit = make.unit(1)
    make.account("li", "unit_administrator", unit)
    assert run(app, "grant", "li", "hr_reviewer", "350102", "--until", "2099-12-31").output == "已授予\n"
    assert held(make, "li") == [("unit_administrator", unit, None), ("hr_reviewer", None, "350102")]
    ran = run(app, "reset", "li")
    answers = [enter(Browser(app), "li", one).status_code for one in (PASSWORD, ran.output.strip())]
    assert (ran.exit_code, answers) == (0, [401, 303])


@pytest.mark.parametrize(
    "arguments",
    [
        ("grant", "nobody", "unit_clerk", unit_code(1)),
        ("grant", "li", "unit_administrator", unit_code(1)),  # he holds it
        ("grant", "li", "unit_clerk", unit_code(9)),
        ("grant", "li", "unit_clerk", "350102"),
        ("grant", "li", "hr_reviewer", "110000"),
        ("grant", "li", "hr_reviewer", "350102", "--until", "2020-01-01"),
        ("grant", "li", "hr_reviewer", "350102", "--name", "李", "--id-number", NUMBER),
        ("grant", "new.one", "hr_reviewer", "350102", "--name", "李"),
        ("grant", "new.one", "hr_reviewer", "350102", "--name", "李", "--id-number", "350102196001150018"),
        ("reset", "nobody"),
    ],
    ids=" ".join,
)
def test_what_is_refused_says_so_in_one_line_and_changes_nothing(app, make, arguments):
    make.account("li", "unit_administrator", make.unit(1))
    before = make.read(sa.select(Account.username, Account.password).order_by(Account.id))
    ran = run(app, *arguments)
    assert (ran.exit_code, len(ran.output.strip().splitlines())) == (1, 1)
    assert make.read(sa.select(Account.username, Account.password).order_by(Account.id)) == before
    assert len(held(make, "li")) == 1


@pytest.mark.parametrize(
    "wrong", [{"region": "110000"}, {"mobile": "1"}, {"legal-representative-id": "1"}, {"name": " "}]
)
def test_a_wrong_unit_is_not_entered(app, make, wrong):
    ran = create(app, **wrong)
    assert (ran.exit_code, make.read(sa.select(Unit.id))) == (1, [])


def test_the_demo_has_a_built_in_account_whose_password_is_changed_first(demo_app):
    browser = Browser(demo_app)
    assert enter(browser, "unit.new", PASSWORD).status_code == 303
    assert [browser.get(address).location for address in ("/", "/registrations/list/")] == ["/account/password"] * 2
    browser.get("/account/password")
    new = "四个互不相干的词语再加一点"
    changed = browser.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert (changed.status_code, browser.get("/registrations/list/").location) == (303, "/unit/register")
