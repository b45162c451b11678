"""What nobody names is removed after a day, and nothing else."""

import io
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app import clock
from app.attachments import Attachment, storage, sweep
from app.extensions import begin_write
from app.tenancy import everything
from tests.attachments import files
from tests.attachments.conftest import MEMBER, item_line
from tests.factories import Make, change
from tests.operations.conftest import flask

TOMORROW = timedelta(days=1, minutes=1)


def swept(app, after=TOMORROW) -> tuple[int, int, int]:
    """A sweep at that time from now."""
    with app.app_context(), clock.frozen(datetime.now(UTC) + after), everything("tests") as session:
        return tuple(sweep(session))


def stored(app) -> int:
    with app.app_context():
        return len(list(storage().kept()))


def handed_in(app, content: bytes = files.PNG) -> str:
    """A file that no record names; its id."""
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        row = files.kept(session, io.BytesIO(content), "x.png")
        session.commit()
        return row.id


def rows(app) -> int:
    return Make(app, "").read(sa.select(sa.func.count(Attachment.id)))[0][0]


def test_what_nobody_named_for_a_day_is_removed_with_its_bytes(stored_app):
    handed_in(stored_app)
    assert (swept(stored_app), rows(stored_app), stored(stored_app)) == ((1, 1, 0), 0, 0)


def test_what_was_handed_in_today_stays(stored_app):
    handed_in(stored_app)
    assert (swept(stored_app, timedelta(hours=23)), rows(stored_app), stored(stored_app)) == ((0, 0, 0), 1, 1)


def test_what_a_record_names_stays(stored_app, feed):
    feed.load(stored_app, *MEMBER, item_line(1, "proofs/a.pdf", "proofs/b.png"))
    assert (swept(stored_app), rows(stored_app), stored(stored_app)) == ((0, 0, 0), 2, 2)


def test_bytes_that_a_record_shares_with_what_nobody_named_stay(stored_app, feed):
    feed.load(stored_app, *MEMBER, item_line(1, "proofs/b.png"))
    handed_in(stored_app, files.PNG)
    assert (swept(stored_app), rows(stored_app), stored(stored_app)) == ((1, 0, 0), 1, 1)


def test_bytes_without_any_row_are_removed(stored_app, make_orphan):
    make_orphan(stored_app)
    assert (swept(stored_app), stored(stored_app)) == ((0, 1, 0), 0)


def test_bytes_that_were_put_today_stay_without_a_row(stored_app, make_orphan):
    make_orphan(stored_app)
    assert (swept(stored_app, timedelta(hours=23)), stored(stored_app)) == ((0, 0, 0), 1)


@pytest.fixture
def make_orphan():
    def make(app) -> None:
        """Bytes that were put by a load that was then killed."""
        with app.app_context(), everything("tests") as session:
            begin_write(session)
            files.kept(session, io.BytesIO(files.JPEG), "x.jpg")
            session.rollback()

    return make


def test_the_draft_of_a_killed_writer_is_removed(app, tmp_path):
    handed_in(app)
    draft = tmp_path / "attachments/.draft-killed"
    draft.write_bytes(b"half")
    assert (swept(app), draft.exists()) == ((1, 1, 1), False)


def test_many_files_are_swept(app):
    for n in range(3):
        handed_in(app, files.PNG + bytes([n]))
    assert swept(app) == (3, 3, 0)


def age(folder: Path) -> None:
    then = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def test_bytes_that_a_load_names_at_this_moment_stay(app, tmp_path, make_orphan):
    """The load has put them and not yet said so: the sweep waits for it, and then finds their row."""
    make_orphan(app)
    age(tmp_path / "attachments")
    results = []

    def sweep_now() -> None:
        with app.app_context(), everything("tests") as session:
            results.append(tuple(sweep(session)))

    thread = threading.Thread(target=sweep_now)
    with app.app_context(), everything("tests") as session:
        begin_write(session)
        files.kept(session, io.BytesIO(files.JPEG), "x.jpg")
        session.flush()
        thread.start()
        thread.join(timeout=1)  # it cannot end before the load does
        assert thread.is_alive()
        session.commit()
    thread.join()
    assert (results, stored(app)) == ([(0, 0, 0)], 1)


def test_a_file_that_is_bound_at_this_moment_keeps_its_row(make, app, feed):
    pk = handed_in(app)
    change(make, sa.update(Attachment).where(Attachment.id == pk).values(unit_id=make.unit()))
    assert (swept(app), rows(app)) == ((0, 0, 0), 1)


def test_operators_sweep_by_a_command(app):
    handed_in(app)
    assert flask(app, "attachments", "sweep").stdout == "removed: 0 attachments, 0 files, 0 drafts\n"


def test_a_storage_that_does_not_answer_is_told_in_one_line(app, tmp_path):
    (tmp_path / "attachments").write_text("no folder")
    ran = flask(app, "attachments", "sweep")
    assert (ran.exit_code, ran.stderr.startswith("Error: STORAGE_URL"), ran.stderr.count("\n")) == (1, True, 1)
