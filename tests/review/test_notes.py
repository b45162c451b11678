"""Internal notes: for the reviewers of one node, and for nobody else."""

import pytest
import sqlalchemy as sa

from app.review.together import Note
from tests.browsing import part, text_of, value_of
from tests.factories import change, id_number, unit_code
from tests.review.forms import refused_beside, show


def note(pk: int) -> str:
    return f"/registrations/note/{pk}"


def written(answer) -> str:
    """What stands under 内部备注."""
    return text_of(part(answer, 'id="notes"', "</details>"))


def kept(make) -> list[str]:
    return [text for (text,) in make.read(sa.select(Note.text).order_by(Note.id))]


@pytest.fixture
def pk(make, unit) -> int:
    return make.registration()


@pytest.mark.parametrize("role", ["unit_administrator", "unit_clerk"])
def test_a_note_is_read_by_every_reviewer_of_the_node_with_its_author(make, unit, desk, sign_in, pk, role):
    make.account("colleague", role, unit)
    answer = desk.post(note(pk), {"text": "  照片待核实 ", "query": "sort=-name"})
    assert (answer.status_code, answer.location) == (303, f"{show(pk)}?sort=-name")
    said = written(sign_in("colleague").get(show(pk)))
    assert [words for words in ("照片待核实", "zhang 的持有人") if words not in said] == []


def test_a_clerk_writes_notes_too(make, unit, desk, sign_in, pk):
    make.account("clerk", "unit_clerk", unit)
    sign_in("clerk").post(note(pk), {"text": "已电话核实"})
    assert "已电话核实" in written(desk.get(show(pk)))


@pytest.fixture
def others(make, sign_in, desk, pk):
    """Signs a reader of another role in, when a note stands on the record of the unit."""
    department = make.unit(3, nature="government")
    make.unit(2)
    over = {"department_reviewer": department, "unit_administrator": make.unit_id(unit_code(2))}
    desk.post(note(pk), {"text": "照片待核实"})

    def reader(role: str):
        make.account("other", role, over.get(role, "350102"))
        return sign_in("other")

    return reader


@pytest.mark.parametrize("role", ["hr_reviewer", "hr_operations", "auditor", "system_administrator"])
def test_no_other_node_reads_it(others, pk, role):
    answer = others(role).get(show(pk))
    assert (answer.status_code, "照片待核实" in answer.text, 'id="notes"' in answer.text) == (200, False, False)


def test_the_competent_department_does_not_read_it(make, sign_in):
    department = make.unit(3, nature="government")
    unit = make.unit(1, competent_department_code=unit_code(3))
    make.account("zhang", "unit_administrator", unit)
    make.account("dept", "department_reviewer", department)
    pk = make.registration()
    sign_in("zhang").post(note(pk), {"text": "照片待核实"})
    answer = sign_in("dept").get(show(pk))
    assert (answer.status_code, "照片待核实" in answer.text) == (200, False)


def test_no_other_unit_reads_it(others, pk):
    answer = others("unit_administrator").get(show(pk))
    assert (answer.status_code, "照片待核实" in answer.text) == (404, False)


def test_a_note_of_another_node_is_not_shown_to_the_unit(make, desk, pk):
    desk.post(note(pk), {"text": "区局的备注"})
    change(make, sa.update(Note).values(node="county"))
    assert "区局的备注" not in written(desk.get(show(pk)))


@pytest.mark.parametrize("role", ["hr_reviewer", "hr_operations", "auditor", "system_administrator"])
def test_who_only_reads_cannot_write_one(make, others, pk, role):
    answer = others(role).post(note(pk), {"text": "外部备注"})
    assert (answer.status_code, kept(make)) == (403, ["照片待核实"])


@pytest.fixture
def owner(make, unit, desk, sign_in, pk):
    """An administrator of the unit whose own record it is, when a note stands on it."""
    desk.post(note(pk), {"text": "照片待核实"})
    make.account("owner", "unit_administrator", unit, holder=id_number(1))
    return sign_in("owner")


def test_a_note_is_not_for_him_whom_it_is_about(owner, pk):
    answer = owner.get(show(pk))
    assert (answer.status_code, "照片待核实" in answer.text, 'id="notes"' in answer.text) == (200, False, False)


def test_he_cannot_write_one_either(make, owner, pk):
    answer = owner.post(note(pk), {"text": "已核实"})
    assert (answer.status_code, kept(make)) == (403, ["照片待核实"])


def test_a_note_of_his_that_cannot_be_kept_shows_him_none(make, owner, pk):
    answer = owner.post(note(pk), {"text": ""})
    assert ("照片待核实" in answer.text, 'id="notes"' in answer.text) == (False, False)


def test_on_the_record_of_another_he_reads_and_writes_them(make, owner, desk, pk):
    other = make.registration(2)
    owner.post(note(other), {"text": "已电话核实"})
    assert [("已电话核实" in written(browser.get(show(other)))) for browser in (owner, desk)] == [True, True]


BAD = {"empty": "", "blanks": " \r\n\t ", "1001 characters": "长" * 1001, "control character": "第一行\n\x1b[31m<b>"}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_note_that_cannot_be_kept_is_answered_beside_the_field_with_what_was_typed(make, desk, pk, text):
    answer = desk.post(note(pk), {"text": text})
    assert refused_beside(answer, "note-error")
    assert (value_of(answer, "text"), kept(make)) == (text.strip(), [])


def test_1000_characters_are_kept_whole(make, desk, pk):
    desk.post(note(pk), {"text": "字" * 1000})
    assert kept(make) == ["字" * 1000]


def test_markup_in_a_note_is_text(desk, pk):
    desk.post(note(pk), {"text": "<img src=x onerror=alert(1)>&lt;"})
    answer = desk.get(show(pk))
    assert "<img" not in answer.text
    assert "<img src=x onerror=alert(1)>&lt;" in written(answer)


def test_notes_stand_in_the_order_they_were_written(desk, pk):
    for text in ("第一条", "第二条", "第三条"):
        desk.post(note(pk), {"text": text})
    said = written(desk.get(show(pk)))
    assert said.index("第一条") < said.index("第二条") < said.index("第三条")
