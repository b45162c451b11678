"""The catalogue changes, records stay: a type that left it, a field that left its type, a field that is new."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.codes import CATALOGUE
from tests.archive.factories import PROOFS, SHIPPED, item_line, request_line, value, verdict_line
from tests.archive.reading import facts_of, history_of, sections_of, tree_of
from tests.browsing import Browser, csv_rows, heads, rowids, table, text_of
from tests.conftest import PASSWORD
from tests.factories import Make, registration_line, take, unit_line

TEXT = CATALOGUE.read_text("utf-8")
VOLUME = '    { key = "volume", kind = "text", zh = "卷期页码", en = "Volume, issue and pages" },\n'
PAGES = '    { key = "pages", kind = "number", listed = true, zh = "页数", en = "Pages" },\n'


def without_type(text: str, key: str) -> str:
    start = text.index(f'[[type]]\nkey = "{key}"')
    return text[:start] + text[text.index("\n]\n", start) + 3 :]


@pytest.fixture
def before(start: Callable[..., Any], folder: Path) -> Any:
    """The product with its own catalogue, two papers and a patent in it; A1 waits, the others passed."""
    app = start(TEXT)
    make = Make(app, PASSWORD)
    make.account("zhang", "unit_administrator", make.taken(unit_line()))
    take(app, registration_line(), verdict_line(0, of="R1", day=2))
    lines = [item_line("paper", 1), item_line("paper", 2), item_line("patent", 3)]
    results = take(app, *lines, verdict_line(2, of="A2"), verdict_line(3, of="A3"), folder=folder)
    assert {result.outcome for result in results} == {"created"}
    return app


@pytest.fixture
def changed(before: Any, start: Callable[..., Any]) -> Callable[[str], Browser]:
    """The administrator before the product as it starts with another catalogue."""
    return lambda text: Browser(start(text)).sign_in("zhang", PASSWORD)


@pytest.fixture
def desk(changed) -> Browser:
    """The administrator, after the type `paper` left the catalogue."""
    return changed(without_type(TEXT, "paper"))


def review(desk: Browser, where: str = "paper") -> Any:
    token = rowids(desk.get(f"/archive/{where}/list/"))[0]
    return desk.get(f"/archive/{where}/show/{token.split(':')[0]}")


# ---- a type that left ------------------------------------------------------------------------------------------------


def test_its_records_are_still_listed(desk):
    rows = table(desk.get("/archive/paper/list/?status=all"))
    assert [(row["姓名"], row["名称"]) for row in rows] == [("人员1", "甲 <b>&")] * 2


def test_its_tabs_still_count_them(desk):
    assert len(table(desk.get("/archive/paper/list/?status=passed"))) == 1


def test_they_stand_in_the_list_of_the_whole_archive(desk):
    assert len(table(desk.get("/archive/all/list/?status=all"))) == 3


def test_its_category_has_it_no_more(desk):
    assert [row["项目类型"] for row in table(desk.get("/archive/research/list/?status=all"))] == ["专利"]


def test_the_tree_still_counts_them(desk):
    branches = tree_of(desk.get("/archive/"))
    assert [leaf for leaves in branches.values() for name, leaf in leaves.items() if "paper" in name] == [(2, 1)]


@pytest.mark.parametrize(
    "address", ["/archive/", "/archive/paper/list/", "/archive/all/list/"], ids=["the tree", "its list", "all records"]
)
def test_it_is_marked_as_no_longer_in_the_catalogue(desk, address):
    assert "paper（目录中已停用）" in text_of(desk.get(address))


def test_the_review_page_shows_what_was_submitted(desk):
    earlier = sections_of(review(desk))["历史字段"]
    fields = [field for field in SHIPPED.types["paper"].fields if field.kind != "files"]
    names = {"note": "备注"}  # which every type has
    expected = [" ".join(f"{names.get(field.key, field.key)} {value(field)[0]}".split()) for field in fields]
    assert [one for one in expected if one not in earlier] == []


def test_the_review_page_still_shows_its_files(desk):
    assert PROOFS[0] in text_of(review(desk))


def test_its_records_can_still_be_decided(desk):
    (token,) = rowids(desk.get("/archive/paper/list/"))
    form = {"verdict": "pass", "opinion": "同意", "rowid": token, "single": "1"}
    assert desk.post("/archive/paper/decide", form).status_code == 303
    assert len(table(desk.get("/archive/paper/list/?status=passed"))) == 2


def test_its_export_has_its_records(desk):
    head, *rows = csv_rows(desk.get("/archive/paper/export.csv?status=all"))
    assert [row[head.index("编号")] for row in rows] == ["A2", "A1"]


def test_no_more_of_it_is_taken(before, desk, start, folder):
    app = start(without_type(TEXT, "paper"))
    (result,) = take(app, item_line("paper", 4), folder=folder)
    assert sorted(result.errors) == ["type"]


def test_a_passed_one_can_still_be_given_back(before, desk, start):
    app = start(without_type(TEXT, "paper"))
    (result,) = take(app, request_line(1, "A2"))
    assert result.outcome == "created"
    pk = rowids(desk.get("/withdrawals/list/"))[0].split(":")[0]
    assert "历史字段" in sections_of(desk.get(f"/withdrawals/show/{pk}"))


def test_a_type_that_never_was_is_not_found(desk):
    assert desk.get("/archive/horoscope/list/").status_code == 404


def test_a_type_that_left_with_nothing_of_it_is_not_found(changed):
    assert changed(without_type(TEXT, "book")).get("/archive/book/list/").status_code == 404


def test_a_stranger_is_led_to_the_door_whatever_the_type(before):
    answers = [Browser(before).get(f"/archive/{key}/list/") for key in ("paper", "horoscope")]
    assert [answer.status_code for answer in answers] == [302, 302]


# ---- a field that left, a field that is new --------------------------------------------------------------------------


def test_a_field_that_left_stands_under_the_earlier_fields(changed):
    page = review(changed(TEXT.replace(VOLUME, "")))
    assert (sections_of(page)["历史字段"], "卷期页码" in text_of(page)) == ("volume 甲 <b>&", False)


def test_nothing_is_earlier_where_the_catalogue_has_all(changed):
    assert "历史字段" not in sections_of(review(changed(TEXT)))


@pytest.mark.parametrize("where", ["review page", "list", "export"])
def test_a_new_field_is_a_dash_for_the_records_before_it(changed, where):
    desk = changed(TEXT.replace(VOLUME, VOLUME + PAGES))
    if where == "review page":
        assert facts_of(review(desk))["data.pages"][:2] == ("页数", "—")
    elif where == "list":
        assert table(desk.get("/archive/paper/list/"))[0]["页数"] == "—"
    else:
        head, row = csv_rows(desk.get("/archive/paper/export.csv"))
        assert row[head.index("页数")] == ""


def test_the_list_has_the_new_column(changed):
    assert "页数" in heads(changed(TEXT.replace(VOLUME, VOLUME + PAGES)).get("/archive/paper/list/"))


def test_a_code_that_left_reads_as_it_is(changed):
    line = next(one for one in TEXT.splitlines(True) if one.startswith("invention = "))
    row = table(changed(TEXT.replace(line, "")).get("/archive/patent/list/?status=all"))[0]
    assert row["专利类型"] == "invention"


def test_a_return_that_ticked_a_field_that_left_still_tells_its_remark(before, start):
    desk = Browser(before).sign_in("zhang", PASSWORD)
    (token,) = rowids(desk.get("/archive/paper/list/"))
    form = {"verdict": "return", "opinion": "请更正", "rowid": token, "single": "1"}
    desk.post("/archive/paper/decide", form | {"item": "data.volume", "remark:data.volume": "卷期不对"})
    later = Browser(start(TEXT.replace(VOLUME, ""))).sign_in("zhang", PASSWORD)
    later.get("/archive/paper/list/")
    assert "卷期不对" in history_of(later.get(f"/archive/paper/show/{token.split(':')[0]}"))
