"""A full disk and a locked database, while deciding and exporting: a clear page, and nothing half done."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.audit import AuditEntry
from app.extensions import db
from app.review.models import Decision, Submission
from app.tenancy import UNGUARDED
from tests.browsing import Browser, part, rowids, text_of, value_of
from tests.factories import Make

LIST, DECIDE = "/registrations/list/", "/registrations/decide"
CSV, XLSX = "/registrations/export.csv", "/registrations/export.xlsx"
FULL, BUSY = (507, "服务器存储空间已满"), (503, "系统繁忙")


@pytest.fixture
def reader(app: Flask, make: Make, sign_in) -> Browser:
    """An administrator with 30 waiting registrations, whose connections do not wait long for a lock."""
    unit = make.unit()
    make.many(30, unit)
    make.account("zhang", "unit_administrator", unit)
    with app.app_context():
        db.engine.dispose()
        sa.event.listen(db.engine, "connect", _impatient)
    return sign_in("zhang")


def _impatient(connection, _record) -> None:
    if hasattr(connection, "cursor_factory"):  # psycopg
        connection.execute("SET lock_timeout = '50ms'")
        connection.commit()
    else:
        connection.execute("PRAGMA busy_timeout = 50")


@contextmanager
def other_connection(app: Flask) -> Iterator[sa.Connection]:
    """Somebody else at the same database, past all guards."""
    url = app.config["MIGRATION_DATABASE_URL"]
    engine = sa.create_engine(url, execution_options={UNGUARDED: "tests"}, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Somebody else is writing and does not come to an end."""
    with other_connection(app) as connection:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if sqlite else "LOCK TABLE submission, audit_entry IN EXCLUSIVE MODE"
        )
        yield
        connection.rollback()


@contextmanager
def full(app: Flask) -> Iterator[None]:
    """The disk of the database is full: its file cannot grow (SQLite), or the server says so (PostgreSQL)."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()
            sa.event.listen(db.engine, "connect", _no_page_more)
        else:
            with other_connection(app) as connection:
                for statement in _NO_ROW_MORE:
                    connection.exec_driver_sql(statement)
                connection.commit()
    yield


def _no_page_more(connection, _record) -> None:
    connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the size that the file has


_NO_ROW_MORE = (
    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
    "CREATE TRIGGER no_room BEFORE INSERT ON decision FOR EACH ROW EXECUTE FUNCTION no_room()",
    "CREATE TRIGGER no_room BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION no_room()",
)


def everything_with(opinion: str) -> dict[str, str]:
    return {"all": "1", "verdict": "pass", "opinion": opinion, "seen_at": "2099-01-01T00:00:00+00:00"}


def stored(make: Make) -> tuple[list[str], int, int]:
    """The states, the length of the ledger and of the audit log."""
    states = [status for (status,) in make.read(sa.select(Submission.status).distinct())]
    return states, len(make.read(sa.select(Decision.id))), len(make.read(sa.select(AuditEntry.id)))


@pytest.mark.parametrize(("trouble", "expected"), [(locked, BUSY), (full, FULL)])
def test_a_batch_is_refused_whole_and_says_why(app, make, reader, trouble, expected):
    before = stored(make)
    with trouble(app):
        answer = reader.post(DECIDE, everything_with("长" * 4000))
        assert (answer.status_code, expected[1] in text_of(answer)) == (expected[0], True)
    assert stored(make) == before
    assert before[0] == ["pending"]


@pytest.mark.parametrize("address", [CSV, XLSX])
def test_an_export_that_cannot_be_audited_does_not_begin(app, make, reader, address):
    with locked(app):
        answer = reader.get(f"{address}?status=all")
        assert (answer.status_code, BUSY[1] in text_of(answer), "Content-Disposition" in answer.headers) == (
            503,
            True,
            False,
        )


def test_a_workbook_that_does_not_fit_on_the_disk_is_not_sent(reader, monkeypatch):
    full_device = Path("/dev/full").open
    monkeypatch.setattr("app.review.lists.tempfile.TemporaryFile", lambda: full_device("w+b", buffering=0))
    answer = reader.get(f"{XLSX}?status=all")
    assert (answer.status_code, FULL[1] in text_of(answer)) == (507, True)
    assert "Content-Disposition" not in answer.headers


def test_when_the_trouble_is_over_the_same_step_is_done(app, make, reader):
    with locked(app):
        assert reader.post(DECIDE, everything_with("同意")).status_code == 503
    assert reader.post(DECIDE, everything_with("同意")).status_code == 303
    assert stored(make)[0] == ["passed"]


FORM = {
    "verdict": "return",
    "single": "1",
    "opinion": '第一行\r\n"我写的"<意见>&amp;' + "长" * 4000,
    "query": "sort=-name",
}


def again(answer) -> dict[str, str]:
    """The form that the page offers to send again, and where to."""
    form = part(answer, '<form method="post" action="/registrations/', "</form>")
    fields = {name: value_of(form, name) for name in re.findall(r'<input[^>]* name="([^"]+)"', form.text)}
    return fields | {"action": re.search(r'action="([^"]+)"', form.text)[1]}


@pytest.fixture
def form(make) -> dict[str, str]:
    """A return of one record, as its page posts it."""
    ((pk,),) = make.read(sa.select(sa.func.min(Submission.id)))
    return FORM | {"rowid": f"{pk}:1", "item": "person.email", "remark:person.email": "邮箱写错"}


@pytest.mark.parametrize(("trouble", "expected"), [(locked, BUSY), (full, FULL)])
def test_the_page_carries_what_was_written(app, reader, form, trouble, expected):
    with trouble(app):
        answer = reader.post(DECIDE, form)
        fields = again(answer)
    assert (answer.status_code, fields.pop("csrf_token") != "") == (expected[0], True)
    assert fields == form | {"action": DECIDE}
    assert "<意见>" not in answer.text


def test_sending_it_again_does_it(app, make, reader, form):
    with locked(app):
        fields = again(reader.post(DECIDE, form))
    answer = reader.post(fields.pop("action"), fields)
    kept = make.read(sa.select(Decision.opinion, Decision.remarks).where(Decision.step == "return"))
    assert (answer.status_code, [tuple(row) for row in kept]) == (
        303,
        [(FORM["opinion"], [{"path": "person.email", "remark": "邮箱写错"}])],
    )


def test_it_is_offered_again_as_long_as_the_trouble_lasts(app, reader, form):
    with locked(app):
        first = again(reader.post(DECIDE, form))
        second = again(reader.post(first["action"], {name: first[name] for name in form}))
    assert {**second, "csrf_token": ""} == {**first, "csrf_token": ""}


def test_a_selection_is_carried_whole(app, make, reader):
    rows = [f"{pk}:1" for (pk,) in make.read(sa.select(Submission.id).order_by(Submission.id))]
    with locked(app):
        answer = reader.post(DECIDE, {"rowid": rows, "verdict": "pass", "opinion": "同意"})
    assert rowids(answer) == rows


def test_a_page_that_was_only_read_offers_nothing_to_send_again(app, reader):
    with locked(app):
        answer = reader.get(f"{CSV}?status=all")
    assert (answer.status_code, 'action="/registrations/' in answer.text) == (503, False)
