"""The search box of the archive: titles, certificate numbers, and never a whole personal number in an address."""

import pytest

from tests.archive.factories import item_line
from tests.browsing import rowids, table, value_of
from tests.factories import id_number, mobile

ALL = "/archive/all/list/"


def search(desk, text, address=ALL):
    """The address that a search leads to, and its list."""
    desk.get(address)
    answer = desk.post(address.replace("list/", "search"), {"q": text, "query": ""})
    return answer.location, desk.get(answer.location)


def titles(answer):
    return [row["名称"] for row in table(answer)]


@pytest.mark.parametrize("text", ["B514886923", " b514886923 ", "Ｂ514886923"])
def test_a_certificates_number_is_found_however_it_is_written(intake, desk, text):
    intake(item_line("held_title", 1, data={"title": "一级教师", "certificate_number": "B514886923"}))
    intake(item_line("held_title", 2, data={"title": "高级教师", "certificate_number": "B514886924"}))
    _address, answer = search(desk, text)
    assert titles(answer) == ["一级教师"]


def test_the_number_that_was_searched_stays_in_the_box(intake, desk):
    intake(item_line("held_title", 1, data={"certificate_number": "B514886923"}))
    assert value_of(search(desk, "B514886923")[1], "q") == "B514886923"


def test_a_year_in_a_title_is_found_though_it_could_be_a_numbers_last_four(intake, desk):
    intake(item_line("annual_assessment", 1, data={"year": 2019}), item_line("annual_assessment", 2))
    assert titles(search(desk, "2019")[1]) == ["2019"]


@pytest.mark.parametrize("address", [ALL, "/registrations/list/", "/people/list/"])
def test_no_sign_in_front_brings_a_whole_number_into_an_address(desk, address):
    texts = [f"{sign}{number}" for sign in ("", "#", "##", "~", "#~") for number in (id_number(1), mobile(1))]
    led = [search(desk, text + end, address)[0] for text in texts for end in ("", "abcd")]
    assert [one for one in led if id_number(1) in one or mobile(1) in one] == []


def test_a_row_of_another_types_list_is_not_there(intake, desk):
    intake(item_line("paper", 1), item_line("book", 2))
    (book,) = rowids(desk.get("/archive/book/list/"))
    desk.get("/archive/paper/list/")
    form = {"rowid": book, "verdict": "pass", "opinion": "同意", "confirmed": "1"}
    assert desk.post("/archive/paper/decide", form).status_code == 404
    assert len(rowids(desk.get("/archive/book/list/"))) == 1
