"""A passport's number in the search box: it has letters, and a name may stand before it."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.browsing import Browser, table
from tests.factories import audited
from tests.review.forms import LIST

PASSPORT = "EA1234567"
TOKEN = re.compile(r"~[-\w]{22}")  # a blind index: what stands in an address instead
SET = {
    "alone": PASSPORT,
    "in groups": f"{PASSPORT[:2]} {PASSPORT[2:5]}-{PASSPORT[5:]}",
    "U+200B within": "\u200b".join(PASSPORT),
    "full-width": "".join(chr(ord(char) + 0xFEE0) for char in PASSPORT),
    "name before": f"司马光{PASSPORT}",
    "name and blank before": f"司马光 {PASSPORT}",
    "name after": f"{PASSPORT}司马光",
    "label": f"护照号码：{PASSPORT}",
    "brackets": f"司马光（{PASSPORT}）",
}


@pytest.fixture
def people(make, desk) -> Browser:
    """The desk with 司马光, who has a passport, and one more."""
    make.registration(1, person={"name": "司马光", "id_type": "passport", "id_number": PASSPORT})
    make.registration(2, person={"name": "欧阳明"})
    return desk


def searched(query: str) -> str:
    """The search text in a query string."""
    return parse_qs(query).get("q", [""])[0]


@pytest.mark.parametrize("text", SET.values(), ids=SET)
def test_the_person_is_found_and_the_address_holds_a_token_only(people, text):
    address = people.post("/registrations/search", {"q": text, "query": ""}).location
    found = [row["姓名"] for row in table(people.get(address))]
    assert (found, bool(TOKEN.fullmatch(searched(urlsplit(address).query)))) == (["司马光"], True)


def test_typed_into_an_address_it_is_replaced_at_once(people):
    answers = {how: people.get(f"{LIST}?{urlencode({'q': text})}") for how, text in SET.items()}
    assert {answer.status_code for answer in answers.values()} == {302}
    tokens = {how: searched(urlsplit(answer.location).query) for how, answer in answers.items()}
    assert [how for how, token in tokens.items() if not TOKEN.fullmatch(token)] == []


def test_the_audit_row_of_an_export_does_not_hold_it(make, people):
    for text in SET.values():
        people.get(f"/registrations/export.csv?{urlencode({'q': text})}")
    queries = [searched(entry.detail["query"]) for entry in audited(make, "export")]
    assert (len(queries), [query for query in queries if not TOKEN.fullmatch(query)]) == (len(SET), [])


@pytest.mark.parametrize("text", ["司马光12", "A座1234", "第3批 2026", "EA12"])
def test_a_few_digits_are_no_number(people, text):
    address = people.post("/registrations/search", {"q": text, "query": ""}).location
    assert searched(urlsplit(address).query) == text
