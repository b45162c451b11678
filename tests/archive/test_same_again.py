"""What was taken once is unchanged, its files compared by their bytes; one changed byte is another record."""

import pytest
import sqlalchemy as sa

from app.attachments import Attachment
from app.review.models import Version
from app.tenancy import everything
from tests.archive.factories import PROOFS, item_line, png, request_line, verdict_line
from tests.attachments.files import kept
from tests.intake.answers import contents


@pytest.fixture
def first(intake):
    """The id of an item with two proofs."""
    (result,) = intake(proved(*PROOFS))
    return result.id


def proved(*names: str, **changes):
    return item_line(data={"proof": [{"file": name} for name in names]}, **changes)


def test_the_same_line_again_is_unchanged_and_changes_nothing(app, intake, first):
    before = contents(app)
    (again,) = intake(proved(*PROOFS))
    assert (again.outcome, again.id, contents(app)) == ("unchanged", first, before)


def test_the_same_bytes_under_other_names_are_unchanged(answers, first, folder):
    for name in PROOFS:
        (folder / f"other-{name}").write_bytes((folder / name).read_bytes())
    assert answers(proved(*(f"other-{name}" for name in PROOFS))) == ["unchanged"]


def test_one_changed_byte_under_the_same_name_is_not(answers, first, folder):
    (folder / PROOFS[1]).write_bytes(png(1))
    assert answers(proved(*PROOFS)) == [["ref"]]


def test_the_same_files_in_another_order_are_not(answers, first):
    assert answers(proved(*reversed(PROOFS))) == [["ref"]]


def test_another_order_of_the_keys_is_unchanged(answers, first):
    line = proved(*PROOFS)
    assert answers(dict(reversed(line.items())) | {"data": dict(reversed(line["data"].items()))}) == ["unchanged"]


@pytest.mark.parametrize(
    "since",
    [
        [verdict_line(1)],
        [verdict_line(1, "return")],
        [verdict_line(1), request_line(), verdict_line(2, of="W1", day=6)],
        [verdict_line(1, "return"), item_line(data={"note": "改"}, submitted_at="2026-11-06T09:00:00+08:00")],
    ],
    ids=["passed", "returned", "withdrawn", "come again"],
)
def test_whatever_happened_since_the_first_version_is_unchanged(answers, first, since):
    assert [one for one in answers(*since) if one not in ("created", "resubmitted")] == []
    assert answers(proved(*PROOFS)) == ["unchanged"]


def test_other_content_is_a_conflict_while_it_waits_and_after_it_passed(answers, first):
    other = proved(*PROOFS, submitted_at="2026-11-06T09:00:00+08:00")
    assert answers(other, verdict_line(1), other) == [["ref"], "created", ["ref"]]


def test_equal_bytes_are_an_attachment_of_each_record(make, intake, first):
    intake(proved(*PROOFS, ref="A2"))
    rows = make.read(sa.select(Attachment.id, Attachment.sha256))
    assert (len({pk for pk, _sha256 in rows}), len({sha256 for _pk, sha256 in rows})) == (4, 2)


# ---- files named by the id of an attachment --------------------------------------------------------------------------


@pytest.fixture
def handed_in(app, unit):
    """Hands a file in, as a door does before a record names it: the id of the attachment."""

    def hand_in(path) -> str:
        with app.app_context(), everything("tests") as session, path.open("rb") as file:
            row = kept(session, file, path.name)
            session.commit()
            return row.id

    return hand_in


def by_id(pk: str, **changes):
    return item_line(data={"proof": [pk]}, **changes)


def test_an_attachment_is_bound_to_the_unit_of_the_record_that_names_it(make, answers, handed_in, folder, unit):
    pk = handed_in(folder / PROOFS[0])
    assert answers(by_id(pk)) == ["created"]
    assert make.read(sa.select(Attachment.unit_id).where(Attachment.id == pk)) == [(unit,)]


def test_the_same_line_with_the_same_id_is_unchanged(answers, handed_in, folder):
    line = by_id(handed_in(folder / PROOFS[0]))
    assert answers(line, line) == ["created", "unchanged"]


def test_the_same_file_handed_in_once_more_is_unchanged(answers, handed_in, folder):
    lines = [by_id(handed_in(folder / PROOFS[0])) for _time in range(2)]
    assert answers(*lines) == ["created", "unchanged"]


def test_an_id_that_another_record_has_named_is_refused(answers, handed_in, folder):
    pk = handed_in(folder / PROOFS[0])
    assert answers(by_id(pk), by_id(pk, ref="A2")) == ["created", ["data.proof"]]


def test_an_id_of_nobody_is_refused(answers):
    assert answers(by_id("A" * 22)) == [["data.proof"]]


def test_what_makes_a_version_the_same_is_kept_for_each(make, answers, first):
    answers(verdict_line(1, "return"), proved(PROOFS[0], submitted_at="2026-11-06T09:00:00+08:00"))
    assert len(set(make.read(sa.select(Version.digest).where(Version.submission_id == first)))) == 2
