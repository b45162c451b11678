"""A return by items: a remark beside each field, and after the resubmission whether it was corrected."""

import pytest

from app import clock
from tests.browsing import part, text_of, value_of
from tests.factories import decision_line, ledger, registration_line
from tests.review.forms import DECIDE, fact, one, several, show


def by_items(pk: int, **remarks: str) -> dict[str, object]:
    """The form of a return that ticks fields of the person."""
    paths = {f"person.{name}": text for name, text in remarks.items()}
    return one(pk, "return") | {"item": [*paths], **{f"remark:{path}": text for path, text in paths.items()}}


def entered(make, pk: int):
    return ledger(make, pk)[-1].remarks


def again(make, **person: str) -> None:
    """The record comes again, with other facts."""
    make.taken(registration_line(person=person, submitted_at=clock.now().isoformat()))


def ticked(answer) -> list[str]:
    """The items that are ticked on a page."""
    boxes = [box.split(">")[0] for box in answer.text.split('name="item" value="')[1:]]
    return [box.split('"')[0] for box in boxes if box.rstrip().endswith("checked")]


@pytest.fixture
def pk(make, unit) -> int:
    return make.registration(1)


def test_the_remarks_are_entered_in_the_ledger_with_the_return(make, desk, pk):
    answer = desk.post(DECIDE, by_items(pk, email=" 邮箱写错 ", name="与证件不符"))
    assert answer.status_code == 303
    expected = {"person.email": "邮箱写错", "person.name": "与证件不符"}
    assert {item["path"]: item["remark"] for item in entered(make, pk)} == expected


def test_a_return_without_items_has_none(make, desk, pk):
    desk.post(DECIDE, one(pk, "return"))
    assert entered(make, pk) is None


def test_the_remark_of_a_field_that_is_not_ticked_is_nobodys(make, desk, pk):
    desk.post(DECIDE, by_items(pk, email="邮箱写错") | {"remark:person.name": "未勾选"})
    assert entered(make, pk) == [{"path": "person.email", "remark": "邮箱写错"}]


@pytest.mark.parametrize("path", ["person.password", "submitted_at", "person", "", "../person.email", "numbers"])
def test_a_path_that_the_applicant_did_not_write_is_passed_over(make, desk, pk, path):
    form = by_items(pk, email="邮箱写错")
    form["item"] = ["person.email", path]
    answer = desk.post(DECIDE, form | {f"remark:{path}": "不存在"})
    assert (answer.status_code, entered(make, pk)) == (303, [{"path": "person.email", "remark": "邮箱写错"}])


def test_every_field_of_the_applicant_can_be_ticked(desk, pk):
    dialog = part(desk.get(show(pk)), '<dialog class="dialog" id="dialog-return"', "</dialog>")
    names = [piece.split('"')[0] for piece in dialog.text.split('name="item" value="')[1:]]
    fields = ("name", "gender", "id_type", "id_number", "mobile", "political_status", "email")
    assert names == [f"person.{name}" for name in fields]


def test_the_history_shows_the_remarks_with_the_labels_of_their_fields(desk, pk):
    desk.post(DECIDE, by_items(pk, email="邮箱写错", mobile="停机"))
    said = text_of(part(desk.get(show(pk)), '<dl class="remarks">', "</dl>"))
    assert [words for words in ("邮箱 邮箱写错", "手机号码 停机") if words not in said] == []


def test_after_the_resubmission_each_remark_says_whether_its_field_was_corrected(make, desk, pk):
    desk.post(DECIDE, by_items(pk, email="邮箱写错", name="与证件不符"))
    again(make, email="new@example.cn")
    answer = desk.get(show(pk))
    email, name = fact(answer, "person.email"), fact(answer, "person.name")
    assert ["邮箱写错 已更正" in email, "与证件不符 未修改" in name] == [True, True]
    assert "已更正" not in fact(answer, "person.gender") and "未修改" not in fact(answer, "person.gender")


