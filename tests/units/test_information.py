"""单位信息: what the unit has told of itself, the part that it revises, and how each change is kept and shown."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.units.changes import NEWEST
from app.units.models import Unit
from tests.accounts.test_kept import come_back
from tests.browsing import Browser, part, text_of, value_of
from tests.factories import audited, change, id_number, mobile, unit_code
from tests.review.test_races import at_once
from tests.statements import recorded

HOME, EDIT, REVEAL = "/unit/", "/unit/edit", "/unit/reveal"
FIELDS = {
    "industry": "教育",
    "contact": "李联系",
    "mobile": "",
    "address": "五四路1号",
    "postal_code": "350001",
    "telephone": "0591-87556301",
    "email": "hr@example.cn",
    "staff_count": "60",
    "professional_count": "5",
}
ID_NUMBER, MOBILE = id_number(900_001), mobile(90_000_001)
MASKED = f"{ID_NUMBER[:4]}{'*' * 10}{ID_NUMBER[-4:]}", f"{MOBILE[:3]}****{MOBILE[-4:]}"


def save(browser: Browser, **changes: Any) -> Any:
    """Save the form of the page as it is now, with changes."""
    return browser.post(EDIT, {"seen": value_of(browser.get(EDIT), "seen")} | FIELDS | changes)


def stored(make: Any) -> list[tuple[Any, ...]]:
    """Everything that is stored of the units."""
    return [tuple(row) for row in make.read(sa.select(*Unit.__table__.columns).select_from(Unit))]


def told(page: Any) -> str:
    """What the page says of changes."""
    return text_of(part(page, 'id="changes-title"', "</section>")) if 'id="changes-title"' in page.text else ""


@pytest.fixture
def staff(make, school, zhang, sign_in) -> dict[str, Browser]:
    """Who reads the unit's information, signed in: its administrator, its clerk, a stand-in."""
    make.account("clerk", "unit_clerk", school)
    make.account("lin", "stand_in", school)
    return {"zhang": zhang, "clerk": sign_in("clerk"), "lin": sign_in("lin")}


