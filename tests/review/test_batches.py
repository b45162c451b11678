"""A batch: its preview before it is confirmed, its result page afterwards, and how it is taken back."""

import re
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from app import clock
from app.review.models import Submission
from tests.browsing import Browser, links, part, text_of, value_of
from tests.factories import decision_line, id_number, ledger, registration_line, take, unit_code
from tests.review.forms import DECIDE, LIST, TAKE_BACK, one, several, show

PREVIEW = "/registrations/preview"
OWN = "属您本人的记录，须由其他管理员审核"
CHANGED = "您打开后已重新提交"
DECIDED = "历史数据 已于 2026-11-02 09:00 退回"


@pytest.fixture
def owner(make, unit, sign_in) -> Browser:
    """An administrator of the unit who is the first person himself."""
    make.account("owner", "unit_administrator", unit, holder=id_number(1))
    return sign_in("owner")


@pytest.fixture
def ids(app, make, owner) -> list[int]:
    """Five records as the owner saw them: his own, one returned since, one submitted again since, two that wait."""
    made = [make.registration(n) for n in range(1, 6)]
    again = registration_line(3, submitted_at="2026-11-03T09:00:00+08:00", person={"email": "new@example.cn"})
    take(app, decision_line(2, of="R2"), decision_line(3, of="R3"), again)
    return made


def states(make) -> dict[str, str]:
    return dict(make.read(sa.select(Submission.person_name, Submission.status)))


def preview(browser: Browser, form: dict[str, object]) -> dict[str, object]:
    return browser.post(PREVIEW, form).get_json()


def reasons(answer) -> dict[str, str]:
    """The records of the result page that were not decided, with the reasons."""
    if 'aria-labelledby="left-title"' not in answer.text:
        return {}
    rows = re.findall(r'<tr role="row">(.*?)</tr>', part(answer, 'id="left-title"', "</table>").text, flags=re.S)[1:]
    cells = [[text_of(SimpleNamespace(text=cell)) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]
    return {name: reason for name, _ref, reason, *_rest in cells}


def sums(answer) -> dict[str, str]:
    """The numbers at the head of the result page."""
    said = part(answer, '<dl class="sums">', "</dl>").text
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", said))


# ---- the preview -----------------------------------------------------------------------------------------------------


def test_the_preview_tells_how_many_will_be_decided_and_which_not_and_why(owner, ids):
    assert preview(owner, several(*ids)) == {
        "decide": 2,
        "left": [
            {"name": "人员1", "ref": "R1", "reason": OWN},
            {"name": "人员2", "ref": "R2", "reason": DECIDED},
            {"name": "人员3", "ref": "R3", "reason": CHANGED},
        ],
        "more": 0,
    }


def test_the_preview_decides_nothing(make, owner, ids):
    before = ledger(make, *ids)
    preview(owner, several(*ids))
    assert (ledger(make, *ids), states(make)["人员4"]) == (before, "pending")


@pytest.mark.parametrize("verdict", ["pass", "return"])
def test_the_batch_does_what_its_preview_said(owner, ids, verdict):
    told = preview(owner, several(*ids, verdict=verdict))
    result = owner.get(owner.post(DECIDE, several(*ids, verdict=verdict)).location)
    assert sums(result) == {"已审核": str(told["decide"]), "未审核": str(len(told["left"]))}
    assert reasons(result) == {left["name"]: left["reason"] for left in told["left"]}


def test_the_preview_of_all_that_match_counts_what_was_on_the_list(make, owner, ids):
    listed = owner.get(f"{LIST}?gender=1")
    make.registration(6)
    form = {"all": "1", "query": value_of(listed, "query"), "seen_at": value_of(listed, "seen_at"), "verdict": "pass"}
    told = preview(owner, form)
    assert (told["decide"], [left["name"] for left in told["left"]]) == (3, ["人员1"])


def test_the_preview_names_20_and_counts_the_others(make, unit, desk):
    make.many(23, unit)
    made = [pk for (pk,) in make.read(sa.select(Submission.id).order_by(Submission.id))]
    desk.post(DECIDE, several(*made))
    told = preview(desk, several(*made))
    assert (told["decide"], len(told["left"]), told["more"]) == (0, 20, 3)


def test_the_page_that_asks_for_the_opinion_tells_the_same(owner, ids):
    form = several(*ids)
    del form["opinion"]
    said = text_of(part(owner.post(DECIDE, form), '<div class="preview">', "</ul>"))
    told = ["将审核：2 条", "不会审核：3 条", f"人员1 R1 {OWN}", f"人员2 R2 {DECIDED}", f"人员3 R3 {CHANGED}"]
    assert [words for words in told if words not in said] == []


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 400),
        ({"rowid": "abc"}, 400),
        ({"all": "1", "seen_at": "yesterday"}, 400),
        ({"rowid": "999999:1"}, 404),
        ({"verdict": "terminate"}, 403),
        ({"verdict": ""}, 403),
    ],
    ids=str,
)
def test_a_preview_that_no_page_of_ours_asks_is_refused(make, desk, form, status):
    usual = {"verdict": "pass"} | ({"rowid": f"{make.registration()}:1"} if "verdict" in form else {})
    assert desk.post(PREVIEW, usual | form).status_code == status


