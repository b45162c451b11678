"""A personal number in a search text, however it is set: it is found, and stands in no address and no log."""

from urllib.parse import quote, unquote, urlencode

import pytest

from tests.browsing import Browser, links, table, value_of
from tests.factories import audited, id_number, mobile, unit_code
from tests.review.forms import LIST

NAME = "欧阳晓"
WITH_X = next(n for n in range(2, 200) if id_number(n).endswith("X"))
NUMBER, MOBILE = id_number(WITH_X), mobile(WITH_X)
OTHER, OTHER_MOBILE = id_number(500), mobile(500)
ZERO_WIDTH, SOFT_HYPHEN = "\u200b", "\u00ad"


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


def between(sign: str, text: str) -> str:
    """The text with a sign between all its characters."""
    return sign.join(text)


SET = {
    "name before": f"{NAME}{NUMBER}",
    "name and blank before": f"{NAME} {NUMBER}",
    "name after": f"{NUMBER}{NAME}",
    "name and lower case": f"{NAME}{NUMBER.lower()}",
    "label": f"身份证：{NUMBER}",
    "label, half-width": f"身份证号码:{NUMBER}",
    "Chinese brackets": f"{NAME}（{NUMBER}）",
    "brackets": f"[{NUMBER}]",
    "quotes": f"“{NUMBER}”",
    "full-width": wide(NUMBER),
    "name and full-width": f"{NAME}{wide(NUMBER)}",
    "dots": f"{NUMBER[:6]}.{NUMBER[6:14]}.{NUMBER[14:]}",
    "slashes": f"{NUMBER[:6]}/{NUMBER[6:14]}/{NUMBER[14:]}",
    "ideographic blanks": f"{NUMBER[:6]}　{NUMBER[6:]}",
    "line break": f"{NUMBER[:6]}\r\n{NUMBER[6:]}",
    "U+200B within": between(ZERO_WIDTH, NUMBER),
    "U+00AD within": between(SOFT_HYPHEN, NUMBER),
    "U+FEFF before": f"\ufeff{NUMBER}",
    "U+202D around": f"\u202d{NUMBER}\u202c",
    "as an index": f"~{NUMBER}",
    "label with a digit": f"证件1：{NUMBER}",
    "letters before": f"id{NUMBER}",
    "Arabic digits": NUMBER.translate({ord("0") + n: 0x660 + n for n in range(10)}),
    "as a reference": f"#{NUMBER}",
    "as a reference, full-width": f"＃{NUMBER}",
    "as a reference, with blanks": f"# {NUMBER[:6]} {NUMBER[6:]}",
    "mobile": MOBILE,
    "mobile +86": f"+86{MOBILE}",
    "mobile +86, blanks": f"+86 {MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}",
    "mobile 0086": f"0086-{MOBILE}",
    "mobile (+86)": f"（+86）{MOBILE}",
    "mobile 86 without plus": f"86{MOBILE}",
    "mobile, name before": f"{NAME}{MOBILE}",
    "mobile, name before +86": f"{NAME} +86 {MOBILE}",
    "mobile, label": f"手机：{MOBILE}",
    "mobile, full-width": wide(MOBILE),
    "mobile, full-width +86": wide(f"+86{MOBILE}"),
    "mobile, hyphens": f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}",
    "mobile, U+200B within": between(ZERO_WIDTH, MOBILE),
    "mobile, U+00AD within": f"{NAME}{between(SOFT_HYPHEN, MOBILE)}",
    "mobile, as a reference": f"#{MOBILE}",
}
TWO = {
    "two ID numbers": f"{NUMBER} {OTHER}",
    "two ID numbers, not parted": f"{OTHER}{NUMBER}",
    "ID number and mobile": f"{NAME} {NUMBER} {MOBILE}",
    "mobile and ID number": f"{MOBILE}，{NUMBER}",
    "two mobiles": f"{MOBILE}、{OTHER_MOBILE}",
    "two people": f"{NAME}{NUMBER}；欧阳明{OTHER}",
    "two mobiles +86": f"+86{MOBILE} +86{OTHER_MOBILE}",
}


@pytest.fixture
def people(make, desk) -> Browser:
    """The desk with 欧阳晓, whose number ends with X, and two others."""
    make.registration(WITH_X, person={"name": NAME})
    make.registration(500, person={"name": "欧阳明"})
    make.registration(501, person={"name": "司马光"}, ref="R-2026-000501")
    return desk


def searched(desk: Browser, text: str) -> str:
    """The address that the search box answers with."""
    answer = desk.post("/registrations/search", {"q": text, "query": "status=all"})
    assert answer.status_code == 303
    return answer.location


