"""常用语: the phrases of a unit for each verdict, offered in its dialogs."""

import re

import pytest
import sqlalchemy as sa

from app.review.phrases import STARTERS, Phrase
from app.tenancy import bulk_insert, everything
from tests.browsing import Browser, part, value_of
from tests.factories import unit_code
from tests.review.forms import LIST, show

PAGE = "/phrases/list/"
OWN = ("pass", "return")


def add(browser: Browser, text: str, verdict: str = "pass"):
    return browser.post(f"/phrases/add/{verdict}", {"text": text})


def texts(make, verdict: str = "pass") -> list[str]:
    return [text for (text,) in make.read(sa.select(Phrase.text).where(Phrase.verdict == verdict).order_by(Phrase.id))]


def offered(answer, verdict: str) -> list[str]:
    """The phrases in a verdict's dialog."""
    dialog = part(answer, f'id="dialog-{verdict}"', "</dialog>").text
    return re.findall(r'data-phrase value="([^"]*)"', dialog)


def starters(verdict: str) -> list[str]:
    return [text for of, text in STARTERS if of == verdict]


def group(answer, verdict: str):
    """A verdict's part of the page of phrases."""
    return part(answer, f'aria-labelledby="phrase-{verdict}-title"', "</section>")


@pytest.mark.parametrize("verdict", OWN)
def test_a_phrase_is_offered_in_the_dialogs_of_its_verdict_and_no_other(make, desk, verdict):
    pk = make.registration()
    assert add(desk, "  缺____证明 ", verdict).location == PAGE
    (other,) = set(OWN) - {verdict}
    for page in (desk.get(show(pk)), desk.get(LIST)):
        assert (offered(page, verdict), "缺____证明" in offered(page, other)) == (["缺____证明"], False)


def test_phrases_stand_in_the_order_they_were_written(make, desk):
    pk = make.registration()
    for text in ("丙", "甲", "乙"):
        add(desk, text)
    assert offered(desk.get(show(pk)), "pass") == ["丙", "甲", "乙"]


def test_a_unit_without_own_phrases_is_offered_the_starters_of_each_verdict(make, desk):
    page = desk.get(show(make.registration()))
    assert {verdict: offered(page, verdict) for verdict in OWN} == {verdict: starters(verdict) for verdict in OWN}


def test_own_phrases_take_the_place_of_the_starters_until_the_last_is_deleted(make, desk):
    pk = make.registration()
    add(desk, "情况属实")
    with_own = offered(desk.get(show(pk)), "pass")
    answer = desk.post(_delete_button(desk.get(PAGE)))
    assert (answer.location, texts(make)) == (PAGE, [])
    assert (with_own, offered(desk.get(show(pk)), "pass")) == (["情况属实"], starters("pass"))


def _delete_button(answer) -> str:
    (address,) = re.findall(r'action="(/phrases/delete/[0-9]+)"', answer.text)
    return address


def test_deleting_one_leaves_the_others(make, desk):
    for text in ("甲", "乙"):
        add(desk, text)
    first = min(pk for (pk,) in make.read(sa.select(Phrase.id)))
    desk.post(f"/phrases/delete/{first}")
    assert texts(make) == ["乙"]


@pytest.mark.parametrize("pk", [999_999, 2_147_483_648])
def test_a_phrase_of_nobody_is_not_deleted(desk, pk):
    desk.get(PAGE)
    assert desk.post(f"/phrases/delete/{pk}").status_code == 404


BAD = {"empty": "", "blanks": " \t ", "201": "长" * 201, "control": "属实\x1b[31m", "two lines": "第一行\n第二行"}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_phrase_that_cannot_be_kept_is_answered_beside_the_field_with_what_was_typed(make, desk, text):
    answer = add(desk, text)
    assert (answer.status_code, texts(make)) == (400, [])
    own, other = group(answer, "pass"), group(answer, "return")
    assert ['id="phrase-pass-error"' in own.text, "error" in other.text] == [True, False]
    assert "phrase-pass-error" in re.search(r'aria-describedby="([^"]*)"', own.text.split("<input id=")[1])[1]
    assert (value_of(own, "text"), value_of(other, "text")) == (text.strip(), "")


def test_200_characters_are_kept_whole(make, desk):
    add(desk, "字" * 200)
    assert texts(make) == ["字" * 200]


def test_the_same_phrase_is_not_kept_twice_for_a_verdict(make, desk):
    answers = [add(desk, text, verdict).status_code for text, verdict in (("甲", "pass"), (" 甲 ", "pass"))]
    assert (answers, texts(make)) == ([303, 400], ["甲"])


def test_the_same_phrase_may_serve_both_verdicts(make, desk):
    assert [add(desk, "甲", verdict).status_code for verdict in OWN] == [303, 303]
    assert (texts(make, "pass"), texts(make, "return")) == (["甲"], ["甲"])


def test_a_unit_keeps_at_most_50_for_a_verdict(app, make, unit, desk):
    with app.app_context(), everything("tests") as session:
        bulk_insert(session, Phrase, [{"unit_id": unit, "verdict": "pass", "text": f"第{n}条"} for n in range(49)])
        session.commit()
    answers = [add(desk, *phrase).status_code for phrase in (("甲",), ("乙",), ("丙", "return"))]
    assert (answers, len(texts(make)), texts(make, "return")) == ([303, 400, 303], 50, ["丙"])


@pytest.mark.parametrize("verdict", ["lift", "take_back", "PASS", "%00"])
def test_a_verdict_that_no_reviewer_gives_has_no_phrases(make, desk, verdict):
    desk.get(PAGE)
    assert add(desk, "甲", verdict).status_code in (400, 404)
    assert make.read(sa.select(Phrase.id)) == []


def test_a_phrase_with_markup_is_text(make, desk):
    pk = make.registration()
    add(desk, '"><img src=x>')
    answers = [desk.get(PAGE), desk.get(show(pk)), desk.get(LIST)]
    assert [("<img" in answer.text, "&lt;img" in answer.text) for answer in answers] == [(False, True)] * 3


# ---- whose they are --------------------------------------------------------------------------------------------------


def test_everybody_who_reviews_for_the_unit_is_offered_the_same(make, unit, desk, sign_in):
    make.account("li", "unit_administrator", unit)
    add(desk, "情况属实")
    assert offered(sign_in("li").get(show(make.registration())), "pass") == ["情况属实"]


def test_another_unit_neither_sees_nor_is_hindered_by_them(make, desk, sign_in):
    make.account("wang", "unit_administrator", make.unit(2))
    pk = make.registration(2, unit_code(2))
    other = sign_in("wang")
    add(desk, "职务证明不全")
    assert "职务证明不全" not in other.get(PAGE).text
    assert "职务证明不全" not in offered(other.get(show(pk)), "pass")
    assert add(other, "职务证明不全").status_code == 303


@pytest.mark.parametrize("role", ["unit_clerk", "hr_reviewer", "hr_operations", "auditor", "system_administrator"])
def test_who_is_no_administrator_of_the_unit_keeps_none(make, unit, desk, sign_in, role):
    add(desk, "情况属实")
    ((pk,),) = make.read(sa.select(Phrase.id))
    make.account("reader", role, unit if role == "unit_clerk" else "350102")
    browser = sign_in("reader")
    answers = [browser.get(PAGE), add(browser, "外来"), browser.post(f"/phrases/delete/{pk}")]
    assert ([answer.status_code for answer in answers], texts(make)) == ([403, 403, 403], ["情况属实"])
