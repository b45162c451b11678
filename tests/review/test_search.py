"""The search box: names, numbers, and what never stands in an address."""

from urllib.parse import urlencode

import pytest

from tests.browsing import Browser, table, text_of, value_of
from tests.factories import id_number, mobile

LIST = "/registrations/list/"
WITH_X = next(n for n in range(2, 200) if id_number(n).endswith("X"))


@pytest.fixture
def people(make, desk) -> Browser:
    """The desk with 欧阳晓 (whose number ends with X), 欧阳明, and two with signs that SQL knows."""
    make.registration(WITH_X, person={"name": "欧阳晓"})
    make.registration(500, person={"name": "欧阳明"})
    make.registration(501, person={"name": "百%分"})
    make.registration(502, person={"name": "下_划"})
    return desk


def search(desk: Browser, text: str, query: str = ""):
    """Post the search box; the address that it answers with, and the list there."""
    posted = desk.post("/registrations/search", {"q": text, "query": query})
    assert posted.status_code == 303
    return posted.location, desk.get(posted.location)


def names(answer) -> list[str]:
    return sorted(row["姓名"] for row in table(answer))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("欧阳", ["欧阳明", "欧阳晓"]),
        ("阳晓", ["欧阳晓"]),
        ("  欧阳晓　", ["欧阳晓"]),
        ("欧阳 晓", []),
        ("%", ["百%分"]),
        ("_", ["下_划"]),
        ("%_", []),
        ("\\", []),
        ("'; DROP TABLE submission; --", []),
        ("~", []),
        ("", ["欧阳明", "欧阳晓", "百%分", "下_划"]),
    ],
)
def test_a_name_is_found_by_any_part_and_signs_stand_for_themselves(people, text, expected):
    _address, answer = search(people, text)
    assert names(answer) == sorted(expected)


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


NUMBER = id_number(WITH_X)
SPELLINGS = {
    "as it is": NUMBER,
    "lower case x": NUMBER.lower(),
    "full-width": _wide(NUMBER),
    "blanks around": f"  {NUMBER}\t",
    "blanks within": f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_a_whole_id_number_finds_its_person_in_every_spelling(people, text):
    _address, answer = search(people, text)
    assert names(answer) == ["欧阳晓"]


@pytest.mark.parametrize("text", [*SPELLINGS.values(), mobile(500), f"{mobile(500)[:3]}-{mobile(500)[3:]}"])
def test_a_whole_number_stands_in_no_address_and_on_no_page(people, text):
    address, answer = search(people, text)
    shown = address + answer.text + str(answer.headers)
    assert [part for part in (text.strip(), NUMBER, NUMBER.lower(), mobile(500)) if part in shown] == []
    assert "完整号码（不显示）" in text_of(answer)


def test_a_whole_number_typed_into_an_address_is_replaced_at_once(people):
    answer = people.get(f"{LIST}?{urlencode({'q': NUMBER, 'status': 'all'})}")
    assert answer.status_code == 302
    assert NUMBER not in answer.location
    assert names(people.get(answer.location)) == ["欧阳晓"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (mobile(500), ["欧阳明"]),
        (mobile(500)[-4:], ["欧阳明"]),
        (NUMBER[-4:], ["欧阳晓"]),
        (NUMBER[-4:].lower(), ["欧阳晓"]),
        (_wide(NUMBER[-4:]), ["欧阳晓"]),
        (NUMBER[-5:], []),
        (NUMBER[:6], []),
        (NUMBER[:-1], []),
        (mobile(503), []),
    ],
)
def test_a_mobile_and_the_last_four_are_found_and_no_other_part(people, text, expected):
    _address, answer = search(people, text)
    assert names(answer) == expected


def test_a_search_keeps_tab_filter_and_sort_and_begins_at_page_1(people):
    address, _answer = search(people, "欧阳", "status=all&gender=1&sort=-name&page=3")
    assert address == f"{LIST}?{urlencode({'status': 'all', 'q': '欧阳', 'gender': '1', 'sort': '-name'})}"


def test_the_text_that_was_searched_stays_in_the_box(people):
    _address, answer = search(people, "欧阳")
    assert value_of(answer, "q") == "欧阳"


def test_a_text_longer_than_any_name_is_cut_and_finds_nobody(people):
    _address, answer = search(people, "长" * 5000)
    assert (answer.status_code, names(answer)) == (200, [])


def test_another_units_person_is_not_found_by_his_token(make, people, sign_in):
    """A token in an address is a question, not a right."""
    address, _answer = search(people, NUMBER)
    make.account("wang", "unit_administrator", make.unit(2))
    assert table(sign_in("wang").get(address)) == []
