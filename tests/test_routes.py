"""Every route of the URL map: with an own key, with another unit's, as a stranger. A new route must be listed here."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.accounts.roles import ROLES
from app.review.models import Submission
from app.review.phrases import Phrase
from app.staff.models import Departure, Registration
from app.tenancy import everything
from app.units.models import Unit
from tests.browsing import Browser, choices, csv_rows, links, table, tabs, text_of, value_of
from tests.factories import ledger, unit_code


@dataclass(frozen=True)
class Call:
    """How a route is called, `{pk}` and the like standing for keys (Keys), and how it answers to whom.

    `foreign` is the answer to another unit's keys, None where the route takes none. A stranger is led to the login
    page (302, or 401 for a form, which is kept for him), unless `stranger` says otherwise.
    """

    address: str
    own: int = 200
    foreign: int | None = None
    stranger: int | None = None
    form: dict[str, Any] = field(default_factory=dict)


DESK = "/registrations"
TODAY = clock.today().isoformat()
VERDICT = {"verdict": "pass", "opinion": "同意", "rowid": "{pk}:1"}
BACK = {"status": "passed", "opinion": "看错了"}
ROUTES: dict[tuple[str, str], Call] = {
    ("static", "GET"): Call("/static/favicon.svg", stranger=200),
    ("health.healthz", "GET"): Call("/healthz", stranger=200),
    ("health.readyz", "GET"): Call("/readyz", stranger=200),
    ("HomeView.index", "GET"): Call("/", own=302, stranger=200),
    ("DoorView.login", "GET"): Call("/login/", own=302, stranger=200),
    ("DoorView.built_in", "GET"): Call("/login/built-in", own=302, stranger=200),
    ("DoorView.built_in", "POST"): Call("/login/built-in", own=401, stranger=401, form={"username": "x"}),
    ("DoorView.locale", "POST"): Call("/locale", own=303, stranger=303, form={"locale": "zh"}),
    ("DoorView.logout", "POST"): Call("/logout/", own=303, stranger=303),
    ("DoorView.role", "POST"): Call("/role", own=403, form={"grant": "0"}),
    ("PhraseView.list", "GET"): Call("/phrases/list/"),
    ("PhraseView.add", "POST"): Call("/phrases/add/return", own=303, form={"text": "请补充"}),
    ("PhraseView.delete", "POST"): Call("/phrases/delete/{phrase}", own=303, foreign=404),
    ("PeopleView.list", "GET"): Call("/people/list/"),
    ("PeopleView.search", "POST"): Call("/people/search", own=303, form={"q": "人"}),
    ("PeopleView.find", "POST"): Call("/people/find", own=303, form={"q": "人"}),
    ("PeopleView.show", "GET"): Call("/people/show/{person}", foreign=404),
    ("PeopleView.reveal", "GET"): Call("/people/reveal/{person}", own=302, foreign=404),
    ("PeopleView.reveal", "POST"): Call("/people/reveal/{person}", foreign=404),
    ("PeopleView.end", "POST"): Call("/people/end/{person}", foreign=404, form={"seen": "{belongs_by}"}),
    ("PeopleView.undo", "POST"): Call("/people/undo/{departure}", own=303, foreign=404),
    ("RegistrationDesk.list", "GET"): Call(f"{DESK}/list/"),
    ("RegistrationDesk.search", "POST"): Call(f"{DESK}/search", own=303, form={"q": "人"}),
    ("RegistrationDesk.export", "GET"): Call(f"{DESK}/export.csv"),
    ("RegistrationDesk.export_xlsx", "GET"): Call(f"{DESK}/export.xlsx"),
    ("RegistrationDesk.show", "GET"): Call(DESK + "/show/{pk}", foreign=404),
    ("RegistrationDesk.reveal", "GET"): Call(DESK + "/reveal/{pk}", own=302, foreign=404),
    ("RegistrationDesk.reveal", "POST"): Call(DESK + "/reveal/{pk}", foreign=404),
    ("RegistrationDesk.present", "POST"): Call(DESK + "/present/{pk}", foreign=404),
    ("RegistrationDesk.note", "POST"): Call(DESK + "/note/{pk}", own=303, foreign=404, form={"text": "待核实"}),
    ("RegistrationDesk.postpone", "POST"): Call(DESK + "/postpone/{pk}", own=303, foreign=404),
    ("RegistrationDesk.decide", "POST"): Call(f"{DESK}/decide", own=303, foreign=404, form=VERDICT),
    ("RegistrationDesk.preview", "POST"): Call(f"{DESK}/preview", foreign=404, form=VERDICT),
    ("RegistrationDesk.batch", "GET"): Call(DESK + "/batch/{batch}", foreign=404),
    ("RegistrationDesk.take_back", "POST"): Call(
        f"{DESK}/take_back", own=303, foreign=404, form=BACK | {"rowid": "{passed}:2", "single": "1"}
    ),
}
KEYED: dict[str, tuple[str, Call]] = {
    **{f"{endpoint} {method}": (method, call) for (endpoint, method), call in ROUTES.items() if call.foreign},
    # the same routes in other ways that name a key
    "decide one": ("POST", Call(f"{DESK}/decide", 303, 404, form=VERDICT | {"single": "1"})),
    "decide one, be asked": (
        "POST",
        Call(f"{DESK}/decide", 200, 404, form={"verdict": "pass", "rowid": "{pk}:1", "single": "1"}),
    ),
    "decide rows, be asked": ("POST", Call(f"{DESK}/decide", 200, 404, form={"verdict": "pass", "rowid": "{pk}:1"})),
    "decide rows, empty opinion": ("POST", Call(f"{DESK}/decide", 400, 404, form=VERDICT | {"opinion": ""})),
    "end a belonging": (
        "POST",
        Call("/people/end/{person}", 303, 404, form={"seen": "{belongs_by}", "how": "left", "left_on": TODAY}),
    ),
    "take a batch back": ("POST", Call(f"{DESK}/take_back", 303, 404, form=BACK | {"batch": "{batch}"})),
    "take back, empty reason": (
        "POST",
        Call(f"{DESK}/take_back", 400, 404, form=BACK | {"opinion": "", "rowid": "{passed}:2", "single": "1"}),
    ),
}
Keys = dict[str, int]
KEYS = ("pk", "passed", "batch", "person", "belongs_by", "departure", "phrase")


def listed(app: Flask) -> set[tuple[str, str]]:
    """What the URL map serves; HEAD is GET without its body, OPTIONS only names methods."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def call(browser: Browser, method: str, one: Call, keys: Keys) -> Any:
    form = {name: value.format(**keys) for name, value in one.form.items()}
    address = one.address.format(**keys)
    return browser.get(address, buffered=True) if method == "GET" else browser.post(address, form)


