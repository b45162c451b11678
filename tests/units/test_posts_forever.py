"""A submitted post approval is never changed, by anyone, by any door (R32): each way is tried, on both engines.

Where a guarded session is used the refusal may be its own; past all guards of ours it must be the database's.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session as PlainSession

from app.attachments import Attachment
from app.extensions import Session, db, tune_sqlite
from app.tenancy import UNGUARDED, Scope, ScopeError, enter, everything, reaching
from app.units.models import PostApproval
from tests.attachments import files
from tests.browsing import Browser, links
from tests.conftest import PASSWORD, build, release
from tests.factories import Make, take, unit_code
from tests.intake.answers import answer
from tests.units.approvals import HOME, SUBMIT, errors, file, kept_by, line, post, stored, submitted, typed

post_approval, attachment = PostApproval.__table__, Attachment.__table__
no_sync = {"synchronize_session": False}


@dataclass(frozen=True)
class Stage:
    """A unit with an approval, the attachment that is its form, and its administrator's browser."""

    app: Flask
    unit: int
    approval: int
    form: str
    browser: Browser

    def engine(self, role: str = "SQLALCHEMY_DATABASE_URI") -> sa.Engine:
        """An engine on the same database without any guard of ours."""
        engine = sa.create_engine(self.app.config[role], poolclass=sa.NullPool, execution_options={UNGUARDED: "test"})
        if engine.dialect.name == "sqlite":
            tune_sqlite(engine)
        return engine

    def seen(self) -> list[Any]:
        """The approvals and the attachments, every column."""
        with self.engine().connect() as connection:
            return [connection.execute(sa.select(table)).all() for table in (post_approval, attachment)]


@pytest.fixture(scope="module")
def stage(engine, migrated, tmp_path_factory) -> Iterator[Stage]:
    """One database for all that changes nothing."""
    engine.copy(migrated, "forever")
    app = build(engine, "forever", tmp_path_factory.mktemp("data"))
    make = Make(app, PASSWORD)
    unit = make.unit(1, nature="public_institution")
    make.account("zhang", "unit_administrator", unit)
    browser = Browser(app).sign_in("zhang", PASSWORD)
    assert submitted(browser).status_code == 303
    ((pk, form),) = make.read(sa.select(PostApproval.id, PostApproval.form))
    yield Stage(app, unit, pk, form, browser)
    release(app)
    engine.drop("forever")


@pytest.fixture
def unchanged(stage) -> Iterator[None]:
    """Afterwards everything is as it was."""
    before = stage.seen()
    yield
    assert stage.seen() == before


# ---- by a session or a connection ------------------------------------------------------------------------------------


def loaded(s: Any, model: Any = PostApproval) -> Any:
    return s.scalar(reaching(sa.select(model), "a test loads it"))


def edited(s: Any, model: Any = PostApproval, **values: Any) -> None:
    row = loaded(s, model)
    for name, value in values.items():
        setattr(row, name, value)
    s.flush()


def edited_inside(s: Any) -> None:
    """A change inside the JSON value, which the ORM does not notice by itself."""
    row = loaded(s)
    row.posts[0]["approved"] = 99
    sa.orm.attributes.flag_modified(row, "posts")
    s.flush()


def deleted(s: Any, model: Any = PostApproval) -> None:
    s.delete(loaded(s, model))
    s.flush()