@pytest.mark.parametrize("role", ["unit_clerk", "hr_reviewer", "auditor"])
def test_who_decides_nothing_gets_no_preview(make, unit, sign_in, role):
    make.account("reader", role, unit if role == "unit_clerk" else "350102")
    assert sign_in("reader").post(PREVIEW, several(make.registration())).status_code == 403


# ---- the result page -------------------------------------------------------------------------------------------------


@pytest.fixture
def result(owner, ids) -> str:
    """The address of the page of a batch that decided two and left three."""
    return owner.post(DECIDE, several(*ids, opinion="批量<核对>")).location


def test_the_result_page_counts_what_was_decided_and_names_what_was_not_with_the_reasons(owner, result):
    page = owner.get(result)
    assert sums(page) == {"已审核": "2", "未审核": "3"}
    assert reasons(page) == {"人员1": OWN, "人员2": DECIDED, "人员3": CHANGED}
    said = text_of(part(page, 'id="decided-title"', "</table>"))
    assert [name in said for name in ("人员4", "人员5", "人员3")] == [True, True, False]
    assert [words for words in ("批量<核对>", "owner 的持有人") if words not in text_of(page)] == []


def test_it_is_the_same_when_it_is_loaded_again(owner, result):
    first, second = owner.get(result), owner.get(result)
    assert (sums(second), reasons(second)) == (sums(first), reasons(first))


def test_its_reasons_stay_though_the_records_move_on(make, owner, result):
    again = {"submitted_at": "2026-11-04T09:00:00+08:00", "person": {"email": "later@example.cn"}}
    make.taken(registration_line(2, **again))
    assert reasons(owner.get(result))["人员2"] == DECIDED


def test_it_leads_to_each_record_and_back_to_the_list(owner, ids):
    page = owner.get(owner.post(DECIDE, several(*ids) | {"query": "sort=-name"}).location)
    assert [address.split("?")[0] for address in links(page, "查看")] == [show(pk) for pk in (*ids[:3], *ids[3:])]
    assert links(page, "返回列表") == [f"{LIST}?sort=-name"]


def test_the_history_of_each_record_leads_to_the_result(owner, ids, result):
    (address,) = links(owner.get(show(ids[3])), "批量审核结果")
    assert address == result.split("?")[0]


def test_who_decides_at_that_node_too_finds_it_and_nobody_else(make, unit, owner, sign_in, result):
    make.account("li", "unit_administrator", unit)
    make.account("wang", "unit_administrator", make.unit(2))
    answers = [sign_in(name).get(result) for name in ("li", "wang")]
    assert [(answer.status_code, "人员4" in answer.text) for answer in answers] == [(200, True), (404, False)]


def test_a_batch_of_nobody_is_not_found(owner, result):
    assert owner.get("/registrations/batch/999999").status_code == 404


def test_a_batch_that_decided_nothing_says_so(owner, ids):
    page = owner.get(owner.post(DECIDE, several(*ids[:3])).location)
    assert (sums(page), len(reasons(page))) == ({"已审核": "0", "未审核": "3"}, 3)
    assert "撤销审核" not in text_of(page)


# ---- taking it back --------------------------------------------------------------------------------------------------


def take_back(browser: Browser, address: str, status: str = "passed", opinion: str = "误操作"):
    number = re.search(r"/batch/([0-9]+)", address)[1]
    return browser.post(TAKE_BACK, {"batch": number, "status": status, "opinion": opinion})


