"""代审: named by a unit administrator until a day; decides for him, and does nothing else of his."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app import clock
from app.accounts import granting
from app.accounts.models import Account, Grant
from app.review.models import Submission
from tests.accounts.test_bounds import grant_id, seen_of
from tests.applications.nodes.stage import Stage, application_line, one
from tests.applications.nodes.test_passing import draft
from tests.applications.papers import pages
from tests.archive.factories import item_line, proofs, request_line, verdict_line
from tests.browsing import Browser, choices, links, table, text_of, value_of
from tests.factories import Make, audited, change, grant, id_number, ledger, registration_line, take, unit_code
from tests.review.test_races import at_once
from tests.statements import recorded

NAME, GRANT = "/roles/stand_in", "/roles/grant"
ZHANG, LIN = "zhang 的持有人", "lin 的持有人"
FOR = f"{LIN}（代 {ZHANG}）"
Wearing = Callable[[], Browser]


def day(days: int) -> str:
    return str(clock.today() + timedelta(days=days))


@pytest.fixture
def stage(make) -> dict[str, int]:
    """A unit with its administrator zhang (the n-th person, 1) and its clerk lin; li elsewhere, HR operations above."""
    unit = make.unit(1)
    return {
        "unit": unit,
        "zhang": make.account("zhang", "unit_administrator", unit, holder=id_number(1)),
        "lin": make.account("lin", "unit_clerk", unit, holder=id_number(2)),
        "li": make.account("li", "unit_administrator", make.unit(2)),
        "ops": make.account("ops", "hr_operations", "350100"),
    }


@pytest.fixture
def zhang(stage, sign_in) -> Browser:
    return sign_in("zhang")


@pytest.fixture
def wearing(sign_in) -> Wearing:
    """Signs lin in, who puts on the newest of his roles."""

    def signed_in() -> Browser:
        browser = sign_in("lin")
        browser.post("/role", {"grant": choices(browser.get("/registrations/list/"), "grant")[-1]})
        return browser

    return signed_in


@pytest.fixture
def lin(zhang, wearing) -> Browser:
    """lin, named until the day after tomorrow."""
    assert named(zhang).status_code == 303
    return wearing()


def named(browser: Browser, username: str = "lin", until: str | None = None, **more: str) -> Any:
    return browser.post(NAME, {"username": username, "expires_on": day(2) if until is None else until} | more)


def decided(browser: Browser, pk: int, verdict: str = "pass", base: str = "/registrations", steps: int = 1) -> Any:
    form = {"verdict": verdict, "opinion": "材料属实", "rowid": f"{pk}:{steps}", "single": "1"}
    return browser.post(f"{base}/decide", form)


def stand_ins(make: Make) -> list[tuple[str, str | None, date | None, bool]]:
    """Who stood or stands for whom, until when, and whether it was revoked."""
    names = {one.id: one.username for one in make.read(sa.select(Account.id, Account.username))}
    query = sa.select(Grant.user_id, Grant.stands_for_id, Grant.expires_on, Grant.revoked_at)
    rows = make.read(query.where(Grant.role == "stand_in").order_by(Grant.id))
    return [(names[who], names.get(whom), until, revoked is not None) for who, whom, until, revoked in rows]


def one_stand_in(*, ended: bool = False) -> list[tuple[str, str | None, date | None, bool]]:
    return [("lin", "zhang", clock.today() + timedelta(days=2), ended)]


# ---- naming ----------------------------------------------------------------------------------------------------------


def test_an_administrator_names_one_of_his_unit_until_a_day(make, stage, zhang):
    assert links(zhang.get("/roles/list/"), "指定代审") == [NAME]
    page = zhang.get(NAME)
    assert choices(page, "username") == ["", "lin"]
    assert f"最晚至 {clock.today().replace(year=clock.today().year + 1)}" in text_of(page)
    answer = named(zhang)
    assert (answer.status_code, answer.location) == (303, f"/accounts/show/{stage['lin']}")
    assert stand_ins(make) == one_stand_in()
    (entry,) = audited(make, "grant_role")
    assert (entry.subject, entry.unit_id, entry.by_name) == ("account lin", stage["unit"], ZHANG)
    assert entry.detail == {"role": "stand_in", "region": None, "until": day(2), "stands_for_id": stage["zhang"]}


def test_the_lists_and_the_account_say_for_whom(make, stage, zhang):
    named(zhang)
    assert table(zhang.get("/roles/list/"))[0]["角色"] == f"代审（代 {ZHANG}）"
    assert f"代审（代 {ZHANG}） 单位1" in text_of(zhang.get(f"/accounts/show/{stage['lin']}"))


BEYOND = {
    "himself": ("zhang", None, "不能由本人变更"),
    "of another unit": ("li", None, "没有该用户名的账号"),
    "nobody": ("nobody", None, "没有该用户名的账号"),
    "without a day": ("lin", "", "请填写"),
    "a past day": ("lin", "2020-01-01", "不能早于今天"),
    "no day": ("lin", "soon", "日期"),
    "beyond a year": ("lin", "2099-01-01", "不得晚于"),
}


@pytest.mark.parametrize("case", BEYOND)
def test_what_is_beyond_the_bounds_names_nobody_and_says_why_beside_its_field(make, zhang, case):
    username, until, why = BEYOND[case]
    answer = named(zhang, username, until)
    assert (answer.status_code, stand_ins(make), audited(make, "grant_role")) == (400, [], [])
    assert 'class="error" id="field-' in answer.text
    assert why in text_of(answer)


def test_nobody_names_another_account_of_his_own(make, stage, zhang):
    make.account("zhang2", "unit_clerk", stage["unit"], holder=id_number(1))
    assert "zhang2" not in choices(zhang.get(NAME), "username")
    answer = named(zhang, "zhang2")
    assert (answer.status_code, stand_ins(make)) == (400, [])


def test_not_beyond_the_last_day_of_the_namers_own_role(make, stage, zhang):
    change(make, sa.update(Grant).where(Grant.user_id == stage["zhang"]).values(expires_on=date.fromisoformat(day(5))))
    answer = named(zhang, until=day(6))
    assert (answer.status_code, f"不得晚于 {day(5)}" in text_of(answer), stand_ins(make)) == (400, True, [])
    assert named(zhang, until=day(5)).status_code == 303


@pytest.mark.parametrize("who", ["lin", "ops", "boss", "stand-in"])
def test_nobody_else_names_one(make, stage, zhang, sign_in, wearing, who):
    make.account("boss", "system_administrator", "350000")
    make.account("wu", "unit_clerk", stage["unit"])
    if who == "stand-in":
        named(zhang)
    before, browser = stand_ins(make), wearing() if who == "stand-in" else sign_in(who)
    assert (browser.get(NAME).status_code, named(browser, "wu").status_code) == (403, 403)
    assert stand_ins(make) == before


@pytest.mark.parametrize("who", ["zhang", "ops", "boss"])
@pytest.mark.parametrize("until", ["", "tomorrow"])
def test_the_form_that_grants_roles_makes_no_stand_in(make, stage, sign_in, who, until):
    make.account("boss", "system_administrator", "350000")
    browser = sign_in(who)
    assert "stand_in" not in choices(browser.get(GRANT), "role")
    form = {"username": "lin", "role": "stand_in", "unit": unit_code(1), "region": "", "stands_for_id": stage["li"]}
    form |= {"expires_on": until and day(1)}
    assert browser.post(GRANT, form).status_code == 400
    holder = {"username": "newone", "name": "新人", "id_number": id_number(77)}
    assert browser.post("/accounts/issue/", form | holder).status_code in (400, 403)
    assert stand_ins(make) == []


def test_several_at_a_time_each_account_once_and_for_each_administrator(make, stage, zhang, sign_in):
    make.account("wu", "unit_clerk", stage["unit"])
    make.account("chen", "unit_administrator", stage["unit"])
    answers = [named(zhang), named(zhang, "wu"), named(zhang), named(sign_in("chen"))]
    assert [answer.status_code for answer in answers] == [303, 303, 409, 303]
    assert "该账号已在代您审核" in text_of(answers[2])
    assert [pair[:2] for pair in stand_ins(make)] == [("lin", "zhang"), ("wu", "zhang"), ("lin", "chen")]


def test_a_form_from_before_a_revoke_names_nobody_again(make, zhang):
    made_at = value_of(zhang.get(NAME), "made_at")
    named(zhang, made_at=made_at)
    assert zhang.post(f"/roles/revoke/{grant_id(make, 'lin')}", {"reason": "已返岗"}).status_code == 303
    assert (named(zhang, made_at=made_at).status_code, stand_ins(make)) == (409, one_stand_in(ended=True))


# ---- deciding --------------------------------------------------------------------------------------------------------


def test_the_frame_says_for_whom_he_decides(lin):
    assert f"代审 · 单位1 · 代 {ZHANG}" in text_of(lin.get("/registrations/list/"))
    assert f"代审 单位1 · 代 {ZHANG}" in text_of(lin.get("/account/"))


def test_it_is_asked_in_the_one_statement_that_loads_the_account(app, zhang, wearing):
    named(zhang)
    browser = wearing()
    with recorded(app) as statements:
        browser.get("/account/until")
    assert len([one for one in statements if "role_grant" in one]) == 1


def test_he_decides_and_the_ledger_and_every_history_name_both(make, stage, zhang, lin):
    pk = make.registration(5)
    assert decided(lin, pk, "return").status_code == 303
    last = ledger(make, pk)[-1]
    assert (last.by_id, last.by_name) == (stage["lin"], LIN)
    assert (last.for_id, last.for_name) == (stage["zhang"], ZHANG)
    assert [FOR in text_of(browser.get(f"/registrations/show/{pk}")) for browser in (lin, zhang)] == [True, True]
    late = decided(zhang, pk)
    assert (late.status_code, f"{FOR} 已于" in text_of(late)) == (409, True)


def test_what_he_decides_by_his_own_role_names_nobody_else(make, zhang):
    pk = make.registration(5)
    decided(zhang, pk)
    last = ledger(make, pk)[-1]
    assert (last.by_name, last.for_id, last.for_name) == (ZHANG, None, None)


def test_a_batch_names_both_and_what_he_decided_first(make, stage, zhang, lin):
    first, second = make.registration(5), make.registration(6)
    decided(lin, first)
    tokens = {"rowid": [f"{first}:1", f"{second}:1"], "verdict": "pass", "opinion": "同意"}
    answer = zhang.post("/registrations/decide", tokens)
    assert f"{FOR} 已于" in text_of(zhang.get(answer.location))  # who decided the first meanwhile
    third = make.registration(7)
    made = lin.post("/registrations/decide", {"rowid": f"{third}:1", "verdict": "pass", "opinion": "同意"})
    assert [FOR in text_of(browser.get(made.location)) for browser in (lin, zhang)] == [True, True]


def test_the_item_of_a_request_that_he_agreed_to_says_so_too(app, make, lin, tmp_path):
    lines = [registration_line(1), verdict_line(1, of="R1", day=2), item_line("paper", 1), verdict_line(1)]
    found = take(app, *lines, request_line(1), folder=proofs(tmp_path))
    item, asked = found[2].id, found[4].id
    assert decided(lin, asked, base="/withdrawals").status_code == 303
    last = ledger(make, item)[-1]
    assert (last.step, last.by_name, last.for_name) == ("withdraw", LIN, ZHANG)


def test_he_takes_back_what_the_administrator_decided_and_the_other_way_round(make, zhang, lin):
    pk, other = make.registration(5), make.registration(6)
    decided(zhang, pk)
    decided(lin, other)
    form = {"status": "passed", "opinion": "看错了", "single": "1"}
    back = [
        lin.post("/registrations/take_back", form | {"rowid": f"{pk}:2"}),
        zhang.post("/registrations/take_back", form | {"rowid": f"{other}:2"}),
    ]
    assert [answer.status_code for answer in back] == [303, 303]
    last = [ledger(make, one)[-1] for one in (pk, other)]
    assert [(one.step, one.by_name, one.for_name) for one in last] == [
        ("take_back", LIN, ZHANG),
        ("take_back", ZHANG, None),
    ]


def test_the_audit_log_names_both(make, stage, lin):
    pk = make.registration(5)
    assert lin.post(f"/registrations/reveal/{pk}").status_code == 200
    lin.get("/registrations/export.csv")
    for action in ("reveal", "export"):
        entry = audited(make, action)[-1]
        assert (entry.by_name, entry.detail["for_id"], entry.detail["for_name"]) == (LIN, stage["zhang"], ZHANG)


def test_the_day_after_the_last_one_he_no_longer_can(make, lin, wearing, sign_in):
    pk, later = make.registration(5), make.registration(6)
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert decided(wearing(), pk).status_code == 303
    with clock.frozen(clock.now() + timedelta(days=3)):
        browser = sign_in("lin")
        page = browser.get("/registrations/list/")
        assert ("代审" in text_of(page), decided(browser, later).status_code) == (False, 403)
        assert browser.post("/role", {"grant": grant_id(make, "lin")}).status_code == 403
    assert len(ledger(make, later)) == 1


FORBIDDEN = (
    "/roles/list/",
    GRANT,
    NAME,
    "/accounts/issue/",
    "/phrases/list/",
    "/posts/submit",
    "/holidays/list/",
    "/plans/add",
)


def test_he_does_nothing_else_of_the_administrators(make, stage, lin):
    make.registration(5)
    person = make.read(sa.select(Submission.person_id))[0][0]
    change(make, sa.text("UPDATE unit SET nature = 'public_institution'"))
    assert [lin.get(address).status_code for address in FORBIDDEN] == [403] * len(FORBIDDEN)
    posted = {
        "/posts/submit": {},
        f"/people/end/{person}": {"seen": "1", "how": "left", "left_on": day(0)},
        f"/people/reveal/{person}": {},
        "/phrases/add/pass": {"text": "同意"},
        f"/roles/revoke/{grant_id(make, 'zhang')}": {"reason": "x"},
        f"/roles/expire/{grant_id(make, 'lin')}": {"seen": day(2), "expires_on": day(90)},
    }
    assert [lin.post(address, form).status_code for address, form in posted.items()] == [403] * len(posted)
    assert stand_ins(make) == one_stand_in()


# ---- what else of the unit a pass needs ------------------------------------------------------------------------------


@pytest.fixture
def institution(make, tmp_path) -> Stage:
    """A public institution with its administrator zhang and its clerk lin."""
    made = Stage(make, proofs(tmp_path))
    make.account("zhang", "unit_administrator", made.unit, holder=id_number(1))
    make.account("lin", "unit_clerk", made.unit, holder=id_number(2))
    return made


def test_he_passes_an_application_with_its_recommendation_and_its_paper_says_so(make, institution, sign_in, wearing):
    named(sign_in("zhang"))
    lin = wearing()
    make.account("dept", "department_reviewer", institution.department)
    (pk,) = institution.applying(5)
    assert draft(lin, pk).status_code == 303
    assert lin.post("/applications/decide", one(make, pk, "pass", "材料齐全")).status_code == 303
    assert institution.stands(pk) == ("pending", "department")
    paper = "".join(pages(lin.get(f"/applications/form/{pk}.pdf").data))
    assert FOR.replace(" ", "") in paper.replace(" ", "")
    assert text_of(sign_in("dept").get(f"/applications/show/{pk}")).count(FOR) == 2  # before its verdict, and below


def test_he_is_not_led_to_where_posts_are_entered_and_keeps_notices(make, institution, sign_in, wearing):
    zhang = sign_in("zhang")
    named(zhang)
    lin = wearing()
    (pk,) = institution.applying(5)
    led = [links(browser.get(f"/applications/show/{pk}"), "录入岗位核准信息") != [] for browser in (zhang, lin)]
    assert led == [True, False]
    answer = lin.post("/notices/new", {"rowid": f"{pk}:1", "begins_on": day(0), "ends_on": day(0)})
    assert answer.location.startswith("/notices/show/")


def test_what_an_application_cites_of_his_says_for_whom_it_passed(make, institution, sign_in, wearing):
    named(sign_in("zhang"))
    lin = wearing()
    institution.taken(registration_line(5), verdict_line(7005, of="R5", day=2))
    (item,) = institution.taken(item_line("social_position", 5, unit=unit_code(1), id_number=id_number(5)))
    assert decided(lin, item, base="/archive/social_position").status_code == 303
    (pk,) = institution.taken(application_line(5, submitted_at=clock.now().isoformat()))
    (cited,) = institution.cited(pk).values()
    assert (cited["verdict"]["by_name"], cited["verdict"]["for_name"]) == (LIN, ZHANG)
    assert FOR in text_of(lin.get(f"/applications/show/{pk}"))


# ---- 回避 ------------------------------------------------------------------------------------------------------------


def test_an_own_record_leads_to_naming_a_stand_in_where_nobody_else_could_decide_it(make, zhang):
    pk = make.registration(1)
    page = zhang.get(f"/registrations/show/{pk}")
    assert "没有其他管理员可以审核。 指定代审" in text_of(page)
    assert links(page, "指定代审") == [NAME]
    other = make.registration(6)
    form = {"rowid": [f"{pk}:1", f"{other}:1"], "verdict": "pass", "opinion": "同意"}
    result = zhang.get(zhang.post("/registrations/decide", form).location)
    assert links(result, "指定代审") == [NAME]
    person = make.read(sa.select(Submission.person_id).where(Submission.id == pk))[0][0]
    assert links(zhang.get(f"/people/show/{person}"), "指定代审") == [NAME]


def test_then_it_names_him_and_he_decides_the_record_of_whoever_named_him(make, zhang, lin):
    pk = make.registration(1)
    page = zhang.get(f"/registrations/show/{pk}")
    assert f"可由您指定的代审人审核：{LIN}。" in text_of(page)
    assert links(page, "指定代审") == []
    assert decided(lin, pk).status_code == 303
    assert ledger(make, pk)[-1].for_name == ZHANG


def test_his_own_record_is_left_out_for_the_stand_in_too(make, zhang, lin):
    own, other = make.registration(2), make.registration(6)
    page = lin.get(f"/registrations/show/{own}")
    assert f"须由本单位其他管理员审核：{ZHANG}。" in text_of(page)
    assert decided(lin, own).status_code == 409
    form = {"rowid": [f"{own}:1", f"{other}:1"], "verdict": "pass", "opinion": "同意"}
    result = lin.get(lin.post("/registrations/decide", form).location)
    assert f"须由本单位其他管理员审核：{ZHANG}。" in text_of(result)
    assert [len(ledger(make, pk)) for pk in (own, other)] == [1, 2]
    assert decided(zhang, own).status_code == 303


def test_another_account_of_the_same_person_is_not_named_as_who_could_decide_it(make, stage, zhang):
    make.account("zhang2", "unit_administrator", stage["unit"], holder=id_number(1))
    assert "没有其他管理员可以审核" in text_of(zhang.get(f"/registrations/show/{make.registration(1)}"))


# ---- its end ---------------------------------------------------------------------------------------------------------


def test_the_administrator_ends_it_with_a_reason_and_it_opens_nothing_at_the_next_request(make, zhang, lin):
    pk = make.registration(5)
    assert zhang.post(f"/roles/revoke/{grant_id(make, 'lin')}", {"reason": ""}).status_code == 400
    assert zhang.post(f"/roles/revoke/{grant_id(make, 'lin')}", {"reason": "已返岗"}).status_code == 303
    assert (decided(lin, pk).status_code, stand_ins(make)) == (403, one_stand_in(ended=True))
    assert audited(make, "revoke_role")[-1].detail["reason"] == "已返岗"


@pytest.mark.parametrize(("until", "answer"), [(1, 303), (3, 400), (None, 400)])
def test_he_shortens_it_and_nobody_lengthens_it(make, stage, zhang, lin, sign_in, until, answer):
    form = {"seen": day(2), "expires_on": day(until) if until else ""}
    for browser in (sign_in("ops"), zhang) if answer == 400 else (zhang,):
        got = browser.post(f"/roles/expire/{grant_id(make, 'lin')}", form)
        assert got.status_code == answer
        assert ("结束日期只能提前" in text_of(got)) is (answer == 400)
    assert [row[2] for row in stand_ins(make)] == [date.fromisoformat(day(1 if answer == 303 else 2))]


def test_it_ends_with_the_role_of_whoever_named_him(make, stage, zhang, lin, sign_in):
    make.account("chen", "unit_administrator", stage["unit"])
    named(sign_in("chen"), "lin")
    pk, ops = make.registration(5), sign_in("ops")
    assert ops.post(f"/roles/revoke/{grant_id(make, 'zhang')}", {"reason": "调离"}).status_code == 303
    until = date.fromisoformat(day(2))
    assert [row[1:] for row in stand_ins(make)] == [("zhang", until, True), ("chen", until, False)]
    assert decided(lin, pk).status_code == 403
    entries = [entry for entry in audited(make, "revoke_role") if entry.detail["role"] == "stand_in"]
    assert [(entry.subject, entry.detail["reason"]) for entry in entries] == [("account lin", "调离")]


def test_and_with_his_account(make, stage, zhang, lin, sign_in):
    make.account("chen", "unit_administrator", stage["unit"])
    ops = sign_in("ops")
    form = {"reason": "调离", "seen": seen_of(ops.get(f"/accounts/show/{stage['zhang']}"))}
    assert ops.post(f"/accounts/disable/{stage['zhang']}", form).status_code == 303
    assert stand_ins(make) == one_stand_in(ended=True)
    assert decided(lin, make.registration(5)).status_code == 403


def test_and_no_later_than_his_last_day(make, stage, zhang, lin, sign_in):
    make.account("chen", "unit_administrator", stage["unit"])
    pk = grant_id(make, "zhang")
    assert sign_in("ops").post(f"/roles/expire/{pk}", {"seen": "", "expires_on": day(1)}).status_code == 303
    assert stand_ins(make) == [("lin", "zhang", date.fromisoformat(day(1)), False)]
    assert len(audited(make, "change_expiry")) == 2


def test_a_stand_in_counts_as_no_administrator(make, stage, zhang, lin, sign_in):
    answer = sign_in("ops").post(f"/roles/revoke/{grant_id(make, 'zhang')}", {"reason": "调离"})
    assert (answer.status_code, "最后一名单位管理员" in text_of(answer), stand_ins(make)) == (409, True, one_stand_in())


def test_hr_operations_still_resets_and_disables_the_account_of_a_stand_in(make, stage, lin, sign_in):
    ops = sign_in("ops")
    form = {"seen": seen_of(ops.get(f"/accounts/show/{stage['lin']}"))}
    assert ops.post(f"/accounts/reset/{stage['lin']}", form).status_code == 200
    assert ops.post(f"/roles/revoke/{grant_id(make, 'lin')}", {"reason": "不当"}).status_code == 303


def test_who_is_named_while_the_namer_loses_his_role_stands_for_nobody(make, stage, zhang, sign_in):
    ops = sign_in("ops")
    for n in range(5):
        pk = make.account(f"a{n}", "unit_administrator", stage["unit"])
        browser, role = sign_in(f"a{n}"), grant_id(make, f"a{n}")
        answers = at_once(
            lambda: named(browser).status_code,  # noqa: B023 — called within the turn
            lambda: ops.post(f"/roles/revoke/{role}", {"reason": "x"}).status_code,  # noqa: B023
        )
        assert answers[1] == 303
        assert make.read(sa.select(Grant.id).where(Grant.stands_for_id == pk, Grant.revoked_at.is_(None))) == []


@pytest.mark.parametrize(
    ("today", "own", "latest"),
    [
        ("2027-05-31", None, "2028-05-31"),
        ("2028-02-29", None, "2029-02-28"),
        ("2027-05-31", "2027-06-01", "2027-06-01"),
        ("2027-05-31", "2099-01-01", "2028-05-31"),
    ],
)
def test_a_year_ahead_at_the_latest(today, own, latest):
    with clock.frozen(clock.datetime.fromisoformat(f"{today}T08:00:00+08:00")):
        assert str(granting.latest_end(own and date.fromisoformat(own))) == latest


def test_the_list_costs_no_more(app, make, stage, zhang):
    for n in range(20):
        grant(make, stage["lin"], "unit_clerk", stage["unit"], clock.today() + timedelta(days=n))
    named(zhang)
    for address in ("/roles/list/", f"/accounts/show/{stage['lin']}"):
        with recorded(app) as statements:
            assert zhang.get(address).status_code == 200
        assert len(statements) <= 8, address