Attempt = Callable[[Any], Any]
COLUMNS = ", ".join(column.name for column in post_approval.columns)
UPSERT = (
    f"INSERT INTO post_approval ({COLUMNS}) SELECT {COLUMNS} FROM post_approval WHERE id > 0 "
    "ON CONFLICT (id) DO UPDATE SET total = 99"
)
WAYS: dict[str, Attempt] = {
    "ORM: an attribute": lambda s: edited(s, total=99),
    "ORM: an attribute to what it says already, and another": lambda s: edited(s, total=12, authority="x"),
    "ORM: inside the posts": edited_inside,
    "ORM: its form": lambda s: edited(s, form_sha256="0" * 64),
    "ORM: its document number": lambda s: edited(s, document_number="另一文号"),
    "ORM: delete": deleted,
    "ORM: bulk update": lambda s: s.execute(sa.update(PostApproval).values(total=99), execution_options=no_sync),
    "ORM: bulk update of all to what they are": lambda s: s.execute(
        sa.update(PostApproval).values(total=PostApproval.total), execution_options=no_sync
    ),
    "ORM: bulk delete": lambda s: s.execute(sa.delete(PostApproval), execution_options=no_sync),
    "ORM: update by primary key": lambda s: s.execute(sa.update(PostApproval), [{"id": 1, "total": 99}]),
    "ORM: legacy update": lambda s: s.query(PostApproval).update({"total": 99}, synchronize_session=False),
    "ORM: legacy delete": lambda s: s.query(PostApproval).delete(synchronize_session=False),
    "ORM: update that says it may": lambda s: s.execute(
        reaching(sa.update(PostApproval).values(total=99), "says that it may"), execution_options=no_sync
    ),
    "Core: update": lambda s: s.execute(sa.update(post_approval).values(total=99)),
    "Core: update that says it may": lambda s: s.execute(
        reaching(sa.update(post_approval).values(posts=[post("workman", "w0", 9, 0)]), "says that it may")
    ),
    "Core: delete": lambda s: s.execute(sa.delete(post_approval)),
    "Core: delete that says it may": lambda s: s.execute(reaching(sa.delete(post_approval), "says that it may")),
    "text: update": lambda s: s.execute(sa.text("UPDATE post_approval SET total = 99")),
    "text: delete": lambda s: s.execute(sa.text("DELETE FROM post_approval")),
    "driver: update": lambda s: s.connection().exec_driver_sql("UPDATE post_approval SET total = 99"),
    "driver: delete": lambda s: s.connection().exec_driver_sql("DELETE FROM post_approval"),
    "driver: upsert": lambda s: s.connection().exec_driver_sql(UPSERT),
    "driver: INSERT OR REPLACE (sqlite)": lambda s: s.connection().exec_driver_sql(
        "INSERT OR REPLACE INTO post_approval SELECT * FROM post_approval"
    ),
    "driver: REPLACE by its document number (sqlite)": lambda s: s.connection().exec_driver_sql(
        f"REPLACE INTO post_approval ({COLUMNS}) SELECT {COLUMNS.replace('id,', 'id + 1,', 1)} FROM post_approval"
    ),
    "driver: TRUNCATE (postgresql)": lambda s: s.connection().exec_driver_sql("TRUNCATE post_approval"),
    "driver: TRUNCATE of the files (postgresql)": lambda s: s.connection().exec_driver_sql(
        "TRUNCATE attachment CASCADE"
    ),
    "form: other bytes": lambda s: edited(s, Attachment, sha256="0" * 64),
    "form: another type": lambda s: edited(s, Attachment, media_type="image/png"),
    "form: nobody's again": lambda s: edited(s, Attachment, unit_id=None),
    "form: deleted": lambda s: deleted(s, Attachment),
    "form: another id": lambda s: s.execute(reaching(sa.update(attachment).values(id="other"), "says that it may")),
    "form: bulk update": lambda s: s.execute(sa.update(Attachment).values(sha256="0" * 64), execution_options=no_sync),
    "form: bulk delete": lambda s: s.execute(sa.delete(Attachment), execution_options=no_sync),
    "form: driver update": lambda s: s.connection().exec_driver_sql("UPDATE attachment SET size = 1"),
    "form: driver REPLACE (sqlite)": lambda s: s.connection().exec_driver_sql(
        "REPLACE INTO attachment SELECT * FROM attachment"
    ),
}
table = pytest.mark.parametrize("way", WAYS)
GUARDS = (ScopeError, sa.exc.SQLAlchemyError, NotImplementedError)
# A typing error in a statement must not pass for a refusal.
WHY = ("is only added to", "stays as it is", "permission denied", "FOREIGN KEY", "foreign key")


def skip_of_another_engine(engine: Any, way: str) -> None:
    if "(" in way and f"({engine.name})" not in way:
        pytest.skip("the other engine's statement")


@contextmanager
def of_the_unit(stage: Stage) -> Iterator[Any]:
    with stage.app.app_context(), Session(db) as session:
        enter(session, Scope.unit(stage.unit))
        yield session


@contextmanager
def of_everything(stage: Stage) -> Iterator[Any]:
    with stage.app.app_context(), everything("tests") as session:
        yield session


@table
@pytest.mark.parametrize("opened", [of_the_unit, of_everything])
def test_a_session_of_the_product_changes_nothing(engine, stage, unchanged, opened, way):
    skip_of_another_engine(engine, way)
    with opened(stage) as session, pytest.raises(GUARDS):
        WAYS[way](session)
        session.commit()


@table
@pytest.mark.parametrize("role", ["SQLALCHEMY_DATABASE_URI", "MIGRATION_DATABASE_URL"], ids=["app", "owner"])
def test_the_database_itself_refuses_whoever_asks(engine, stage, unchanged, role, way):
    skip_of_another_engine(engine, way)
    if engine.name == "sqlite" and role != "SQLALCHEMY_DATABASE_URI":
        pytest.skip("SQLite has no roles")
    with PlainSession(stage.engine(role)) as session, pytest.raises(sa.exc.DBAPIError) as refused:
        WAYS[way](session)
        session.commit()
    assert any(why in str(refused.value) for why in WHY), refused.value


