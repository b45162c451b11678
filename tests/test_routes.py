"""Every route of the URL map: with an own key, with another unit's, as a stranger, by each role (tests/routes.py)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import clock
from app.accounts.models import Grant
from app.accounts.roles import ROLES
from app.archive.models import ArchiveItem
from app.review.models import Submission
from app.review.phrases import Phrase
from app.staff.models import Departure, Registration
from app.tenancy import everything
from app.units.models import Unit
from tests.applications.factories import plan_line
from tests.applications.nodes.stage import application_line, open_plan_line
from tests.archive.factories import item_line, proofs, request_line, verdict_line
from tests.browsing import Browser, choices, csv_rows, links, table, tabs, text_of, value_of
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, id_number, ledger, registration_line, take, unit_code
from tests.home.factories import told
from tests.routes import KEYED, KEYS, RECORDS, RETURN, ROUTES, VERDICT, Call, Keys
from tests.units.approvals import kept_by

# Of the plans and the news: the second concerns the first unit no more than its own records.
REGIONS = {1: "350102", 2: "350203"}


def listed(app: Flask) -> set[tuple[str, str]]:
    """What the URL map serves; HEAD is GET without its body, OPTIONS only names methods."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def call(browser: Browser, method: str, one: Call, keys: Keys) -> Any:
    keys = keys | {"today": clock.today().isoformat()}  # not the module's day: a run may go past midnight
    form = {name: value.format(**keys) for name, value in one.form.items()}
    address = one.address.format(**keys)
    return browser.get(address, buffered=True) if method == "GET" else browser.post(address, form)


@pytest.fixture(scope="module")
def stage(engine, migrated, tmp_path_factory) -> Iterator[tuple[str, Path, tuple[Keys, Keys]]]:
    """A database with a key of everything in the unit of `zhang`, and in that of `wang`; its files; the keys."""
    name, folder = "every_key", proofs(tmp_path_factory.mktemp("data"))
    engine.copy(migrated, name)
    app = build(engine, name, folder)
    make = Make(app, PASSWORD)
    made = tuple(_keys_of_a_unit(app, make, folder, n, who) for n, who in ((1, "zhang"), (2, "wang")))
    release(app)
    yield name, folder, made
    engine.drop(name)


def _keys_of_a_unit(app: Flask, make: Make, folder: Path, n: int, who: str) -> Keys:
    """A waiting registration and a passed one, the batch that passed it, its person and by which pass he belongs,
    somebody's departure, a phrase, the clerk's account and role, a plan, news, the form of an approval that is not
    submitted yet; items and requests alike, and the file of an item."""
    unit = make.unit(n, nature="public_institution")
    make.account(who, "unit_administrator", unit)
    clerk = make.account(f"clerk of {who}", "unit_clerk", unit)
    pk, passed, left, staff = (make.registration(n + more, unit_code(n)) for more in (0, 10, 20, 30))
    browser = Browser(app).sign_in(who, PASSWORD)
    batch = _passed(browser, "/registrations", passed)
    _passed(browser, "/registrations", left, staff)
    people = {one.id: one.person_id for one in make.read(sa.select(Submission.id, Submission.person_id))}
    belongs_by, leaves_by = (ledger(make, one)[-1].id for one in (passed, left))
    leave = {"seen": leaves_by, "how": "left", "left_on": clock.today().isoformat()}
    browser.post(f"/people/end/{people[left]}", leave)
    browser.post("/phrases/add/pass", {"text": f"单位{n}的短语"})
    phrase, departure = (make.read(sa.select(sa.func.max(model.id)))[0][0] for model in (Phrase, Departure))
    return {
        **{"pk": pk, "passed": passed, "batch": batch, "person": people[passed], "belongs_by": belongs_by},
        **{"phrase": phrase, "departure": departure, "form": kept_by(browser)},
        "plan": make.taken(plan_line(n, region=REGIONS[n])),
        "news": told(make, n, REGIONS[n]),
        **{"account": clerk, "clerk": make.read(sa.select(Grant.id).where(Grant.user_id == clerk))[0][0]},
        **_keys_of_the_archive(app, make, folder, browser, n),
        **_keys_of_applications(app, folder, browser, n),
    }


def _keys_of_the_archive(app: Flask, make: Make, folder: Path, browser: Browser, n: int) -> Keys:
    def taken(*lines: Any) -> list[int]:
        results = take(app, *(line | {"submitted_at": clock.now().isoformat()} for line in lines), folder=folder)
        return [result.id for result in results if result.id]

    whose = {"unit": unit_code(n), "id_number": id_number(n + 30)}
    pk, passed, *asked = taken(*(item_line("paper", n * 10 + k, **whose) for k in range(4)))
    batch = _passed(browser, "/archive/paper", passed)
    _passed(browser, "/archive/paper", *asked)
    waits, agreed = taken(*(request_line(n * 10 + k, f"A{n * 10 + k}") for k in (2, 3)))
    file = make.read(sa.select(ArchiveItem.data).where(ArchiveItem.id == pk))[0][0]["proof"][0]
    return {
        **{"item_pk": pk, "item_passed": passed, "item_batch": batch, "file": file},
        **{"request_pk": waits, "request_passed": agreed, "request_batch": _passed(browser, "/withdrawals", agreed)},
    }


