"""The kind `unit`."""

import pytest
import sqlalchemy as sa

from app.units.models import Unit
from tests.factories import changed, id_number, take, unit_code, unit_line
from tests.intake.answers import answered, answers, contents

REQUIRED = sorted(set(unit_line()) - {"kind"})

# Surrogates, NUL and other types stand for all text fields in `name`; each other field has what its own type refuses.
WRONG = [
    ("ref", "x" * 65),
    ("ref", " U1"),
    ("ref", "U\x001"),
    ("ref", 1),
    ("code", "913501026C8BXBRCP9"),
    ("code", "NZ0000001"),
    ("name", "a\x00b"),
    ("name", "第一行\n第二行"),
    ("name", "x" * 201),
    ("name", ["单位"]),
    ("nature", "shop"),
    ("region", "110000"),
    ("region", "350101"),
    ("legal_representative", {}),
    ("legal_representative_id", "350102199303030021"),
    ("legal_representative_id", "H82821948"),
    ("contact", True),
    ("mobile", "0591-87556301"),
    ("address", 5),
    ("postal_code", "35000"),
    ("telephone", "1" * 41),
    ("email", "no-at-sign"),
    ("industry", "x" * 201),
    ("competent_department", "\x1b[31m"),
    ("competent_department_code", "12345"),
    ("staff_count", -1),
    ("staff_count", "60"),
    ("staff_count", True),
    ("staff_count", 2**31),
    ("professional_count", 1.5),
    ("professional_count", 10**30),
]


def test_a_unit_is_stored_as_its_line_says(app, make):
    make.unit(1, name="  晋江市图书馆😀 ", region="350582", staff_count=502)
    query = sa.select(Unit.code, Unit.name, Unit.region, Unit.staff_count, Unit.ref)
    assert [tuple(row) for row in make.read(query)] == [(unit_code(1), "晋江市图书馆😀", "350582", 502, "U1")]


def test_a_unit_with_a_built_in_code_is_taken(app):
    assert answered(app, unit_line(code="NZ00000001")) == "created"


def test_each_field_that_is_absent_is_named(app):
    absent = [(name, value) for name in REQUIRED for value in (None, "", " \u3000")]
    lines = [changed(unit_line(), name, value) for name, value in absent]
    assert answers(app, *lines) == [[name] for name, _value in absent]


def test_each_field_that_is_left_out_is_named(app):
    lines = [{key: value for key, value in unit_line().items() if key != name} for name in REQUIRED]
    assert answers(app, *lines) == [[name] for name in REQUIRED]


def test_a_wrong_value_is_named(app):
    lines = [unit_line(**{name: value}) for name, value in WRONG]
    assert answers(app, *lines) == [[name] for name, _value in WRONG]


def test_of_a_rejected_unit_nothing_is_stored(app):
    before = contents(app)
    take(app, unit_line(1, email="x"), unit_line(2, competent_department_code=unit_code(9)))
    assert contents(app) == before


def test_an_unknown_field_is_named(app):
    assert answered(app, unit_line(nickname="x")) == ["nickname"]


def test_all_own_errors_of_a_line_come_together(app):
    line = unit_line(name=None, email="x", staff_count="many", nickname="y")
    assert answered(app, line) == ["email", "name", "nickname", "staff_count"]


def test_a_ref_of_64_characters_is_taken(app):
    (result,) = take(app, unit_line(ref="闽" * 64))
    assert (result.outcome, result.ref) == ("created", "闽" * 64)


def test_a_unit_points_at_its_competent_departments_own_unit(app, make):
    department = make.unit(1)
    make.unit(2, competent_department_code=unit_code(1))
    query = sa.select(Unit.department_id).order_by(Unit.id)
    assert [row[0] for row in make.read(query)] == [None, department]


def test_an_absent_department_code_is_none(app, make):
    take(app, *(unit_line(n, competent_department_code=value) for n, value in enumerate((None, "", "  "))))
    assert [row[0] for row in make.read(sa.select(Unit.department_id))] == [None] * 3


def test_a_department_that_is_not_here_yet_is_named_even_the_unit_itself(app):
    lines = [unit_line(1, competent_department_code=unit_code(n)) for n in (1, 2)]
    assert answers(app, *lines) == [["competent_department_code"]] * 2


def test_there_is_one_unit_per_code_by_whatever_ref(app, make):
    make.unit(1)
    assert answered(app, unit_line(1, ref="another")) == ["code"]


def test_the_same_line_again_is_unchanged_in_any_order_of_its_keys(app, make):
    first = make.unit(1)
    again = dict(reversed(unit_line(1).items()))
    assert [(result.outcome, result.id) for result in take(app, again)] == [("unchanged", first)]


def test_an_older_unit_is_still_the_same_when_others_came(app, make):
    make.unit(1)
    make.unit(2, competent_department_code=unit_code(1))
    assert answers(app, unit_line(1), unit_line(2, competent_department_code=unit_code(1))) == ["unchanged"] * 2


def test_other_content_under_a_known_ref_is_a_conflict(app, make):
    make.unit(1)
    others = [{"name": "另一个名称"}, {"name": " 单位1"}, {"code": unit_code(7)}, {"competent_department_code": None}]
    assert answers(app, *(unit_line(1, **change) for change in others)) == [["ref"]] * len(others)


def test_a_conflict_changes_nothing(app, make):
    make.unit(1)
    before = contents(app)
    take(app, unit_line(1, name="另一个名称"))
    assert contents(app) == before


def test_own_errors_come_before_the_conflict(app, make):
    make.unit(1)
    assert answered(app, unit_line(1, name="", code=unit_code(1))) == ["name"]


def test_rules_between_records_are_judged_only_without_own_errors(app):
    assert answered(app, unit_line(competent_department_code=unit_code(9), email="x")) == ["email"]


@pytest.mark.parametrize(("ref", "field"), [("U1", "ref"), ("another", "code")])
def test_all_rules_between_records_that_fail_are_named(app, make, ref, field):
    make.unit(1)
    line = unit_line(1, ref=ref, competent_department_code=unit_code(9))
    assert answered(app, line) == sorted([field, "competent_department_code"])


def test_a_unit_and_a_registration_may_have_the_same_ref(app, make):
    make.unit(1, ref="X1")
    make.registration(1, ref="X1")
    assert answered(app, unit_line(1, ref="X1")) == "unchanged"


def test_a_legal_representative_may_be_registered_in_the_unit(app, make):
    make.unit(1, legal_representative_id=id_number(1))
    make.registration(1)
    assert answered(app, unit_line(2, legal_representative_id=id_number(1))) == "created"