ROLE = {
    "DISABLE TRIGGER": "ALTER TABLE post_approval DISABLE TRIGGER ALL",
    "DROP TRIGGER": "DROP TRIGGER post_approval_kept_update ON post_approval",
    "DROP FUNCTION": "DROP FUNCTION refuse_as_said() CASCADE",
    "REPLACE FUNCTION": "CREATE OR REPLACE FUNCTION refuse_as_said() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$",
    "a rule beside the trigger": "CREATE RULE z AS ON UPDATE TO post_approval DO INSTEAD NOTHING",
    "ALTER TABLE": "ALTER TABLE post_approval DROP COLUMN total",
    "DROP TABLE": "DROP TABLE post_approval",
}


@pytest.mark.parametrize("statement", ROLE.values(), ids=ROLE)
def test_the_apps_role_cannot_take_the_rule_away(engine, stage, unchanged, statement):
    if engine.name != "postgresql":
        pytest.skip("SQLite has no roles")
    with (
        stage.engine().connect() as connection,
        pytest.raises(sa.exc.DBAPIError, match=r"permission denied|must be owner"),
    ):
        connection.exec_driver_sql(statement)


# ---- on screen, and by a forged form ---------------------------------------------------------------------------------


def test_the_page_offers_nothing_but_a_new_document(stage, unchanged):
    page = stage.browser.get(HOME)
    assert [address for address in _addresses(page) if address.startswith("/posts/")] == ["/posts/", SUBMIT]
    assert links(page, "录入新的核准文件") == [SUBMIT]


def _addresses(page: Any) -> list[str]:
    found = re.findall(r'(?:href|action|formaction)="([^"]*)"', page.text)
    return sorted(set(found) - {"/static/style.css"})


FORGED = {
    "edit": (SUBMIT, {"id": "{pk}"}),
    "edit at an address": ("/posts/edit/{pk}", {}),
    "delete": ("/posts/delete/{pk}", {}),
    "delete by a method": (HOME, {"_method": "DELETE", "id": "{pk}"}),
    "show": ("/posts/show/{pk}", {}),
    "submit again": (SUBMIT, {}),
    "submit again, the number with blanks": (SUBMIT, {"document_number": " 鼓人社〔2026〕1号 "}),
    "submit again under its reference": (SUBMIT, {"ref": "P1", "unit_id": "{unit}"}),
}


@pytest.mark.parametrize(("address", "fields"), FORGED.values(), ids=FORGED)
def test_a_forged_form_changes_nothing(stage, address, fields):
    before = stage.seen()[0]
    values = {"pk": stage.approval, "unit": stage.unit}
    form = typed(("workman", "w0", 9, 0), total="9", form=file(files.PNG), step="submit")
    form |= {name: value.format(**values) for name, value in fields.items()}
    answered = stage.browser.post(address.format(**values), form)
    assert answered.status_code in (400, 404, 405)
    assert answered.status_code != 400 or errors(answered) == ["document_number"]
    assert stage.seen()[0] == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("address", [HOME, SUBMIT, "/posts/1", "/posts/form/x"])
def test_no_other_method_is_taken(stage, unchanged, method, address):
    browser = stage.browser
    answered = browser.client.open(address, method=method.upper(), data={"csrf_token": browser.token, **typed()})
    assert answered.status_code in (400, 404, 405)


def test_the_token_of_its_form_is_good_for_nothing_more(zhang):
    token = kept_by(zhang)
    assert zhang.post(SUBMIT, typed(kept=token, step="submit")).status_code == 303
    again = zhang.post(SUBMIT, typed(document_number="另一文号", kept=token, step="submit"))
    assert (again.status_code, errors(again)) == (400, ["form"])


# ---- by the feed -----------------------------------------------------------------------------------------------------

LINES = {
    "its document under a ref": line(),
    "its document, other posts": line(1, ("workman", "w0", 9, 0), ref="P9"),
    "its document, no longer a public institution's": line(unit=unit_code(9)),
}


@pytest.mark.parametrize("one", LINES.values(), ids=LINES)
def test_the_feed_changes_nothing_of_what_was_entered_on_screen(stage, unchanged, folder, one):
    (result,) = take(stage.app, one, folder=folder)
    assert answer(result) in (["document_number"], ["unit"])


def test_the_feed_changes_nothing_of_what_it_brought(app, make, school, folder):
    take(app, line(), folder=folder)
    before = stored(make)
    others = [line(total=99), line(form={"file": "other.png"}), line(ref="P2"), line(ref="P3", total=99)]
    results = take(app, *others, folder=folder)
    assert [answer(result) for result in results] == [["ref"], ["ref"], ["document_number"], ["document_number"]]
    assert stored(make) == before


def test_somebody_elses_record_cannot_take_its_form(stage, unchanged, folder):
    Make(stage.app, PASSWORD).unit(2, nature="public_institution")
    results = take(stage.app, line(2, form=stage.form), line(3, unit=unit_code(2), form=stage.form), folder=folder)
    assert [answer(result) for result in results] == [["form"], ["form"]]


def test_a_signed_out_browser_changes_nothing(stage, unchanged):
    stranger = Browser(stage.app)
    stranger.get("/login/built-in")
    assert stranger.post(SUBMIT, typed(step="submit")).status_code == 401