# ---- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["zhang", "clerk", "lin"])
def test_it_is_read_with_the_manuals_labels_and_masked_numbers(staff, who):
    page = staff[who].get(HOME)
    lines = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page.text, flags=re.S)
    facts = {head: " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for head, cell in lines}
    assert (
        facts.items()
        >= {
            "单位名称": "单位1",
            "统一社会信用代码": unit_code(1),
            "单位性质": "事业单位",
            "属地": "福建省福州市鼓楼区",
            "法定代表人姓名": "王法人",
            "法定代表人身份证号码": MASKED[0],
            "联系人姓名": "李联系",
            "联系人手机号码": MASKED[1],
            "地址": "五四路1号",
        }.items()
    )
    assert len(facts) == 17
    assert [number for number in (ID_NUMBER, MOBILE) if number in page.text] == []


@pytest.mark.parametrize("who", ["zhang", "clerk", "lin"])
def test_it_stands_in_the_menu_before_the_post_approvals(staff, who):
    menu = part(staff[who].get(HOME), '<nav class="side"', "</nav>").text
    assert re.search(rf'href="{HOME}"[^>]*aria-current="page"', menu)
    assert menu.index(f'href="{HOME}"') < menu.index('href="/posts/"')


def test_only_its_administrator_is_offered_to_revise_it_and_to_see_the_numbers(staff):
    offered = {who: [word in browser.get(HOME).text for word in (EDIT, REVEAL)] for who, browser in staff.items()}
    assert offered == {"zhang": [True, True], "clerk": [False, False], "lin": [False, False]}
    assert [staff[who].get(EDIT).status_code for who in ("clerk", "lin")] == [403, 403]
    assert [staff[who].post(EDIT, FIELDS).status_code for who in ("clerk", "lin")] == [403, 403]


def test_the_numbers_are_shown_whole_and_that_is_recorded(make, school, zhang):
    zhang.get(HOME)
    assert zhang.get(REVEAL).location == HOME
    page = zhang.post(REVEAL)
    assert [number in page.text for number in (ID_NUMBER, MOBILE)] == [True, True]
    (row,) = audited(make, "reveal")
    assert (row.unit_id, row.subject) == (school, f"unit {unit_code(1)}")
    assert MOBILE not in zhang.get(HOME).text


def test_it_costs_at_most_6_statements_however_much_was_changed(app, make, school, zhang):
    change(make, sa.update(Unit).values(department_id=make.unit(9)))
    for n in range(3):
        save(zhang, address=f"东街{n}号")
    with recorded(app) as statements:
        assert zhang.get(HOME).status_code == 200
    assert len(statements) <= 6, statements


# ---- 完善单位信息 ----------------------------------------------------------------------------------------------------


def test_only_what_may_be_revised_is_asked_and_it_is_filled_in(zhang):
    page = part(zhang.get(EDIT), "<dialog", "</dialog>")
    names = re.findall(r'<input[^>]* name="(\w+)"', page.text)
    assert sorted(names) == sorted(["csrf_token", "seen", *FIELDS])
    assert {name: value_of(page, name) for name in FIELDS} == FIELDS
    assert f"已登记：{MASKED[1]}" in text_of(page)
    assert "data-open" in page.text and "data-open" not in part(zhang.get(HOME), "<dialog", ">").text


def test_what_is_saved_is_there_and_its_change_is_kept_and_shown(make, school, zhang):
    answer = save(zhang, address="东街 9 号", staff_count="61")
    assert (answer.status_code, answer.location) == (303, HOME)
    assert make.read(sa.select(Unit.address, Unit.staff_count, Unit.contact, Unit.mobile_masked)) == [
        ("东街 9 号", 61, "李联系", MASKED[1])
    ]
    (row,) = audited(make, "change_unit")
    assert (row.unit_id, row.by_name, row.subject) == (school, "zhang 的持有人", f"unit {unit_code(1)}")
    assert row.detail == {"changed": {"address": ["五四路1号", "东街 9 号"], "staff_count": [60, 61]}}
    page = zhang.get(HOME)
    assert "单位信息已保存" in text_of(page)
    said = told(page)
    assert [words in said for words in ("五四路1号 → 东街 9 号", "60 → 61", "zhang 的持有人", "单位完善信息")] == [
        True
    ] * 4


def test_the_newest_change_comes_first_and_another_units_is_not_there(make, zhang, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    save(sign_in("wang"), address="西街 1 号")
    for address in ("东街 1 号", "东街 2 号"):
        save(zhang, address=address)
    said = told(zhang.get(HOME))
    assert -1 < said.find("东街 1 号 → 东街 2 号") < said.find("五四路1号 → 东街 1 号")
    assert "西街" not in said


def test_a_change_is_told_in_the_readers_language(zhang):
    save(zhang, address="东街 9 号")
    zhang.post("/locale", {"locale": "en"})
    said = told(zhang.get(HOME))
    assert [words in said for words in ("Revised by the unit", "Address")] == [True, True]


def test_another_mobile_is_kept_sealed_and_its_change_is_masked(make, zhang):
    alike = f"{MOBILE[:3]}9999{MOBILE[-4:]}"  # masked it looks the same
    for new in (mobile(77), alike):
        assert save(zhang, mobile=new).status_code == 303
        zhang.get(HOME)
        assert new in zhang.post(REVEAL).text
    rows = audited(make, "change_unit")
    masked = f"{mobile(77)[:3]}****{mobile(77)[-4:]}"
    assert [row.detail["changed"] for row in rows] == [{"mobile": [MASKED[1], masked]}, {"mobile": [masked, MASKED[1]]}]


def test_nothing_changed_is_said_and_not_recorded(make, zhang):
    before = stored(make)
    assert save(zhang).status_code == 303
    assert save(zhang, mobile=MOBILE).status_code == 303
    assert "未作更改" in text_of(zhang.get(HOME))
    assert (audited(make, "change_unit"), stored(make)) == ([], before)


def test_of_more_changes_than_it_shows_the_page_says_that_there_are(make, zhang):
    for n in range(NEWEST):
        save(zhang, address=f"东街 {n} 号")
    more = "更早的更改保存在审计日志中"
    assert more not in told(zhang.get(HOME))
    save(zhang, address="西街 1 号")
    said = told(zhang.get(HOME))
    assert [words in said for words in (more, "→ 西街 1 号", "五四路1号")] == [True, True, False]


WRONG = {
    "postal_code": "35000",
    "email": "wang",
    "mobile": "1385000",
    "staff_count": "1.5",
    "professional_count": "61",
    "address": "东街\n1 号",
    "contact": "",
    "industry": "业" * 201,
    "telephone": " ",
}


ABSURD = [
    *(("staff_count", text) for text in ("-1", "６０", "1e3", "9999999999", "0x10", "12345678901", "abc")),
    *(("contact", text) for text in ("李\u202e四", "李\u200b四", "\u3164", "李\x07四", "李\u2028四", "字" * 201)),
    *(("mobile", text) for text in ("23800001234", "１３８００００１２３４", "138 0000 1234", "+8613800001234")),
    *(("postal_code", text) for text in ("３５０００１", "3500011", "35000a")),
    *(("email", text) for text in ("a@b", "a b@example.cn", f"{'a' * 65}@example.cn", "a@example.cn,b@example.cn")),
]


@pytest.mark.parametrize(
    ("field", "wrong"), [*WRONG.items(), *ABSURD], ids=[*WRONG, *(f"{field} {text!a:.24}" for field, text in ABSURD)]
)
def test_what_is_wrong_is_said_beside_its_field_in_the_open_dialog_and_stays(make, zhang, field, wrong):
    before = stored(make)
    changes = {"telephone": "12345"} | {field: wrong}
    answer = save(zhang, **changes)
    assert (answer.status_code, f'id="field-{field}-error"' in answer.text) == (400, True)
    dialog = part(answer, "<dialog", "</dialog>")
    assert "data-open" in dialog.text and dialog.text.count('class="error"') == 1
    assert field == "telephone" or value_of(dialog, "telephone") == "12345"
    assert (audited(make, "change_unit"), stored(make)) == ([], before)


FORGED = {
    **{"name": "改名", "nature": "private_enterprise", "region": "350203", "competent_department": "市局"},
    **{"department": "", "legal_representative": "改人", "legal_representative_id": id_number(5)},
    **{"code": unit_code(5), "is_complete": "", "id": "2", "department_id": "2", "ref": "U9", "reason": "无"},
    **{"mobile_masked": "1", "legal_representative_id_index": "1", "unit_id": "2"},
}


@pytest.mark.parametrize(("field", "value"), FORGED.items(), ids=FORGED)
def test_who_the_unit_is_does_not_change_by_a_forged_form(make, zhang, field, value):
    before = stored(make)
    answer = save(zhang, address="东街 9 号", **{field: value})
    assert answer.status_code == 400
    assert (audited(make, "change_unit"), stored(make)) == ([], before)


def test_a_form_without_the_pages_token_changes_nothing(make, zhang):
    before, seen = stored(make), value_of(zhang.get(EDIT), "seen")
    assert zhang.client.post(EDIT, data=FIELDS | {"seen": seen, "address": "东街"}).status_code == 400
    assert stored(make) == before


def test_it_is_the_own_unit_that_is_revised_whichever_the_form_was_made_for(make, zhang, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    theirs = value_of(sign_in("wang").get(EDIT), "seen")
    before = stored(make)
    assert zhang.post(EDIT, FIELDS | {"seen": theirs, "address": "东街 9 号"}).status_code == 409
    assert stored(make) == before


def test_who_comes_second_sees_what_the_first_saved_and_keeps_what_he_wrote(make, school, zhang, sign_in):
    make.account("li", "unit_administrator", school)
    seen = value_of(zhang.get(EDIT), "seen")
    save(sign_in("li"), address="东街 9 号")
    late = FIELDS | {"telephone": "12345", "mobile": mobile(77)}
    answer = zhang.post(EDIT, late | {"seen": seen})
    assert (answer.status_code, "已由他人更改" in text_of(answer)) == (409, True)
    dialog = part(answer, "<dialog", "</dialog>")
    assert {name: value_of(dialog, name) for name in late} == late
    assert [words in text_of(dialog) for words in ("目前登记：东街 9 号", "目前登记：0591-87556301")] == [True, True]
    assert "五四路1号 → 东街 9 号" in told(answer)
    assert len(audited(make, "change_unit")) == 1
    assert zhang.post(EDIT, late | {"seen": value_of(dialog, "seen")}).status_code == 303
    assert make.read(sa.select(Unit.address, Unit.telephone)) == [("五四路1号", "12345")]


def test_of_two_who_save_at_once_one_sees_what_the_other_did(make, school, zhang, sign_in):
    make.account("li", "unit_administrator", school)
    second = sign_in("li")
    for n in range(5):
        seen = [value_of(browser.get(EDIT), "seen") for browser in (zhang, second)]
        forms = [FIELDS | {"seen": one, "address": f"{who}{n}"} for one, who in zip(seen, "ab", strict=True)]
        steps = [lambda b=b, f=f: b.post(EDIT, f).status_code for b, f in zip((zhang, second), forms, strict=True)]
        assert sorted(at_once(*steps)) == [303, 409]
    assert len(audited(make, "change_unit")) == 5


def test_a_form_whose_session_ended_is_shown_again_and_saves_nothing_by_itself(make, zhang):
    before, seen = stored(make), value_of(zhang.get(EDIT), "seen")
    zhang.client.delete_cookie("session")
    answer = come_back(zhang, EDIT, FIELDS | {"seen": seen, "address": "东街 9 号"}, "zhang")
    assert "登录已失效" in text_of(answer)
    assert value_of(part(answer, "<dialog", "</dialog>"), "address") == "东街 9 号"
    assert stored(make) == before


def test_markup_in_a_value_stays_text(zhang):
    save(zhang, address="<script>alert(1)</script>")
    page = zhang.get(HOME)
    assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text