@pytest.fixture
def keys(make, sign_in) -> tuple[Keys, Keys]:
    """A key of everything in the unit of `zhang`, and in that of `wang`: a waiting record and a passed one, the batch
    that passed it, its person and by which pass he belongs, somebody's departure, a phrase."""
    made = []
    for n, name in ((1, "zhang"), (2, "wang")):
        make.account(name, "unit_administrator", make.unit(n))
        pk, passed, left = (make.registration(n + more, unit_code(n)) for more in (0, 10, 20))
        browser = sign_in(name)
        batch = browser.post(f"{DESK}/decide", VERDICT | {"rowid": f"{passed}:1"}).location
        browser.post(f"{DESK}/decide", VERDICT | {"rowid": f"{left}:1"})
        people = {one.id: one for one in make.read(sa.select(Submission.id, Submission.person_id))}
        belongs_by, leaves_by = (ledger(make, one)[-1].id for one in (passed, left))
        leaving = {"seen": leaves_by, "how": "left", "left_on": TODAY}
        browser.post(f"/people/end/{people[left].person_id}", leaving)
        browser.post("/phrases/add/pass", {"text": f"单位{n}的短语"})
        made.append({"pk": pk, "passed": passed, "batch": int(re.search(r"batch/([0-9]+)", batch)[1])})
        made[-1] |= {"person": people[passed].person_id, "belongs_by": belongs_by}
    rows = (make.read(sa.select(model.id).order_by(model.id)) for model in (Phrase, Departure))
    found = zip(made, *rows, strict=True)
    return tuple(one | {"phrase": phrase.id, "departure": departure.id} for one, phrase, departure in found)