def _keys_of_applications(app: Flask, folder: Path, browser: Browser, n: int) -> Keys:
    """An application that waits, one that a batch returned, and one in a notice, and that."""
    people = [n + 40 + more for more in (0, 10, 20)]
    for who in people:
        (joined,) = take(app, registration_line(who, unit_code(n)))
        _passed(browser, "/registrations", joined.id or 0)
    now = {"submitted_at": clock.now().isoformat()}
    whose = [{"unit": unit_code(n), "id_number": id_number(who)} for who in people]
    items = [item_line("paper", n * 100 + k, **one, **now) for k, one in enumerate(whose)]
    _plan, *cited = take(app, open_plan_line(f"PN{n}"), *items, folder=folder)
    _passed(browser, "/archive/paper", *(one.id or 0 for one in cited))
    now = {"submitted_at": clock.now().isoformat()}
    lines = [
        application_line(n * 100 + k, [f"A{n * 100 + k}"], unit=n, id_number=one["id_number"], plan=f"PN{n}", **now)
        for k, one in enumerate(whose)
    ]
    waits, returned, posted = (one.id or 0 for one in take(app, *lines, folder=folder))
    today = clock.today().isoformat()
    answer = browser.post("/notices/new", {"rowid": f"{posted}:1", "begins_on": today, "ends_on": today})
    return {
        **{"app_pk": waits, "app_passed": returned, "app_batch": _decided(browser, "/applications", RETURN, returned)},
        **{"posted": posted, "notice": int(answer.location.rpartition("/")[2])},
    }


def _decided(browser: Browser, base: str, verdict: dict[str, str], *ids: int) -> int:
    """Records decided in a batch; its id."""
    answer = browser.post(f"{base}/decide", verdict | {"rowid": [f"{pk}:1" for pk in ids]})
    return int(re.search(r"batch/([0-9]+)", answer.location)[1])


def _passed(browser: Browser, base: str, *ids: int) -> int:
    return _decided(browser, base, VERDICT, *ids)


@pytest.fixture
def keyed(engine, stage, database) -> Iterator[Flask]:
    """The app on a copy of that database."""
    app = build(engine, database(stage[0]), stage[1])
    yield app
    release(app)


@pytest.fixture
def keys(stage) -> tuple[Keys, Keys]:
    return stage[2]


@pytest.fixture
def zhang(keyed) -> Browser:
    return Browser(keyed).sign_in("zhang", PASSWORD)


def test_every_route_is_in_the_table_and_the_table_has_no_other(app):
    assert sorted(listed(app) ^ set(ROUTES)) == []


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_a_route_opens_with_an_own_key(zhang, keys, route):
    assert call(zhang, route[1], ROUTES[route], keys[0]).status_code == ROUTES[route].own


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
def test_another_units_key_is_not_found_and_nothing_is_done(keyed, zhang, keys, method, one):
    own, theirs = keys
    records = [unit[name] for unit in keys for name in RECORDS]
    make = Make(keyed, PASSWORD)
    before = ledger(make, *records)
    answer = call(zhang, method, one, theirs)
    assert answer.status_code == one.foreign
    assert [name for name in ("人员2", "人员12", "人员32", "单位2") if name in answer.text] == []
    assert ledger(make, *records) == before
    assert call(zhang, method, one, own).status_code == one.own


@pytest.mark.parametrize(
    ("base", "key"), [("/registrations", "pk"), ("/archive/paper", "item_pk"), ("/withdrawals", "request_pk")]
)
def test_another_units_key_is_answered_like_a_key_of_nobody(zhang, keys, base, key):
    theirs, nobodys = (text_of(zhang.get(f"{base}/show/{pk}")) for pk in (keys[1][key], 999_999))
    assert theirs[: theirs.index("请求编号")] == nobodys[: nobodys.index("请求编号")]


# ---- every role (what each opens: tests/test_matrix.py) --------------------------------------------------------------


@pytest.fixture
def waiting(app, make, tmp_path) -> Callable[[], Keys]:
    """Makes what waits at each desk in the first unit, and the file of an item: their keys."""

    def made() -> Keys:
        folder = proofs(tmp_path)
        lines = [
            *(registration_line(1), verdict_line(1, of="R1", day=2), registration_line(2)),
            *(item_line("paper", 1), verdict_line(1), request_line(1), item_line("paper", 2)),
        ]
        ids = [result.id for result in take(app, *lines, folder=folder)]
        file = make.read(sa.select(ArchiveItem.data).where(ArchiveItem.id == ids[6]))[0][0]["proof"][0]
        return {"pk": ids[2], "request_pk": ids[5], "item_pk": ids[6], "file": file}

    return made


@pytest.mark.parametrize("role", ROLES)
def test_a_role_over_another_unit_or_region_finds_nothing(make, sign_in, waiting, role):
    make.unit(1)
    other = make.unit(2, region="350203")
    make.account("reader", role, "350203" if ROLES[role].over == "region" else other)
    keys = waiting()
    browser = sign_in("reader")
    for base, key in (("/registrations", "pk"), ("/archive/all", "item_pk"), ("/withdrawals", "request_pk")):
        assert table(browser.get(f"{base}/list/?status=all")) == []
        assert len(csv_rows(browser.get(f"{base}/export.csv?status=all"))) == 1
        assert browser.get(f"{base}/show/{keys[key]}").status_code == 404
        form = {"verdict": "pass", "opinion": "x", "rowid": f"{keys[key]}:1"}
        assert browser.post(f"{base}/decide", form).status_code in (403, 404)
        assert len(ledger(make, keys[key])) == 1
    assert browser.get(f"/attachments/{keys['file']}").status_code == 404


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