def names(answer) -> list[str]:
    return [row["姓名"] for row in table(answer)]


def digits_in(text: str) -> list[str]:
    """The parts of the people's numbers that a text holds, five digits long or more, however it is quoted."""
    plain = "".join(char for char in unquote(text) if char.isalnum())
    numbers = (NUMBER, MOBILE, OTHER, OTHER_MOBILE)
    return [number[n : n + 5] for number in numbers for n in range(len(number) - 4) if number[n : n + 5] in plain]


def test_the_person_is_found_and_the_address_holds_no_digit_of_the_number(people):
    """However the number is set: one sign-in for all of them, and what fails is named."""
    found = {how: searched(people, text) for how, text in SET.items()}
    assert {how: digits_in(address) for how, address in found.items() if digits_in(address)} == {}
    assert [how for how, address in found.items() if names(people.get(address)) != [NAME]] == []


def test_of_two_numbers_none_stands_in_the_address(people):
    found = {how: searched(people, text) for how, text in TWO.items()}
    assert [how for how, address in found.items() if digits_in(address)] == []
    assert {people.get(address).status_code for address in found.values()} == {200}


def test_typed_into_an_address_it_is_replaced_at_once(people):
    answers = {how: people.get(f"{LIST}?{urlencode({'q': text})}") for how, text in (SET | TWO).items()}
    assert [how for how, answer in answers.items() if answer.status_code != 302 or digits_in(answer.location)] == []


def test_the_audit_row_of_an_export_does_not_hold_it(make, people):
    """Though the address of the export was written by hand."""
    for text in (SET | TWO).values():
        assert people.get(f"/registrations/export.csv?{urlencode({'q': text})}").status_code == 200
    queries = [entry.detail["query"] for entry in audited(make, "export")]
    assert len(queries) == len(SET | TWO)
    assert [query for query in queries if digits_in(query) or query[:3] != "q=~"] == []


@pytest.mark.parametrize("address", ["decide", "preview", "search"])
@pytest.mark.parametrize("text", [SET["name before"], SET["mobile +86"], TWO["two mobiles"]])
def test_a_form_that_carries_it_along_leads_to_no_address_with_it(people, address, text):
    form = {"query": f"q={quote(text)}", "q": text, "all": "1", "verdict": "pass", "opinion": "同意"}
    answer = people.post(f"/registrations/{address}", form | {"seen_at": "2099-01-01T00:00:00+00:00"})
    assert (answer.status_code, digits_in(answer.headers.get("Location", ""))) == (
        200 if address == "preview" else 303,
        [],
    )


@pytest.mark.parametrize("text", [SET["name before"], SET["mobile +86"], TWO["two mobiles"]])
def test_the_review_page_does_not_lead_back_with_it(make, people, text):
    page = people.get(f"/registrations/show/{make.registration(502)}?{urlencode({'q': text})}")
    (back,) = links(page, "返回列表")
    assert (page.status_code, digits_in(back), digits_in(value_of(page, "query"))) == (200, [], [])


# ---- what is no personal number --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["R-2026-000501", "  R-2026-000501 ", wide("R-2026-000501"), "#R-2026-000501"])
def test_a_reference_is_found_and_stands_in_the_address(people, text):
    address = searched(people, text)
    assert (names(people.get(address)), "R-2026-000501" in unquote(address)) == (["司马光"], True)


REFS = ["R9", "20261101000001", "REG_2026/11-00042", "FJ-350102-2026-registration-0000012", "编号2026", "A1B2C3D4E5"]
REFS += ["202611010900000001", "13800000001", "RS20261101093000123456", "8a1f2b3c-4d5e-4f60-9138-000000011234"]


@pytest.mark.parametrize("ref", REFS)
def test_references_of_every_form_are_found(make, people, ref):
    make.registration(600, ref=ref)
    address = searched(people, ref)
    assert (names(people.get(address)), "~" in address) == (["人员600"], False)


def test_a_reference_of_another_unit_is_no_reference_here(make, people):
    """Whether a text is one is asked of what the reader may see."""
    make.unit(2)
    make.registration(601, ref="20261101000002", unit=unit_code(2))
    assert names(people.get(searched(people, "20261101000002"))) == []


@pytest.mark.parametrize("text", ["欧阳", "2026", "12", "A座3室", "欧阳 1", "B-2"])
def test_a_text_without_a_number_stays_as_it_is(people, text):
    assert searched(people, text) == f"{LIST}?{urlencode({'status': 'all', 'q': text})}"
