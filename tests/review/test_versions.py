"""What changed since a return is marked field by field; older versions and all decisions stay readable."""

import pytest

from tests.browsing import part, text_of
from tests.factories import decision_line, mobile, registration_line, take
from tests.review.forms import fact, show

PATHS = ["name", "gender", "id_type", "id_number", "mobile", "political_status", "email"]
ALIKE = "13899990001"  # masked, it reads as the first person's own


@pytest.fixture
def pk(make, unit) -> int:
    return make.registration(1)


def again(app, day: int = 3, **person) -> None:
    """The record comes once more, with other facts."""
    take(app, registration_line(person=person, submitted_at=f"2026-11-{day:02d}T09:00:00+08:00"))


def returned(app, day: int = 2, **changes) -> None:
    take(app, decision_line(day, decided_at=f"2026-11-{day:02d}T12:00:00+08:00", **changes))


def marked(answer) -> list[str]:
    """The facts that are marked as changed."""
    return [name for name in PATHS if "已修改" in fact(answer, f"person.{name}")]


def version(answer, number: int) -> str:
    """What stands under an older version."""
    return text_of(part(answer, f'<details id="version-{number}">', "</details>"))


CHANGES = {
    "name": ("新名字", "人员1"),
    "gender": ("2", "男"),
    "mobile": ("13900000002", mobile(1)),
    "political_status": ("01", "群众"),
    "email": ("new@example.cn", "p1@example.cn"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_since_the_return_is_marked_with_what_it_was(app, desk, pk, name):
    value, was = CHANGES[name]
    returned(app)
    again(app, **{name: value})
    answer = desk.get(show(pk))
    assert (marked(answer), f"原为：{was}" in fact(answer, f"person.{name}")) == ([name], True)


def test_the_page_leads_to_each_change(app, desk, pk):
    returned(app)
    again(app, email="new@example.cn", gender="2")
    summary = part(desk.get(show(pk)), '<div class="note changes">', "</ul>")
    assert [f'href="#fact-person.{name}"' in summary.text for name in ("email", "gender", "name")] == [
        True,
        True,
        False,
    ]


def test_a_number_that_reads_alike_when_masked_is_marked_all_the_same(app, desk, pk):
    returned(app)
    again(app, mobile=ALIKE)
    assert marked(desk.get(show(pk))) == ["mobile"]


def test_a_record_that_comes_again_as_it_was_has_no_mark_and_says_so(app, desk, pk):
    returned(app)
    again(app)
    answer = desk.get(show(pk))
    assert (marked(answer), "第 1 版" in text_of(answer)) == ([], True)
    assert "上次退回后修改了： 无" in text_of(answer)


def test_a_correction_of_what_passed_is_marked_against_what_passed(app, make, desk, pk):
    make.taken(decision_line(verdict="pass"))
    again(app, email="new@example.cn")
    answer = desk.get(show(pk))
    assert (marked(answer), "这是对已通过注册的更正" in text_of(answer)) == (["email"], True)
    assert "原为：p1@example.cn" in fact(answer, "person.email")


def test_a_first_version_has_no_mark_and_no_older_one(desk, pk):
    answer = desk.get(show(pk))
    assert (marked(answer), "历史版本" in text_of(answer)) == ([], False)


def test_changes_are_told_against_the_version_that_was_returned_last(app, desk, pk):
    returned(app, 2)
    again(app, 3, email="second@example.cn")
    returned(app, 4)
    again(app, 5, email="second@example.cn", gender="2")
    assert marked(desk.get(show(pk))) == ["gender"]


def test_every_older_version_is_readable_as_it_was_submitted(app, desk, pk):
    for n, day in enumerate((2, 4), 2):
        returned(app, day)
        again(app, day + 1, email=f"v{n}@example.cn")
    answer = desk.get(show(pk))
    said = [version(answer, number) for number in (1, 2)]
    emails = ["p1@example.cn", "v2@example.cn", "v3@example.cn"]
    assert [[email in one for email in emails] for one in said] == [[True, False, False], [False, True, False]]
    assert ["2026-11-01 09:00" in said[0], "2026-11-03 09:00" in said[1]] == [True, True]
    assert emails[2] in fact(answer, "person.email")


def test_every_decision_on_every_version_is_readable(app, desk, pk):
    returned(app, 2, opinion="照片不清晰", by="甲")
    again(app, 3, email="v2@example.cn")
    returned(app, 4, opinion="邮箱不对", by="乙")
    again(app, 5, email="v3@example.cn")
    said = text_of(part(desk.get(show(pk)), '<ol class="history"', "</ol>"))
    assert [
        word for word in ("照片不清晰", "甲", "邮箱不对", "乙", "第 1 版", "第 2 版", "第 3 版") if word not in said
    ] == []


def test_a_changed_number_is_whole_now_and_as_it_was_and_masked_in_its_older_version(app, desk, pk):
    returned(app)
    again(app, mobile="13900000002")
    answer = desk.get(show(pk))
    assert [number in fact(answer, "person.mobile") for number in ("13900000002", mobile(1))] == [True, True]
    assert ("138****0001" in version(answer, 1), mobile(1) in version(answer, 1)) == (True, False)


@pytest.mark.parametrize("role", ["unit_clerk", "auditor"])
def test_who_sees_the_page_masked_sees_every_version_masked(app, make, unit, sign_in, pk, role):
    make.account("reader", role, unit if role == "unit_clerk" else "350102")
    returned(app)
    again(app, mobile="13900000002")
    answer = sign_in("reader").get(show(pk))
    assert [number for number in (mobile(1), "13900000002") if number in answer.text] == []
    assert marked(answer) == ["mobile"]


def test_markup_in_an_older_version_is_text(app, desk, pk):
    returned(app)
    again(app, 3, name="<b>粗</b>")
    returned(app, 4)
    again(app, 5, name="改名")
    answer = desk.get(show(pk))
    assert ("<b>粗" in answer.text, "<b>粗</b>" in version(answer, 2)) == (False, True)
