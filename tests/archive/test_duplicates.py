"""B9: the review page tells where else a certificate, paper or award number was submitted, and no more than it may."""

import re

import pytest

from app.archive.duplicates import SHOWN
from tests.archive.factories import item_line, verdict_line
from tests.browsing import Browser, part, text_of
from tests.factories import id_number, registration_line, take, unit_code

NUMBER = "闽教职证（2021）0042号"


def certificate(n: int, number: str = NUMBER, **changes):
    """The n-th held title, with a certificate's number."""
    return item_line("held_title", n, data={"certificate_number": number}, **changes)


def elsewhere(n: int, number: str = NUMBER):
    """The same of the ninth person, in the other unit."""
    return certificate(n, number, unit=unit_code(2), id_number=id_number(9))


@pytest.fixture
def other_unit(make, unit):
    """A second unit, with the ninth person and an administrator."""
    pk = make.unit(2)
    take(make.app, registration_line(9, unit_code(2)), verdict_line(9, of="R9", day=2))
    make.account("wang", "unit_administrator", pk)
    return pk


def told(browser: Browser, pk: int) -> list[str]:
    """What the review page says of others with the same number."""
    page = browser.get(f"/archive/held_title/show/{pk}")
    notes = re.findall(r'<div class="note wait alike">.*?</ul>', page.text, flags=re.S)
    return [text_of(part(page, note[:40], "</ul>")) for note in notes]


def test_a_foreign_record_is_told_by_unit_and_time_only_on_both_pages(intake, desk, other_unit, sign_in):
    mine, theirs = (result.id for result in intake(certificate(1), elsewhere(2)))
    assert told(desk, mine) == ["“证书编号”相同：另有 1 条记录 单位2 · 2026-11-03 09:00"]
    assert told(sign_in("wang"), theirs) == ["“证书编号”相同：另有 1 条记录 单位1 · 2026-11-03 09:00"]


def test_a_foreign_records_page_stays_closed(intake, desk, other_unit):
    theirs = intake(certificate(1), elsewhere(2))[1].id
    assert desk.get(f"/archive/held_title/show/{theirs}").status_code == 404


def test_a_record_of_ones_own_unit_is_named_and_leads_there(intake, desk):
    mine, again = (result.id for result in intake(certificate(1), certificate(2, id_number=id_number(2))))
    page = desk.get(f"/archive/held_title/show/{mine}")
    assert told(desk, mine) == ["“证书编号”相同：另有 1 条记录 单位1 · 2026-11-03 09:00 · 人员2 A2"]
    assert f'href="/archive/held_title/show/{again}"' in part(page, '<div class="note wait alike">', "</ul>").text


@pytest.mark.parametrize(
    "written", ["闽教职证(2021)0042号", " 闽教职证 ２０２１ 0042 号 "], ids=["half-width", "blanks"]
)
def test_a_number_is_the_same_however_it_is_written(intake, desk, written):
    mine, _again = (result.id for result in intake(certificate(1), certificate(2, written)))
    assert len(told(desk, mine)) == 1


def test_case_does_not_matter(intake, desk):
    mine, _again = (result.id for result in intake(certificate(1, "Zs-2021A"), certificate(2, "ZS-2021a")))
    assert len(told(desk, mine)) == 1


def test_another_number_is_not_told(intake, desk):
    mine, _other = (result.id for result in intake(certificate(1), certificate(2, f"{NUMBER}1")))
    assert told(desk, mine) == []


def test_the_same_number_in_another_type_is_not_told(intake, desk):
    other = item_line("qualification", 2, data={"certificate_number": NUMBER})
    mine, _other = (result.id for result in intake(certificate(1), other))
    assert told(desk, mine) == []


def test_a_corrected_number_is_the_old_ones_no_longer(intake, desk):
    mine, *_rest = (result.id for result in intake(certificate(1), certificate(2)))
    assert len(told(desk, mine)) == 1
    corrected = certificate(2, "另一号", submitted_at="2026-11-05T09:00:00+08:00")
    intake(verdict_line(11, "return", of="A2"), corrected)
    assert told(desk, mine) == []


def test_many_are_counted_whole_and_named_up_to_a_bound(intake, desk):
    mine, *_rest = (result.id for result in intake(*(certificate(n) for n in range(1, SHOWN + 4))))
    (note,) = told(desk, mine)
    assert note.startswith(f"“证书编号”相同：另有 {SHOWN + 2} 条记录")
    assert note.endswith("另有 2 条未列出")


@pytest.mark.parametrize("role", ["hr_reviewer", "department_reviewer"])
def test_a_reader_of_several_units_is_led_to_what_he_reads_and_to_nothing_else(make, intake, other_unit, sign_in, role):
    department = make.unit(3, nature="government")
    make.unit(4, competent_department_code=unit_code(3), region="350203")
    take(make.app, registration_line(8, unit_code(4)), verdict_line(8, of="R8", day=2))
    _theirs, read = (r.id for r in intake(elsewhere(2), certificate(4, unit=unit_code(4), id_number=id_number(8))))
    make.account("reader", role, department if role == "department_reviewer" else "350203")
    assert told(sign_in("reader"), read) == ["“证书编号”相同：另有 1 条记录 单位2 · 2026-11-03 09:00"]
    (more,) = intake(certificate(5, unit=unit_code(4), id_number=id_number(8)))
    assert more.outcome == "created"
    assert "人员8 A5" in told(sign_in("reader"), read)[0]
