"""`flask check` knows the post approvals: what is wrong with one, and that it names its form."""

import pytest
import sqlalchemy as sa

from app import clock
from app.attachments import Attachment
from app.units.models import Unit
from tests.factories import change, take
from tests.operations.conftest import flask
from tests.units.approvals import beside, line

# what was done behind the product's back → what is told of it
DAMAGE = {
    "UPDATE post_approval SET form_sha256 = 'x'": "the form is not the one submitted: post_approval 1",
    "UPDATE attachment SET unit_id = NULL": "the form is of another unit: post_approval 1",
    "UPDATE post_approval SET total = 9": "the posts break their rules: post_approval 1",
    "UPDATE post_approval SET posts = '[]'": "the posts break their rules: post_approval 1",
}


@pytest.fixture
def unit(app, make, tmp_path) -> int:
    """A public institution with an approval; its id."""
    (tmp_path / "feed").mkdir()
    unit = make.unit(1, nature="public_institution")
    take(app, line(), folder=beside(tmp_path / "feed"))
    return unit


def check(app) -> list[str]:
    *lines, _summary = flask(app, "check").stdout.splitlines()
    return lines


def test_an_approval_and_its_form_are_consistent(app, unit):
    assert check(app) == []


def test_a_unit_that_is_no_public_institution_any_more_keeps_its_approvals(app, make, unit):
    change(make, sa.update(Unit).where(Unit.id == unit).values(nature="state_enterprise"))
    assert check(app) == []


@pytest.mark.parametrize("statement", DAMAGE)
def test_damage_is_told(app, unit, behind, statement):
    behind(statement)
    assert check(app) == [DAMAGE[statement]]


def test_an_attachment_beside_it_that_no_record_names_is_told(app, make, unit):
    columns = ("sha256", "size", "media_type", "name", "unit_id")
    ((*form,),) = make.read(sa.select(*(getattr(Attachment, column) for column in columns)))
    row = dict(zip(columns, form, strict=True)) | {"id": "lost", "received_at": clock.now()}
    change(make, sa.insert(Attachment.__table__).values(row))
    assert check(app) == ["no record names it: attachment lost"]
