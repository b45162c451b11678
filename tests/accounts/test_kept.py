"""A form sent after the session had ended: nothing is done, and nothing that was written is lost."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import url_for

from app import clock
from app.accounts.models import Account
from app.review.models import Submission
from app.review.phrases import Phrase
from app.review.together import Note, Postponement
from tests.browsing import Browser, part, rowids, text_of, value_of
from tests.conftest import PASSWORD
from tests.factories import audited, change, ledger, unit_code

DECIDE, DOOR = "/registrations/decide", "/login/built-in"
TOLD = "登录已失效，此前的内容尚未提交。请再次核对后确定。"


@pytest.fixture
def pk(make) -> int:
    """A record of the unit of `zhang`, an administrator; `wang` is one of another unit."""
    for n, name in ((1, "zhang"), (2, "wang")):
        make.account(name, "unit_administrator", make.unit(n))
    return make.registration()


@pytest.fixture
def expired(pk, sign_in) -> Browser:
    """The browser of `zhang`, whose session ended while a page stood open."""
    browser = sign_in("zhang")
    browser.get(f"/registrations/show/{pk}")
    browser.client.delete_cookie("session")
    return browser


def verdict(pk: int, **changes: Any) -> dict[str, Any]:
    return {"rowid": f"{pk}:1", "single": "1", "verdict": "return", "opinion": "我写的<意见>"} | changes


def sign_in_again(browser: Browser, page: Any, username: str = "zhang", password: str = PASSWORD) -> Any:
    """Send the sign-in page as it came, filled in; and then the kept form again, as the page after it does."""
    form = {name: value_of(page, name) for name in ("kept_action", "kept", "next")}
    return resumed(browser, browser.post(DOOR, form | {"username": username, "password": password}))


def resumed(browser: Browser, answer: Any) -> Any:
    """What the script of the page after a sign-in does, where it carries a form."""
    found = re.search(r'<form method="post" action="([^"]*)" data-resume>(.*?)</form>', answer.text, flags=re.S)
    if not found:
        return answer
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', found[2])
    form: dict[str, Any] = {}
    for name, value in pairs:
        if name != "csrf_token":
            form.setdefault(html.unescape(name), []).append(html.unescape(value))
    return browser.post(html.unescape(found[1]), form)


def come_back(browser: Browser, address: str, form: dict[str, Any], username: str = "zhang") -> Any:
    """Send a form when the session has ended, and sign in on the page that answers."""
    return sign_in_again(browser, browser.post(address, form), username)


def dialog(page: Any, name: str) -> Any:
    return part(page, f'<dialog class="dialog" id="dialog-{name}"', "</dialog>")


def steps(make, pk: int) -> list[str]:
    return [entry.step for entry in ledger(make, pk)]


# ---- what comes back -------------------------------------------------------------------------------------------------


def test_a_form_of_somebody_signed_out_is_answered_with_the_sign_in_page_and_does_nothing(make, expired, pk):
    answer = expired.post(DECIDE, verdict(pk))
    assert (answer.status_code, 'type="password"' in answer.text, steps(make, pk)) == (401, True, ["submit"])
    assert "登录已失效。请重新登录，您填写的内容经您确认后才会提交。" in text_of(answer)


def test_its_token_is_not_carried_along(expired, pk):
    names = [name for name, _value in json.loads(value_of(expired.post(DECIDE, verdict(pk)), "kept"))]
    assert sorted(names) == ["opinion", "rowid", "single", "verdict"]


@pytest.mark.parametrize("key", ["pass", "return"])
def test_after_the_sign_in_the_page_shows_the_verdict_and_the_text_and_nothing_is_decided_yet(make, expired, pk, key):
    page = come_back(expired, DECIDE, verdict(pk, verdict=key))
    shown = dialog(page, key)
    assert (page.status_code, shown.text.split(">")[0].endswith("open data-open")) == (200, True)
    assert (value_of(shown, "opinion"), TOLD in text_of(shown)) == ("我写的<意见>", True)
    assert steps(make, pk) == ["submit"]


def test_sending_it_decides(make, expired, pk):
    shown = dialog(come_back(expired, DECIDE, verdict(pk)), "return")
    form = {name: value_of(shown, name) for name in ("verdict", "rowid", "single", "query", "opinion")}
    answer = expired.post(DECIDE, form)
    entry = ledger(make, pk)[-1]
    assert (answer.status_code, entry.step, entry.opinion) == (303, "return", "我写的<意见>")
    assert entry.by_name == "zhang 的持有人"


def test_a_wrong_password_loses_nothing(make, expired, pk):
    refused = sign_in_again(expired, expired.post(DECIDE, verdict(pk)), password="wrong")
    page = sign_in_again(expired, refused)
    assert (refused.status_code, page.status_code) == (401, 200)
    assert value_of(dialog(page, "return"), "opinion") == "我写的<意见>"


def test_the_remarks_of_a_return_come_back_too(expired, pk):
    page = come_back(expired, DECIDE, verdict(pk, item="person.email") | {"remark:person.email": "邮箱写错"})
    assert value_of(dialog(page, "return"), "remark:person.email") == "邮箱写错"


def test_a_batch_comes_back_with_its_selection(make, expired, pk):
    other = make.registration(3, unit_code(1))
    form = {"rowid": [f"{pk}:1", f"{other}:1"], "verdict": "pass", "opinion": "已核对"}
    page = come_back(expired, DECIDE, form)
    assert (page.status_code, rowids(page), value_of(page, "opinion")) == (200, form["rowid"], "已核对")
    sent = expired.post(DECIDE, {"rowid": rowids(page), "verdict": value_of(page, "verdict"), "opinion": "已核对"})
    assert (sent.status_code, steps(make, pk), steps(make, other)) == (303, ["submit", "pass"], ["submit", "pass"])


def test_a_reason_for_taking_back_comes_back(make, sign_in, pk):
    browser = sign_in("zhang")
    browser.post(DECIDE, verdict(pk))
    browser.client.delete_cookie("session")
    form = {"rowid": f"{pk}:1", "single": "1", "status": "returned", "opinion": "看错了"}
    page = come_back(browser, "/registrations/take_back", form)
    assert (value_of(dialog(page, "take-back"), "opinion"), steps(make, pk)) == ("看错了", ["submit", "return"])


def test_a_note_comes_back(make, expired, pk):
    page = come_back(expired, f"/registrations/note/{pk}", {"text": "照片待核实"})
    assert (page.status_code, value_of(page, "text"), make.read(sa.select(Note.id))) == (200, "照片待核实", [])


def test_a_phrase_comes_back(make, expired):
    page = come_back(expired, "/phrases/add/pass", {"text": "情况属实"})
    shown = part(page, 'aria-labelledby="phrase-pass-title"', "</section>")
    assert (page.status_code, value_of(shown, "text"), make.read(sa.select(Phrase.id))) == (200, "情况属实", [])


def test_an_opinion_that_cannot_be_kept_is_shown_with_what_is_wrong_with_it(make, expired, pk):
    page = come_back(expired, DECIDE, verdict(pk, opinion="长" * 5001))
    shown = dialog(page, "return")
    assert (value_of(shown, "opinion"), "最多 5000 字" in text_of(shown)) == ("长" * 5001, True)
    assert steps(make, pk) == ["submit"]


def test_a_step_with_nothing_written_is_not_done_and_said_so(make, expired, pk):
    seen = len(audited(make, "reveal"))
    answer = come_back(expired, f"/registrations/reveal/{pk}", {})
    told = text_of(expired.get("/registrations/list/"))
    assert (answer.status_code, len(audited(make, "reveal"))) == (303, seen)
    assert "刚才的操作没有执行" in told


def test_what_others_decided_meanwhile_is_told(make, expired, sign_in, pk):
    page = expired.post(DECIDE, verdict(pk))
    sign_in("zhang").post(DECIDE, verdict(pk, verdict="pass", opinion="同意"))
    shown = sign_in_again(expired, page)
    form = verdict(pk)
    assert "同意" in text_of(shown)
    assert expired.post(DECIDE, form).status_code == 409
    assert steps(make, pk) == ["submit", "pass"]


def test_markup_that_was_written_is_text(expired, pk):
    asked = expired.post(DECIDE, verdict(pk, opinion='"><img src=x>'))
    assert ["<img" in page.text for page in (asked, sign_in_again(expired, asked))] == [False, False]


# ---- whose it is, and what no page of ours sends ---------------------------------------------------------------------


def test_somebody_of_another_unit_who_signs_in_decides_nothing(make, expired, pk):
    answer = come_back(expired, DECIDE, verdict(pk), "wang")
    assert (answer.status_code, "人员1" in answer.text) == (404, False)
    assert expired.post(DECIDE, verdict(pk)).status_code == 404
    assert steps(make, pk) == ["submit"]


def test_a_clerk_who_signs_in_decides_nothing(make, expired, pk):
    make.account("clerk", "unit_clerk", make.unit_id(unit_code(1)))
    answer = come_back(expired, DECIDE, verdict(pk), "clerk")
    assert (answer.status_code, steps(make, pk)) == (403, ["submit"])


def forged(browser: Browser, action: str, kept: str) -> Any:
    """Sign in by a form that somebody made up."""
    browser.get(DOOR)
    form = {"kept_action": action, "kept": kept, "next": "/registrations/list/?status=all"}
    return resumed(browser, browser.post(DOOR, form | {"username": "zhang", "password": PASSWORD}))


OUTSIDE = [
    *(
        "//posts/submit",
        "/nowhere",
        "https://evil.example/registrations/decide",
        "//evil.example/",
        "javascript:alert(1)",
    ),
    *("/registrations/list/", "/static/desk.js", "registrations/decide/..", "/registrations/note/abc", "\\decide"),
]


@pytest.mark.parametrize("action", OUTSIDE)
def test_an_action_that_is_no_form_of_ours_is_passed_over(expired, pk, action):
    answer = forged(expired, action, json.dumps([["opinion", "写的"]]))
    assert (answer.status_code, answer.location) == (303, "/registrations/list/?status=all")


NO_PAIRS = ["x", "", "1", "null", "true", '"text"', '{"opinion": "写的"}', "[1]", '[["a"]]', '[["a", "b", "c"]]']
DEEP = pytest.param("[" * 5000, id="deep")


@pytest.mark.parametrize("kept", [*NO_PAIRS, "{}", DEEP])
def test_fields_that_are_no_list_of_pairs_are_passed_over(expired, pk, kept):
    answer = forged(expired, DECIDE, kept)
    assert (answer.status_code, answer.location) == (303, "/registrations/list/?status=all")


@pytest.mark.parametrize("action", ["/logout/", "/locale", "/role", "/login/built-in"])
def test_a_door_is_not_gone_through_by_a_kept_form(expired, pk, action):
    fields = json.dumps([["locale", "en"], ["grant", "1"], ["username", "wang"], ["password", PASSWORD]])
    assert forged(expired, action, fields).status_code == 303
    page = expired.get("/registrations/list/")
    assert (page.status_code, '<html lang="zh-CN">' in page.text, "zhang 的持有人" in text_of(page)) == (
        200,
        True,
        True,
    )


@pytest.mark.parametrize("name", ["opinion", "rowid", "verdict", "query", "item", "remark:person.email"])
@pytest.mark.parametrize("char", ["\x00", "\ud800"], ids=["NUL", "half a surrogate pair"])
def test_what_no_database_takes_does_no_harm_in_a_kept_field(make, expired, pk, name, char):
    fields = verdict(pk, query="", item="person.email") | {name: f"a{char}b"}
    answer = forged(expired, DECIDE, json.dumps([*fields.items()]))
    assert (answer.status_code in (200, 400), steps(make, pk)) == (True, ["submit"])


def test_a_kept_form_decides_nothing_by_itself_whatever_it_holds(make, expired, pk):
    forged(expired, DECIDE, json.dumps([*verdict(pk, draft="", all="1", seen_at="2099-01-01T00:00:00+00:00").items()]))
    assert {status for (status,) in make.read(sa.select(Submission.status))} == {"pending"}


# ---- a form of another session ---------------------------------------------------------------------------------------


@pytest.fixture
def old(pk, sign_in) -> tuple[Browser, dict[str, str]]:
    """The browser of `zhang`, who signed in again in another window, and the token of the page that stood open."""
    browser = sign_in("zhang")
    browser.get(f"/registrations/show/{pk}")
    token = {"csrf_token": browser.token}
    browser.client.delete_cookie("session")
    return browser.sign_in("zhang", PASSWORD), token


OURS, ELSEWHERE = {"Origin": "http://localhost"}, {"Origin": "https://evil.example"}


def test_a_form_of_the_session_before_comes_back_with_what_was_typed_and_nothing_is_decided(make, old, pk):
    browser, token = old
    answer = browser.post(DECIDE, verdict(pk) | token, headers=OURS)
    shown = dialog(answer, "return")
    assert (answer.status_code, steps(make, pk)) == (200, ["submit"])
    assert (value_of(shown, "opinion"), TOLD in text_of(shown)) == ("我写的<意见>", True)


def test_sending_the_page_that_came_back_decides(make, old, pk):
    browser, token = old
    shown = dialog(browser.post(DECIDE, verdict(pk) | token, headers=OURS), "return")
    form = {name: value_of(shown, name) for name in ("verdict", "rowid", "single", "query", "opinion")}
    assert (browser.post(DECIDE, form).status_code, steps(make, pk)) == (303, ["submit", "return"])


def test_a_batch_and_a_note_of_the_session_before_come_back_too(make, old, pk):
    browser, token = old
    form = {"rowid": [f"{pk}:1", f"{make.registration(3, unit_code(1))}:1"], "verdict": "pass", "opinion": "已核对"}
    page = browser.post(DECIDE, form | token, headers=OURS)
    noted = browser.post(f"/registrations/note/{pk}", {"text": "照片待核实"} | token, headers=OURS)
    assert (page.status_code, rowids(page), value_of(page, "opinion")) == (200, form["rowid"], "已核对")
    assert (noted.status_code, value_of(noted, "text")) == (200, "照片待核实")
    assert (steps(make, pk), make.read(sa.select(Note.id))) == (["submit"], [])


NOT_OURS = {
    "none": {},
    "elsewhere": ELSEWHERE,
    "null": {"Origin": "null"},
    "another port": {"Origin": "http://localhost:81"},
    "begins alike": {"Origin": "http://localhost.evil.example"},
    "empty": {"Origin": ""},
}


@pytest.mark.parametrize("headers", NOT_OURS.values(), ids=NOT_OURS)
def test_a_form_with_a_wrong_token_that_no_page_of_ours_sent_is_refused(make, old, pk, headers):
    browser, token = old
    answer = browser.post(DECIDE, verdict(pk) | token, headers=headers)
    assert (answer.status_code, "我写的" in answer.text, steps(make, pk)) == (400, False, ["submit"])


def test_a_form_that_carries_nothing_written_is_refused_as_before(make, old, pk):
    browser, token = old
    seen = len(audited(make, "reveal"))
    answer = browser.post(f"/registrations/reveal/{pk}", token, headers=OURS)
    assert (answer.status_code, len(audited(make, "reveal"))) == (400, seen)


def test_what_is_put_off_comes_back_with_its_day(make, expired, pk):
    page = come_back(expired, f"/registrations/postpone/{pk}", {"until": "2099-01-01"})
    assert (page.status_code, value_of(page, "until")) == (200, "2099-01-01")
    assert make.read(sa.select(Postponement.submission_id)) == []


@pytest.mark.parametrize("headers", NOT_OURS.values(), ids=NOT_OURS)
def test_a_strangers_form_from_elsewhere_is_not_carried_through_the_sign_in(make, expired, pk, headers):
    answer = expired.post(DECIDE, verdict(pk), headers=headers)
    assert (answer.status_code, 'type="password"' in answer.text, "我写的" in answer.text) == (401, True, False)
    assert 'name="kept"' not in answer.text


def test_a_form_of_another_persons_session_shows_what_the_reader_may_see(make, old, sign_in, pk):
    _browser, token = old
    answer = sign_in("wang").post(DECIDE, verdict(pk) | token, headers=OURS)
    assert (answer.status_code, "人员1" in answer.text, steps(make, pk)) == (404, False, ["submit"])


# ---- no way around what comes first ----------------------------------------------------------------------------------


def test_a_kept_form_opens_nothing_before_the_initial_password_is_changed(make, expired, pk):
    change(make, sa.update(Account).values(initial_until=clock.now() + timedelta(days=1)))
    answer = come_back(expired, DECIDE, verdict(pk))
    assert (answer.status_code, answer.location) == (303, "/account/password")


def test_every_form_that_comes_back_is_shown_at_its_own_address(app, expired, pk):
    """Sent again it is an ordinary POST: whatever view it is of, with whatever keys, it answers no fault."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "POST" not in rule.methods or not getattr(view, "comes_back", False):
            continue
        keys = {name: "paper" if name == "where" else pk if name == "pk" else "pass" for name in rule.arguments}
        with app.test_request_context():
            address = url_for(rule.endpoint, **keys)
        answer = come_back(expired, address, {"reason": "写下的话"})
        assert answer.status_code < 500, address
        expired.client.delete_cookie("session")


def test_no_secret_stands_on_the_page_that_keeps_a_form(expired, pk):
    page = expired.post("/account/password", {"old": "geheim-alt", "new": "geheim-neu", "again": "geheim-neu"})
    assert (page.status_code, "geheim" in page.text) == (401, False)


def test_signing_in_over_a_session_ends_it(app, sign_in, pk):
    browser = sign_in("zhang")
    first = browser.client.get_cookie("session").value
    browser.post("/login/built-in", {"username": "zhang", "password": PASSWORD})
    thief = Browser(app)
    thief.client.set_cookie("session", first)
    assert thief.get("/registrations/list/").location.startswith("/login/")