def test_every_route_is_in_the_table_and_the_table_has_no_other(app):
    assert sorted(listed(app) ^ set(ROUTES)) == []


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_opens_with_an_own_key(sign_in, keys, route):
    assert call(sign_in("zhang"), route[1], ROUTES[route], keys[0]).status_code == ROUTES[route].own


def test_a_stranger_is_sent_to_the_door_by_every_route_that_is_not_public(app):
    answers = {}
    for route, one in ROUTES.items():
        stranger = Browser(app)
        stranger.get("/login/built-in")
        answers[route] = call(stranger, route[1], one, dict.fromkeys(KEYS, 1))
    assert {route: answer.status_code for route, answer in answers.items()} == {
        route: one.stranger or {"GET": 302, "POST": 401}[route[1]] for route, one in ROUTES.items()
    }
    sent = [answer.location for answer in answers.values() if answer.status_code == 302]
    assert [location for location in sent if not location.startswith("/login/?next=")] == []


@pytest.mark.parametrize(("method", "one"), KEYED.values(), ids=KEYED)
def test_another_units_key_is_not_found_and_nothing_is_done(make, sign_in, keys, method, one):
    own, theirs = keys
    records = (own["pk"], own["passed"], theirs["pk"], theirs["passed"])
    browser, before = sign_in("zhang"), ledger(make, *records)
    answer = call(browser, method, one, theirs)
    assert answer.status_code == one.foreign
    assert [name for name in ("人员2", "人员12", "单位2") if name in answer.text] == []
    assert ledger(make, *records) == before
    assert call(browser, method, one, own).status_code == one.own


def test_another_units_key_is_answered_like_a_key_of_nobody(sign_in, keys):
    browser = sign_in("zhang")
    theirs, nobodys = (text_of(browser.get(f"{DESK}/show/{pk}")) for pk in (keys[1]["pk"], 999_999))
    assert theirs[: theirs.index("请求编号")] == nobodys[: nobodys.index("请求编号")]


# ---- every role ------------------------------------------------------------------------------------------------------

#                             list show export decide
MATRIX = {
    "unit_administrator": (200, 200, 200, 303),
    "unit_clerk": (200, 200, 200, 403),
    "department_reviewer": (200, 200, 200, 403),
    "hr_reviewer": (200, 200, 200, 403),
    "hr_operations": (200, 200, 200, 403),
    "auditor": (200, 200, 200, 403),
    "system_administrator": (200, 200, 200, 403),
}
VIEWS = ("list", "show", "export", "decide")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_the_matrix_says(make, sign_in, role):
    department = make.unit(3, nature="government")
    unit = make.unit(1, competent_department_code=unit_code(3))
    over = {"unit": unit, "department": department, "region": "350102"}[ROLES[role].over]
    make.account("reader", role, over)
    pk = make.registration(1)
    browser = sign_in("reader")
    routes = [route for view in VIEWS for route in ROUTES if route[0] == f"RegistrationDesk.{view}"]
    assert tuple(call(browser, route[1], ROUTES[route], {"pk": pk}).status_code for route in routes) == MATRIX[role]
    assert len(ledger(make, pk)) == (2 if MATRIX[role][-1] == 303 else 1)


@pytest.mark.parametrize("role", MATRIX)
def test_a_role_over_another_unit_or_region_finds_nothing(make, sign_in, role):
    make.unit(1)
    other = make.unit(2, region="350203")
    make.account("reader", role, "350203" if ROLES[role].over == "region" else other)
    pk = make.registration(1)
    browser = sign_in("reader")
    assert table(browser.get("/registrations/list/?status=all")) == []
    assert len(csv_rows(browser.get("/registrations/export.csv?status=all"))) == 1
    assert browser.get(f"/registrations/show/{pk}").status_code == 404
    assert browser.post(
        "/registrations/decide", {"verdict": "pass", "opinion": "x", "rowid": f"{pk}:1"}
    ).status_code in (
        403,
        404,
    )
    assert len(ledger(make, pk)) == 1


LIST, EXPORT = "/registrations/list/", "/registrations/export.csv"


