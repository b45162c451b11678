"""A 33rd item type is one block of text in the catalogue: all that follows is the product's own doing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.archive.catalogue import load
from app.codes import CATALOGUE
from config import ROOT
from tests.archive.factories import PROOFS, data_of, item_line, value, verdict_line
from tests.archive.reading import facts_of, tree_of
from tests.browsing import Browser, choices, csv_rows, heads, rowids, table, text_of
from tests.conftest import PASSWORD
from tests.factories import Make, registration_line, take, unit_line

BLOCK = """
[[type]]
key = "exhibition"
category = "sector"
zh = "参展经历"
en = "Exhibition"
fields = [
    { key = "name", kind = "text", title = true, zh = "展览名称", en = "Exhibition" },
    { key = "role", kind = "code", codes = "way", required = true, listed = true, zh = "参展方式", en = "Way" },
    { key = "from", kind = "date", required = true, listed = true, zh = "开展日期", en = "From" },
    { key = "to", kind = "date", zh = "闭展日期", en = "To" },
    { key = "since", kind = "month", zh = "筹备月份", en = "Since" },
    { key = "season", kind = "year", zh = "届别年度", en = "Year" },
    { key = "area", kind = "number", zh = "展位面积", en = "Area" },
    { key = "works", kind = "number", whole = true, listed = true, zh = "参展件数", en = "Works" },
    { key = "sales", kind = "money", zh = "成交额", en = "Sales" },
    { key = "abroad", kind = "bool", listed = true, zh = "境外展览", en = "Abroad" },
    { key = "account", kind = "long", zh = "参展说明", en = "Account" },
    { key = "poster", kind = "file", required = true, zh = "展览海报", en = "Poster" },
    { key = "catalogue_doi", kind = "doi", unique = true, zh = "图录标识", en = "DOI" },
    { key = "catalogue_isbn", kind = "isbn", zh = "图录书号", en = "ISBN" },
    { key = "review_issn", kind = "issn", zh = "评论刊号", en = "ISSN" },
]

[codes.way]
solo = { zh = "个展", en = "Solo" }
group = { zh = "联展", en = "Group" }
"""


@pytest.fixture
def text() -> str:
    return CATALOGUE.read_text("utf-8") + BLOCK


@pytest.fixture
def line(tmp_path: Path, text: str) -> dict[str, Any]:
    """An item of the type, with a value in every field."""
    file = tmp_path / "catalogue.toml"
    file.write_text(text, "utf-8")
    known = load(file)
    return item_line("exhibition", 1, data_of(known.types["exhibition"], 1, known))


@pytest.fixture
def started(start: Callable[..., Any], text: str, folder: Path) -> tuple[Any, Browser]:
    """The product with that catalogue, a unit with one person, its administrator signed in."""
    app = start(text)
    make = Make(app, PASSWORD)
    make.account("zhang", "unit_administrator", make.taken(unit_line()))
    take(app, registration_line(), verdict_line(0, of="R1", day=2))
    return app, Browser(app).sign_in("zhang", PASSWORD)


@pytest.fixture
def desk(started, line, folder) -> Browser:
    """The administrator, with an item of the type waiting."""
    (result,) = take(started[0], line, folder=folder)
    assert result.outcome == "created", result.errors
    return started[1]


@pytest.fixture
def fields(started) -> list[Any]:
    return list(started[0].extensions["catalogue"].types["exhibition"].fields)


def shown(started: Any, field: Any) -> str:
    return value(field, 1, started[0].extensions["catalogue"])[1]


def test_it_stands_in_the_tree_with_its_counts(desk):
    assert tree_of(desk.get("/archive/"))["行业专用"]["参展经历"] == (1, 0)


def test_it_has_a_list_with_its_columns(desk):
    answer = desk.get("/archive/exhibition/list/")
    names = ["展览名称", "参展方式", "开展日期", "参展件数", "境外展览"]
    (row,) = table(answer)
    assert (heads(answer)[1:6], [row[name] for name in names]) == (
        names,
        ["甲 <b>&", "个展", "2021-03-05", "2", "是"],
    )


def test_its_list_can_be_filtered_by_its_codes(desk):
    found = [len(table(desk.get(f"/archive/exhibition/list/?data_role={way}"))) for way in ("solo", "group")]
    assert (found, choices(desk.get("/archive/exhibition/list/"), "data_role")) == ([1, 0], ["", "solo", "group"])


def test_it_stands_in_the_list_of_its_category(desk):
    assert [row["项目类型"] for row in table(desk.get("/archive/sector/list/"))] == ["参展经历"]


def test_its_review_page_says_every_field(started, desk, fields):
    pk = rowids(desk.get("/archive/exhibition/list/"))[0].split(":")[0]
    facts = facts_of(desk.get(f"/archive/exhibition/show/{pk}"))
    expected = {f"data.{field.key}": (field.zh, shown(started, field)) for field in fields}
    assert {path: facts[path][:2] for path in expected} == expected


def test_its_export_has_every_field_but_the_files(started, desk, fields):
    head, row = csv_rows(desk.get("/archive/exhibition/export.csv"))
    told = {label: " ".join(cell.split()) for label, cell in zip(head, row, strict=True)}
    expected = {field.zh: shown(started, field) for field in fields if field.kind not in ("file", "files")}
    assert {label: told[label] for label in expected} == expected


WRONG = {
    "name": "x" * 201,
    "role": "alone",
    "from": "2021-02-30",
    "to": "2020-01-01",
    "since": "2021-13",
    "season": 1899,
    "area": "40",
    "works": 2.5,
    "sales": "12.345",
    "abroad": "yes",
    "account": "x" * 5001,
    "poster": [{"file": PROOFS[0]}],
    "catalogue_doi": "182",
    "catalogue_isbn": "978-7-04-050694-6",
    "review_issn": "1000-0055",
    "colour": "red",
}


@pytest.mark.parametrize("name", WRONG)
def test_its_intake_names_a_wrong_value(started, line, folder, name):
    line["data"][name] = WRONG[name]
    (result,) = take(started[0], line, folder=folder)
    assert sorted(result.errors) == [f"data.{name}"]


def test_its_intake_names_every_required_field_that_is_absent(started, line, folder):
    (result,) = take(started[0], line | {"data": {"works": 1}}, folder=folder)
    assert sorted(result.errors) == [f"data.{name}" for name in ("from", "name", "poster", "proof", "role")]


def test_it_is_passed_like_any_other(desk):
    (token,) = rowids(desk.get("/archive/exhibition/list/"))
    desk.post("/archive/exhibition/decide", {"verdict": "pass", "opinion": "同意", "rowid": token})
    assert tree_of(desk.get("/archive/"))["行业专用"]["参展经历"] == (1, 1)


def test_its_words_are_english_for_who_reads_english(desk):
    desk.post("/locale", {"locale": "en"})
    said = text_of(desk.get("/archive/exhibition/list/"))
    assert [word for word in ("Exhibition", "Works", "Solo") if word not in said] == []


def test_the_guides_page_tells_its_fields(tmp_path, text):
    file, page = tmp_path / "catalogue.toml", tmp_path / "catalogue.md"
    file.write_text(text, "utf-8")
    script = [sys.executable, str(ROOT / ".ci" / "catalogue_page.py"), "--catalogue", str(file), "--page", str(page)]
    subprocess.run(script, check=True)
    said = page.read_text("utf-8")
    told = (
        "### 参展经历 · Exhibition",
        "| 参展件数 | Works | `works` | number | column, whole |",
        "| `solo` | 个展 | Solo |",
    )
    assert [line for line in told if line not in said] == []