def test_a_corrected_number_counts_as_corrected_though_it_reads_alike_masked(make, desk, pk):
    desk.post(DECIDE, by_items(pk, mobile="停机"))
    again(make, mobile="13899990001")
    assert "停机 已更正" in fact(desk.get(show(pk)), "person.mobile")


def test_while_it_is_returned_the_remark_stands_beside_its_field(desk, pk):
    desk.post(DECIDE, by_items(pk, email="邮箱写错"))
    said = fact(desk.get(show(pk)), "person.email")
    assert ("邮箱写错" in said, "已更正" in said or "未修改" in said) == (True, False)


def test_the_remarks_of_a_return_that_was_taken_back_no_longer_stand_beside_the_fields(desk, pk):
    desk.post(DECIDE, by_items(pk, email="邮箱写错"))
    desk.post(
        "/registrations/take_back", {"rowid": f"{pk}:2", "single": "1", "status": "returned", "opinion": "误操作"}
    )
    answer = desk.get(show(pk))
    assert ("邮箱写错" in fact(answer, "person.email"), "邮箱写错" in answer.text) == (False, True)


BAD = {"501 characters": "长" * 501, "control character": "停机\x1b[31m"}


@pytest.mark.parametrize("remark", BAD.values(), ids=BAD)
def test_a_remark_that_cannot_be_kept_is_refused_with_everything_that_was_typed(make, desk, pk, remark):
    answer = desk.post(DECIDE, by_items(pk, email=remark, name="与证件不符") | {"opinion": "我写的意见"})
    dialog = part(answer, '<dialog class="dialog" id="dialog-return"', "</dialog>")
    typed = [value_of(dialog, name) for name in ("remark:person.email", "remark:person.name", "opinion")]
    assert (answer.status_code, typed) == (400, [remark, "与证件不符", "我写的意见"])
    assert ticked(answer) == ["person.name", "person.email"]
    assert [entry.step for entry in ledger(make, pk)] == ["submit"]


def test_a_refused_opinion_keeps_the_remarks(desk, pk):
    answer = desk.post(DECIDE, by_items(pk, email="邮箱写错") | {"opinion": " "})
    assert (answer.status_code, value_of(answer, "remark:person.email")) == (400, "邮箱写错")
    assert ticked(answer) == ["person.email"]


def test_500_characters_are_kept_whole(make, desk, pk):
    desk.post(DECIDE, by_items(pk, email="字" * 500))
    assert entered(make, pk) == [{"path": "person.email", "remark": "字" * 500}]


def test_markup_in_a_remark_is_text(desk, pk):
    desk.post(DECIDE, by_items(pk, email="<img src=x>&lt;"))
    answer = desk.get(show(pk))
    assert ("<img" in answer.text, "<img src=x>&lt;" in fact(answer, "person.email")) == (False, True)


def test_a_batch_has_no_remarks(make, desk, pk):
    desk.post(DECIDE, several(pk, verdict="return") | {"item": "person.email", "remark:person.email": "邮箱写错"})
    assert entered(make, pk) is None


def test_ticks_and_remarks_are_kept_when_somebody_else_was_faster(make, desk, pk):
    make.taken(decision_line(verdict="pass"))
    answer = desk.post(DECIDE, by_items(pk, email="邮箱写错"))
    said = text_of(part(answer, 'class="note wait conflict"', '<div class="review">'))
    assert "邮箱: 邮箱写错" in said


@pytest.mark.parametrize("opinion", ["缺____证明", "___", "见____。"])
def test_a_blank_that_was_not_filled_in_is_pointed_out_and_nothing_is_sent(make, desk, pk, opinion):
    answer = desk.post(DECIDE, by_items(pk, email="邮箱写错") | {"opinion": opinion})
    assert (answer.status_code, opinion in answer.text, ledger(make, pk)[-1].step) == (400, True, "submit")
    assert "还有空白处（____）没有填写" in text_of(answer)
