"""What the database itself refuses, whoever asks: tried on an engine without any guard of ours."""

import pytest
import sqlalchemy as sa

LEDGERS = ("decision", "audit_entry")
STEP = "submission_id, unit_id, step, version, node, to_status, to_node, opinion, at, by_name"
VERSION = "submission_id, unit_id, number, submitted_at, data, digest"

# name → SQL; both engines unless its name says which
REFUSED = {
    **{f"UPDATE of {table}": f"UPDATE {table} SET by_name = 'x'" for table in LEDGERS},
    **{f"UPDATE of {table} to what it is": f"UPDATE {table} SET by_name = by_name" for table in LEDGERS},
    **{f"DELETE of {table}": f"DELETE FROM {table}" for table in LEDGERS},
    **{f"TRUNCATE of {table} (postgresql)": f"TRUNCATE {table} CASCADE" for table in LEDGERS},
    **{
        f"INSERT OR REPLACE in {table} (sqlite)": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        for table in LEDGERS
    },
    **{f"REPLACE in {table} (sqlite)": f"REPLACE INTO {table} SELECT * FROM {table}" for table in LEDGERS},
    **{
        f"upsert in {table}": f"INSERT INTO {table} SELECT * FROM {table} WHERE id > 0 "
        "ON CONFLICT (id) DO UPDATE SET by_name = 'x'"
        for table in LEDGERS
    },
    "another unit of a submission": "UPDATE submission SET unit_id = {theirs.unit} WHERE id = {mine.submission}",
    "another unit of a submission without a ledger": "UPDATE submission SET unit_id = {theirs.unit} WHERE ref = 'bare'",
    "another kind of a submission": "UPDATE submission SET kind = 'plan' WHERE id = {mine.submission}",
    "another unit by REPLACE (sqlite)": "REPLACE INTO submission (id, unit_id, kind, type, ref, region, person_id, "
    "person_name, title, status, node, version, submitted_at, received_at) SELECT id, {theirs.unit}, kind, type, ref, "
    "region, person_id, person_name, title, status, node, version, submitted_at, received_at FROM submission "
    "WHERE id = {mine.submission}",
    "a decision of another unit than the submission's": f"INSERT INTO decision ({STEP}) SELECT {{mine.submission}}, "
    "{theirs.unit}, step, version, node, to_status, to_node, opinion, at, by_name FROM decision WHERE id = "
    "{mine.decision}",
    "a version of another unit than the submission's": f"INSERT INTO submission_version ({VERSION}) SELECT "
    "submission_id, {theirs.unit}, 9, submitted_at, data, digest FROM submission_version WHERE id = {mine.version}",
    "a version moved to another unit": "UPDATE submission_version SET unit_id = {theirs.unit} "
    "WHERE id = {mine.version}",
    "a submission with a ledger, deleted": "DELETE FROM submission WHERE id = {mine.submission}",
    "a status that is none": "UPDATE submission SET status = 'done' WHERE id = {mine.submission}",
    "a node that is none": "UPDATE submission SET node = 'moon' WHERE id = {mine.submission}",
    "a version below 1": "UPDATE submission SET version = 0 WHERE id = {mine.submission}",
    "a step that is none": f"INSERT INTO decision ({STEP}) SELECT submission_id, unit_id, 'x', version, node, "
    "to_status, to_node, opinion, at, by_name FROM decision WHERE id = {mine.decision}",
    "a second open registration of a person": "INSERT INTO submission (unit_id, kind, type, ref, region, person_id, "
    "person_name, title, status, node, version, submitted_at, received_at) SELECT unit_id, kind, type, 'R9', region, "
    "person_id, person_name, title, 'pending', node, version, submitted_at, received_at FROM submission "
    "WHERE id = {mine.submission}",
}
# A typing error in a statement must not pass for a refusal.
WHY = (
    "only added to",
    "keeps its kind and its unit",
    "permission denied",
    "FOREIGN KEY",
    "foreign key",
    "UNIQUE",
    "unique",
    "CHECK",
    "check constraint",
)
PREPARED = (
    "INSERT INTO audit_entry (at, action, by_name, subject, detail) "
    "SELECT at, 'x', by_name, '', '{}' FROM decision WHERE id = ?",
    "INSERT INTO submission (unit_id, kind, type, ref, region, person_id, person_name, title, status, node, version, "
    "submitted_at, received_at) SELECT unit_id, kind, type, 'bare', region, person_id, person_name, title, 'passed', "
    "node, version, submitted_at, received_at FROM submission WHERE id = ?",
)


def connect(world, role="SQLALCHEMY_DATABASE_URI"):
    """A connection with an entry in the audit log and a submission without a ledger; nothing is committed."""
    connection = world.unguarded(role).connect()
    connection.exec_driver_sql(PREPARED[0].replace("?", str(world.mine.decision)))
    connection.exec_driver_sql(PREPARED[1].replace("?", str(world.mine.submission)))
    return connection


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("role", ["SQLALCHEMY_DATABASE_URI", "MIGRATION_DATABASE_URL"], ids=["app", "owner"])
def test_the_database_refuses(engine, world, role, name):
    if "(" in name and f"({engine.name})" not in name:
        pytest.skip("the other engine's statement")
    if engine.name == "sqlite" and role != "SQLALCHEMY_DATABASE_URI":
        pytest.skip("SQLite has no roles")
    with connect(world, role) as connection, pytest.raises(sa.exc.DBAPIError) as refused:
        connection.exec_driver_sql(REFUSED[name].format(mine=world.mine, theirs=world.theirs))
    assert any(why in str(refused.value) for why in WHY), refused.value


ROLE = {
    "ALTER TABLE": "ALTER TABLE decision ADD COLUMN x INTEGER",
    "DROP TABLE": "DROP TABLE decision CASCADE",
    "TRUNCATE": "TRUNCATE audit_entry",
    "DISABLE TRIGGER": "ALTER TABLE decision DISABLE TRIGGER ALL",
    "DROP TRIGGER": "DROP TRIGGER submission_fixed ON submission",
    "CREATE TRIGGER": "CREATE TRIGGER z BEFORE UPDATE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "a rule beside the trigger": "CREATE RULE z AS ON DELETE TO decision DO INSTEAD NOTHING",
    "REPLACE FUNCTION": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$",
    "DROP FUNCTION": "DROP FUNCTION keep_kind_and_unit() CASCADE",
    "replica role": "SET session_replication_role = replica",
    "SET ROLE": "SET ROLE owner",
    "GRANT": "GRANT UPDATE ON decision TO panel",
    "CREATE TABLE": "CREATE TABLE public.decision2 (id int)",
}


@pytest.fixture
def postgresql(engine):
    if engine.name != "postgresql":
        pytest.skip("SQLite has no roles")


@pytest.mark.parametrize("statement", ROLE.values(), ids=ROLE)
def test_the_apps_role_cannot_change_the_rules(postgresql, world, statement):
    with world.unguarded().connect() as connection:
        try:
            connection.exec_driver_sql(statement)
        except sa.exc.DBAPIError as refused:
            assert "permission denied" in str(refused) or "must be owner" in str(refused)
        else:
            assert statement.startswith("GRANT")  # PostgreSQL only warns: nothing was granted
            assert not connection.exec_driver_sql("SELECT has_table_privilege('decision', 'UPDATE')").scalar()


def test_the_apps_role_owns_nothing(postgresql, world):
    with world.unguarded().connect() as connection:
        owned = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relowner = 'panel'::regrole").all()
        roles = connection.exec_driver_sql(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).one()
    assert (owned, tuple(roles)) == ([], (False, False, False, False))
