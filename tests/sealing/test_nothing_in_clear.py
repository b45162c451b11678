"""No personal number of the demo stands in clear in the database's bytes, in the log, or in an export."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.operations.demo.load import ACCOUNTS, FEED
from app.operations.log import JsonLines
from app.tenancy import UNGUARDED
from tests.browsing import Browser, rowids
from tests.conftest import PASSWORD

FIELDS = {"id_number", "mobile", "legal_representative_id"}


def numbers_of(value: Any) -> Iterator[str]:
    """The personal numbers in a line of the feed, at any depth."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from numbers_of(inner)
        elif name in FIELDS:
            yield inner


LINES = [json.loads(line) for line in FEED.read_text().splitlines()]
NUMBERS = {number for line in LINES for number in numbers_of(line)} | {account.id_number for account in ACCOUNTS}
SEARCHED_ID, SEARCHED_MOBILE = next(
    (line["person"]["id_number"], line["person"]["mobile"]) for line in LINES if line["kind"] == "registration"
)


def found_in(content: bytes) -> set[str]:
    """The personal numbers that stand in some bytes, in either case; NULs are left out, so in UTF-16 too."""
    runs = b"\n".join(re.findall(rb"[0-9A-Z]{%d,}" % min(map(len, NUMBERS)), content.replace(b"\x00", b"").upper()))
    return {number for number in NUMBERS if number.upper().encode() in runs}


@pytest.fixture
def log(demo_app: Flask) -> io.StringIO:
    """What the product's own handler writes."""
    (handler,) = (h for h in logging.getLogger().handlers if isinstance(h.formatter, JsonLines))
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written := io.StringIO())
    return written


def a_day_of_work(app: Flask, folder: Path) -> bytes:
    """Pages, searches by whole numbers, decisions, bad requests and exports; answers the exports' bytes."""
    browser = Browser(app).sign_in("unit.public", PASSWORD)
    listing = browser.get("/registrations/list/")
    for typed in (SEARCHED_ID, SEARCHED_MOBILE, SEARCHED_ID[-4:]):
        answer = browser.post("/registrations/search", {"q": typed, "query": ""})
        assert answer.status_code == 303
        assert not found_in(answer.headers["Location"].encode())
        browser.get(answer.headers["Location"])
        assert browser.get(f"/registrations/list/?q={typed}").status_code in (200, 302)
    first, second, *_rest = rowids(listing)
    assert browser.get(f"/registrations/show/{first.split(':')[0]}").status_code == 200
    opinion = {"verdict": "pass", "opinion": "同意", "query": ""}
    assert browser.post("/registrations/decide", {"rowid": first, **opinion}).status_code == 303
    assert browser.post("/registrations/decide", {"rowid": second, **opinion, "verdict": "return"}).status_code == 303
    Browser(app).post("/login/built-in", {"username": SEARCHED_ID, "password": SEARCHED_MOBILE})
    browser.get(f"/registrations/list/?sort={SEARCHED_ID}")
    exports = b"".join(browser.get(f"/registrations/export.csv?status={s}").data for s in ("all", "pending", "passed"))
    for locale in ("zh", "en"):
        file = folder / f"{locale}.csv"
        with app.app_context():  # as the `flask` command does
            run = app.test_cli_runner().invoke(args=["export", "registrations", "--locale", locale, "-o", str(file)])
        assert run.exit_code == 0, run.output
        exports += file.read_bytes() + run.output.encode()
    assert exports.count(b"\r\n") > 500  # the whole list, more than once
    return exports


def bytes_of(app: Flask, engine: Any) -> bytes:
    """Every byte that the database keeps: SQLite's file with its WAL, PostgreSQL's files; and every row as text."""
    url = sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    content = rows_of(app)
    if engine.name == "sqlite":
        files = list(Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"))
        assert any(file.name.endswith("-wal") and file.stat().st_size for file in files)
    else:
        with engine.admin.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
            folder, oid = connection.execute(
                sa.text("SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = :name"),
                {"name": url.database},
            ).one()
        files = [file for part in (f"base/{oid}", "pg_wal") for file in Path(folder, part).glob("*") if file.is_file()]
    return content + b"".join(file.read_bytes() for file in files)


def rows_of(app: Flask) -> bytes:
    engine = sa.create_engine(app.config["MIGRATION_DATABASE_URL"], execution_options={UNGUARDED: "a test"})
    with engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = [str(tuple(row)) for t in tables for row in connection.exec_driver_sql(f'SELECT * FROM "{t}"')]
    engine.dispose()
    return "\n".join(rows).encode()


def test_no_number_stands_in_clear_anywhere(demo_app, engine, log, tmp_path):
    exports = a_day_of_work(demo_app, tmp_path)
    assert {"database": found_in(bytes_of(demo_app, engine)), "log": found_in(log.getvalue().encode())} == {
        "database": set(),
        "log": set(),
    }
    assert found_in(exports) == set()
    assert log.getvalue().count('"answered"') > 15  # it was the log that was searched


def test_a_number_that_stands_in_a_row_is_found_by_the_same_search(demo_app, engine):
    url = demo_app.config["SQLALCHEMY_DATABASE_URI"]
    planted = sa.create_engine(url, execution_options={UNGUARDED: "a test"})
    with planted.begin() as connection:
        connection.execute(
            sa.text("UPDATE submission SET title = :number WHERE id = (SELECT min(id) FROM submission)"),
            {"number": SEARCHED_ID},
        )
    with planted.connect() as reader:  # a reader that stays open keeps SQLite's WAL
        reader.execute(sa.text("SELECT count(*) FROM submission"))
        Browser(demo_app).sign_in("unit.company", PASSWORD)
        content = bytes_of(demo_app, engine)
    planted.dispose()
    assert found_in(content) == {SEARCHED_ID}


def test_a_number_that_is_logged_or_exported_is_found_by_the_same_search(log):
    logging.getLogger("test").warning("%s", SEARCHED_MOBILE)
    assert found_in(log.getvalue().encode()) == {SEARCHED_MOBILE}


def test_the_search_looks_for_every_number_of_the_feed_and_the_accounts():
    people = [line for line in LINES if line["kind"] == "registration"]
    assert len(people) > 250
    assert {p["person"][field] for p in people for field in ("id_number", "mobile")} <= NUMBERS
    assert {account.id_number for account in ACCOUNTS} <= NUMBERS
    assert all(re.fullmatch("[0-9A-Za-z]{8,18}", number) for number in NUMBERS)  # what `found_in` takes for a number