@pytest.fixture
def demo(demo_app, demo_sign_in) -> tuple[Browser, list[Any], list[Any]]:
    """`unit.company` at its desk; its registrations, and those of `unit.public`, of which two are decided."""
    public = demo_sign_in("unit.public")
    for verdict in ("pass", "return"):
        token = value_of(public.get(LIST), "rowid")
        form = {"verdict": verdict, "opinion": f"本校的{verdict}意见", "rowid": token}
        assert public.post("/registrations/decide", form).status_code == 303
    with demo_app.app_context(), everything("tests") as session:
        query = sa.select(Registration, Unit.name).join(Unit, Unit.id == Submission.unit_id)
        rows = [
            (row.ref, row.person_name, row.email, row.id, row.status, unit, row.id_number.reveal(), row.mobile.reveal())
            for row, unit in session.execute(query)
        ]
    company = demo_sign_in("unit.company")
    units = {name: _unit_on_top(browser) for name, browser in (("own", company), ("other", public))}
    return company, *([row for row in rows if row[5] == units[whose]] for whose in ("own", "other"))


def _unit_on_top(browser: Browser) -> str:
    said = browser.get(LIST).text
    return said.split('<span class="holder-title">')[1].split("<")[0]


def _everything_that_opens(browser: Browser, own: list[Any]) -> list[Any]:
    """Each list, tab, order, page and export, and each own review page."""
    answers = []
    for status in ("pending", "passed", "returned", "terminated", "withdrawn", "all"):
        for sort in ("", "&sort=-name"):
            following = [f"{LIST}?status={status}{sort}"]
            while following:
                answers.append(browser.get(following[0]))
                following = links(answers[-1], "下一页")
        answers.append(browser.get(f"{EXPORT}?status={status}", buffered=True))
    return answers + [browser.get(f"/registrations/show/{row[3]}") for row in own]


def test_unit_company_reads_nothing_of_unit_public_anywhere(demo):
    browser, own, other = demo
    answers = _everything_that_opens(browser, own)
    assert {answer.status_code for answer in answers} == {200}
    said = "\n".join(answer.get_data(as_text=True) for answer in answers)
    for field_of, what in enumerate(("ref", "name", "email")):
        foreign = {row[field_of] for row in other} - {row[field_of] for row in own}
        assert len(foreign) > 50
        assert [value for value in foreign if value in said] == [], what
    assert [mark for mark in (other[0][5], "本校的", "R000003") if mark in said] == []
    assert all(row[0] in said for row in own)


def test_unit_company_counts_only_its_own(demo):
    browser, own, _other = demo
    by_state = {state: str(sum(row[4] == state for row in own)) for state in ("pending", "passed", "returned")}
    assert by_state["pending"] == "26"
    numbers = tabs(browser.get(LIST))
    assert list(numbers.values()) == [*by_state.values(), str(len(own))]
    assert len(csv_rows(browser.get(f"{EXPORT}?status=all"))) == 1 + len(own)


def test_unit_company_finds_nobody_of_unit_public_by_any_search(demo):
    browser, own, other = demo
    own_refs = {row[0] for row in own}
    for row in other[:8]:
        for asked in (row[1], row[6], row[6][-4:], row[7], row[7][-4:]):
            found = browser.post("/registrations/search", {"q": asked, "query": "status=all"}).location
            exported = csv_rows(browser.get(found.replace("list/", "export.csv")))[1:]
            assert {line[0] for line in exported} <= own_refs
            assert len(table(browser.get(found))) == min(25, len(exported))


def test_the_choices_of_unit_company_name_no_other_unit(demo):
    browser, _own, other = demo
    page = browser.get(LIST)
    offered = [value for name in ("gender", "political_status") for value in choices(page, name)]
    assert [value for value in offered if value and not value.isdigit()] == []
    assert other[0][5] not in page.text


def test_unit_company_decides_no_record_of_unit_public_by_key(demo_app, demo):
    browser, _own, other = demo
    waiting = [row[3] for row in other if row[4] == "pending"]
    form = {"verdict": "pass", "opinion": "同意", "rowid": [f"{pk}:1" for pk in waiting]}
    assert browser.post("/registrations/decide", form).status_code == 404
    browser.post("/registrations/decide", {"verdict": "pass", "opinion": "同意", "all": "1", "query": ""})
    with demo_app.app_context(), everything("tests") as session:
        left = session.scalar(
            sa.select(sa.func.count()).where(Submission.id.in_(waiting), Submission.status == "pending")
        )
    assert left == len(waiting) == 63