@pytest.mark.parametrize(("verdict", "status"), [("pass", "passed"), ("return", "returned")])
def test_a_batch_is_taken_back_whole_and_its_page_says_so(make, desk, verdict, status):
    made = [make.registration(n) for n in (1, 2, 3)]
    address = desk.post(DECIDE, several(*made, verdict=verdict)).location
    answer = take_back(desk, address, status)
    assert (answer.status_code, set(states(make).values())) == (303, {"pending"})
    assert sums(desk.get(answer.location)) == {"已撤销": "3"}
    page = desk.get(address)
    assert (sums(page), "dialog-take-back" in page.text) == ({"已审核": "3", "已撤销": "3"}, False)


@pytest.fixture
def returned(make, desk) -> tuple[list[int], str]:
    """Three records that one batch returned, and the address of its result."""
    made = [make.registration(n) for n in (1, 2, 3)]
    return made, desk.post(DECIDE, several(*made, verdict="return")).location


def test_what_was_submitted_again_since_is_left_and_the_others_are_taken_back(make, desk, returned):
    _made, address = returned
    make.taken(registration_line(2, submitted_at=clock.now().isoformat(), person={"email": "new@example.cn"}))
    page = desk.get(take_back(desk, address, "returned").location)
    assert (sums(page), [*reasons(page)]) == ({"已撤销": "2", "未撤销": "1"}, ["人员2"])
    assert re.fullmatch(r"人员2 已于 [-0-9]{10} [:0-9]{5} 重新提交", reasons(page)["人员2"])
    assert set(states(make).values()) == {"pending"}


def test_what_was_decided_anew_since_is_left_as_it_is(make, desk, returned):
    made, address = returned
    form = {"rowid": f"{made[0]}:2", "single": "1", "status": "returned", "opinion": "误操作"}
    desk.post(TAKE_BACK, form)
    desk.post(DECIDE, one(made[0], "return", "另有原因", steps=3))
    page = desk.get(take_back(desk, address, "returned").location)
    assert (sums(page), [*reasons(page)]) == ({"已撤销": "2", "未撤销": "1"}, ["人员1"])
    assert states(make) == {"人员1": "returned", "人员2": "pending", "人员3": "pending"}


@pytest.mark.parametrize("again", [["there"], ["there", "here"]], ids="-".join)
def test_what_a_later_registration_of_the_person_rests_on_is_left(make, desk, again):
    made = [make.registration(n) for n in (1, 2)]
    address = desk.post(DECIDE, several(*made)).location
    make.unit(2)
    for n, place in enumerate(again):
        ref, unit = f"R9{n}", unit_code(2 if place == "there" else 1)
        make.taken(registration_line(1, unit, ref=ref, submitted_at=clock.now().isoformat()))
        if place == "there":
            make.taken(decision_line(90 + n, of=ref, verdict="pass", decided_at=clock.now().isoformat()))
    page = desk.get(take_back(desk, address).location)
    assert reasons(page) == {"人员1": "此后已有材料以该审核结果为依据"}
    assert [ledger(make, pk)[-1].step for pk in made] == ["pass", "take_back"]


def test_the_rest_can_be_taken_back_no_second_time(make, desk, returned):
    _made, address = returned
    take_back(desk, address, "returned")
    page = desk.get(take_back(desk, address, "returned").location)
    assert sums(page) == {"已撤销": "0", "未撤销": "3"}


@pytest.mark.parametrize(
    "opinion", ["", "  ", "\u200b", "长" * 5001, "误\x1b操作"], ids=["empty", "blanks", "U+200B", "long", "control"]
)
def test_a_reason_that_cannot_be_kept_is_answered_beside_the_field_with_what_was_typed(make, desk, returned, opinion):
    answer = take_back(desk, returned[1], "returned", opinion)
    assert (answer.status_code, 'id="opinion-take-back-error"' in answer.text) == (400, True)
    assert value_of(answer, "opinion") == opinion
    assert set(states(make).values()) == {"returned"}


def test_another_administrator_of_the_unit_takes_it_back(make, unit, sign_in, returned):
    make.account("li", "unit_administrator", unit)
    answer = take_back(sign_in("li"), returned[1], "returned")
    assert (answer.status_code, set(states(make).values())) == (303, {"pending"})


def test_an_administrator_of_another_unit_takes_nothing_back(make, sign_in, returned):
    make.account("wang", "unit_administrator", make.unit(2))
    answer = take_back(sign_in("wang"), returned[1], "returned")
    assert (answer.status_code, set(states(make).values())) == (404, {"returned"})
