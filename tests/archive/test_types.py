"""Each of the 32 types of the catalogue: taken in, listed, read, exported, returned and come again."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from app.review.models import Submission
from tests.archive.factories import PROOFS, SHIPPED, item_line, pdf, png, proofs, value, verdict_line
from tests.archive.reading import facts_of
from tests.browsing import Browser, csv_rows, heads, links, rowids, table
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, registration_line, unit_line
from tests.intake.answers import feed, load

TYPES = list(SHIPPED.types)
every_type = pytest.mark.parametrize("key", TYPES)


def version(key: str, number: int) -> dict[str, Any]:
    """The values of a version: of the second every other field differs from the first."""
    fields = SHIPPED.types[key].fields
    return {field.key: value(field, number if place % 2 == 0 else 1) for place, field in enumerate(fields)}


def line(key: str, number: int) -> dict[str, Any]:
    n, data = TYPES.index(key) + 1, {name: sent for name, (sent, _shown) in version(key, number).items()}
    return item_line(key, n, data, submitted_at=f"2026-11-{number * 2 + 1:02d}T09:00:00+08:00")


def shown(key: str, path: str) -> str:
    return version(key, 2)[path][1]


@pytest.fixture(scope="module")
def stage(engine, migrated, tmp_path_factory) -> Iterator[tuple[Browser, Make, str]]:
    """One database with an item of each type: loaded from a feed, returned, come again as the second version."""
    name, folder = "all_types", proofs(tmp_path_factory.mktemp("feed"))
    engine.copy(migrated, name)
    app = build(engine, name, folder)
    make = Make(app, PASSWORD)
    returns = [verdict_line(n, "return", f"A{n}") for n, _key in enumerate(TYPES, 1)]
    file = feed(
        folder / "feed.ndjson",
        unit_line(),
        registration_line(),
        verdict_line(0, of="R1", day=2),
        *(line(key, 1) for key in TYPES),
        *returns,
        *(line(key, 2) for key in TYPES),
    )
    said = load(app, file, "--locale", "en").stdout
    make.account("zhang", "unit_administrator", make.unit_id(unit_line()["code"]))
    yield Browser(app).sign_in("zhang", PASSWORD), make, said
    release(app)
    engine.drop(name)


@pytest.fixture
def desk(stage) -> Browser:
    return stage[0]


def review(desk: Browser, key: str) -> Any:
    """The review page of the item of a type, opened from its list."""
    pk = rowids(desk.get(f"/archive/{key}/list/"))[0].split(":")[0]
    return desk.get(f"/archive/{key}/show/{pk}")


def test_all_of_them_are_loaded_and_come_again(stage):
    assert stage[2] == "67 created, 32 submitted again, 0 unchanged, 0 rejected of 99 lines.\n"


@every_type
def test_it_is_stored_as_its_type_in_two_versions(stage, key):
    query = sa.select(Submission.ref, Submission.status, Submission.version).where(Submission.type == key)
    assert [tuple(row) for row in stage[1].read(query)] == [(f"A{TYPES.index(key) + 1}", "pending", 2)]


@every_type
def test_its_list_has_its_columns(desk, key):
    item_type = SHIPPED.types[key]
    labels = [field.zh for field in (item_type.title_field, *item_type.listed)]
    (row,) = table(desk.get(f"/archive/{key}/list/"))
    values = [shown(key, field.key) for field in (item_type.title_field, *item_type.listed)]
    assert ([row[label] for label in labels], row["姓名"]) == (values, "人员1")


@every_type
def test_the_heads_of_its_list_stand_in_the_catalogues_order(desk, key):
    item_type = SHIPPED.types[key]
    labels = [field.zh for field in (item_type.title_field, *item_type.listed)]
    assert heads(desk.get(f"/archive/{key}/list/")) == ["姓名", *labels, "提交时间", "审核状态", "操作"]


@every_type
def test_it_stands_in_the_list_of_its_category(desk, key):
    item_type = SHIPPED.types[key]
    rows = table(desk.get(f"/archive/{item_type.category}/list/"))
    mine = [row for row in rows if row["项目类型"] == item_type.zh]
    assert [row["名称"] for row in mine] == [shown(key, item_type.title_field.key)]


@every_type
def test_its_review_page_says_every_field_with_its_label(desk, key):
    facts = facts_of(review(desk, key))
    expected = {f"data.{field.key}": (field.zh, shown(key, field.key)) for field in SHIPPED.types[key].fields}
    assert {path: facts[path][:2] for path in expected} == expected


@every_type
def test_what_changed_since_the_return_is_marked_and_nothing_else(desk, key):
    facts = facts_of(review(desk, key))
    changed = [f"data.{field.key}" for field in SHIPPED.types[key].fields[::2]]
    assert [path for path, (_label, _value, is_changed) in facts.items() if is_changed] == changed


@every_type
def test_its_export_has_a_column_for_every_field_but_the_files(desk, key):
    head, row = csv_rows(desk.get(f"/archive/{key}/export.csv"))
    fields = [field for field in SHIPPED.types[key].fields if field.kind not in ("file", "files")]
    told = {field.zh: " ".join(row[head.index(field.zh)].split()) for field in fields}
    assert told == {field.zh: shown(key, field.key) for field in fields}


@every_type
def test_its_proof_opens_from_the_review_page(desk, key):
    answer = desk.get(links(review(desk, key), PROOFS[version_of_proof(key) - 1])[0])
    assert (answer.status_code, answer.data) == (200, (pdf(), png())[version_of_proof(key) - 1])


def version_of_proof(key: str) -> int:
    """Which proof the second version has."""
    return 2 if SHIPPED.types[key].fields[-1] in SHIPPED.types[key].fields[::2] else 1
