"""What a table of fields takes and refuses, and at which paths."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.codes import CODES
from app.intake.fields import Check, Chosen, Field, Group, List, Table, ordered, plain, validate
from app.intake.readers import TYPES, code

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 10 o'clock in the province

PERSON: Table = (
    Field("name", "text"),
    Field("id_type", code(CODES["id_type"])),
    Field("id_number", Chosen("id_type", {"resident_id": "resident_id"}, other="other_document")),
    Field("email", "email", required=False),
)
POST: Table = (Field("category", "text"), Field("approved", "whole"), Field("filled", "whole"))


def errors_of(fields: Table, data: dict[str, Any]) -> set[str]:
    return set(validate(fields, data, NOW)[1])


@pytest.mark.parametrize("blank", [None, "", " ", "\u3000 \n"])
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_blank_counts_as_absent(kind: str, blank: str | None) -> None:
    fields = [Field("must", kind), Field("may", kind, required=False)]
    assert validate(fields, {"must": blank, "may": blank}, NOW) == ({}, {"must": ["is required"]})


@pytest.mark.parametrize(
    "fields",
    [[Field("it", "text")], [Group("it", PERSON)], [List("it", "ref")], [List("it", POST)]],
    ids=["field", "group", "list of values", "list of objects"],
)
def test_what_is_required_must_be_there(fields: Table) -> None:
    assert validate(fields, {}, NOW) == ({}, {"it": ["is required"]})


@pytest.mark.parametrize(
    "fields",
    [
        [Field("it", "text", required=False)],
        [Group("it", PERSON, required=False)],
        [List("it", "ref", required=False)],
    ],
    ids=["field", "group", "list"],
)
def test_what_is_not_required_may_be_missing(fields: Table) -> None:
    assert validate(fields, {}, NOW) == ({}, {})


def test_a_required_list_is_not_empty() -> None:
    assert errors_of([List("items", "ref")], {"items": []}) == {"items"}


def test_an_optional_list_may_be_empty() -> None:
    assert validate([List("items", "ref", required=False)], {"items": []}, NOW) == ({"items": []}, {})


@pytest.mark.parametrize("value", [None, "", "x", {}])
def test_an_unknown_field_is_an_error_whatever_it_holds(value: Any) -> None:
    assert validate([], {"nickname": value}, NOW) == ({}, {"nickname": ["is not a known field"]})


def test_an_unknown_field_of_a_group_has_its_path() -> None:
    data = {"person": {"name": "张三", "id_type": "passport", "id_number": "E12345678", "age": 3}}
    assert errors_of([Group("person", PERSON)], data) == {"person.age"}


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "", "x" * 1000, "a\u202eb"])
def test_an_unknown_name_is_shown_on_one_short_line(name: str) -> None:
    (shown,) = errors_of([], {name: 1})
    assert shown.isprintable() and 0 < len(shown) <= 64


@pytest.mark.parametrize("value", ["x", 1, True, ["x"], []])
def test_a_group_that_is_no_object_is_one_error_at_its_path(value: Any) -> None:
    assert errors_of([Group("person", PERSON)], {"person": value}) == {"person"}


def test_an_empty_group_lacks_its_required_fields() -> None:
    assert errors_of([Group("person", PERSON)], {"person": {}}) == {
        "person.name",
        "person.id_type",
        "person.id_number",
    }


def test_all_errors_of_a_record_are_reported() -> None:
    data = {"person": {"id_type": "card", "id_number": "?", "email": "x"}, "year": "2020", "nickname": "x"}
    assert errors_of([Group("person", PERSON), Field("year", "year"), Field("unit", "unit_code")], data) == {
        "person.name",
        "person.id_type",
        "person.id_number",
        "person.email",
        "year",
        "unit",
        "nickname",
    }


def test_good_values_beside_bad_ones_are_given() -> None:
    clean, _ = validate([Field("a", "year"), Field("b", "year")], {"a": 2020, "b": 1}, NOW)
    assert clean == {"a": 2020}


def test_a_group_with_an_error_is_not_among_the_good_values() -> None:
    of: Table = [Field("ref", "ref"), Field("kind", "ref")]
    clean, _ = validate([Group("of", of)], {"of": {"ref": "A"}}, NOW)
    assert clean == {}


@pytest.mark.parametrize(
    ("id_type", "id_number", "wrong"),
    [
        ("resident_id", "350102199303030020", set()),
        ("resident_id", "H82821948", {"id_number"}),
        ("resident_id ", "H82821948", {"id_number"}),
        ("passport", "H82821948", set()),
        ("passport", "350102199303030021", set()),
        ("passport", "H-1", {"id_number"}),
        ("card", "H82821948", {"id_type"}),
        (["resident_id"], "H82821948", {"id_type"}),
        (None, "H82821948", {"id_type"}),
    ],
)
def test_a_document_is_checked_by_its_kind(id_type: Any, id_number: str, wrong: set[str]) -> None:
    assert errors_of(PERSON, {"name": "张三", "id_type": id_type, "id_number": id_number}) == wrong


@pytest.mark.parametrize(
    ("elements", "wrong"),
    [
        ([{"category": "m", "approved": 2, "filled": 1}], set()),
        ([{"category": "m", "approved": 2, "filled": -1}, {"category": "m"}],
         {"posts.0.filled", "posts.1.approved", "posts.1.filled"}),
        ([{"category": "m", "approved": 2, "filled": 1, "left": 1}], {"posts.0.left"}),
        (["x", None], {"posts.0", "posts.1"}),
        ({"category": "m"}, {"posts"}),
        ("m", {"posts"}),
        ([{}] * 1001, {"posts"}),
    ],
)  # fmt: skip
def test_elements_are_checked_at_their_number(elements: Any, wrong: set[str]) -> None:
    assert errors_of([List("posts", POST)], {"posts": elements}) == wrong


@pytest.mark.parametrize(
    ("elements", "wrong"),
    [(["A1", "A2"], set()), (["A1", "", 3], {"items.1", "items.2"}), (["A1"] * 4, {"items"})],
)
def test_a_list_of_values_names_the_bad_ones(elements: list[Any], wrong: set[str]) -> None:
    assert errors_of([List("items", "ref", maximum=3)], {"items": elements}) == wrong


def test_a_list_without_keys_takes_the_errors_of_its_elements() -> None:
    _, errors = validate([List("proof", "ref", keyed=False)], {"proof": ["A1", 2, 3]}, NOW)
    assert errors == {"proof": ["must be text", "must be text"]}


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"from": "2020-05", "to": "2020-06"}, set()),
        ({"from": "2020-05", "to": "2020-05"}, set()),
        ({"from": "2020-05", "to": "2019-12"}, {"data.to"}),
        ({"from": "2020-05"}, set()),
        ({"to": "2020-05"}, {"data.from"}),
        ({"from": "2020-13", "to": "2019-12"}, {"data.from"}),
        ({"from": "2020-05", "to": "x"}, {"data.to"}),
    ],
)
def test_a_pair_is_never_reversed(data: dict[str, str], wrong: set[str]) -> None:
    pair: Table = [Field("from", "month"), Field("to", "month", required=False), ordered("from", "to")]
    assert errors_of([Group("data", pair)], {"data": data}) == wrong


def test_a_check_sees_only_good_values() -> None:
    seen: list[dict[str, Any]] = []
    look = Check("total", lambda values: seen.append(dict(values)))
    validate([Field("total", "whole"), Field("year", "year"), look], {"total": 1, "year": 3}, NOW)
    assert seen == [{"total": 1}]


def test_a_check_names_its_field() -> None:
    at_most_nine = Check("total", lambda values: "too many" if values["total"] > 9 else None)
    assert validate([Field("total", "whole"), at_most_nine], {"total": 10}, NOW)[1] == {"total": ["too many"]}


@pytest.mark.usefixtures("chinese")
def test_messages_are_in_the_locale_of_the_call() -> None:
    assert validate([Field("it", "text")], {}, NOW)[1] == {"it": ["必填"]}


def test_good_values_become_json() -> None:
    values = {"on": date(2026, 1, 2), "at": NOW, "sums": [{"it": Decimal("1.50")}], "year": 2026, "is": True}
    assert plain(values) == {
        "on": "2026-01-02",
        "at": "2026-11-25T02:00:00+00:00",
        "sums": [{"it": "1.50"}],
        "year": 2026,
        "is": True,
    }
