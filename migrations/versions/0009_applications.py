"""职称申报: plans, applications and what they cite, notices and recommendations, post approvals, kept holidays."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

FROZEN = "a recommendation that was passed is frozen"
APPROVED = "a post approval is only added to"
BOUND = "a file that a record names stays as it is"
# What the database refuses, as (trigger, table, when): on both engines, with the same words.
CHANGED_FILE = (
    "NEW.id <> OLD.id OR NEW.sha256 <> OLD.sha256 OR NEW.size <> OLD.size OR NEW.media_type <> OLD.media_type "
    "OR NEW.unit_id IS DISTINCT FROM OLD.unit_id"
)
REFUSED = (
    ("recommendation", "UPDATE", "OLD.entry_id IS NOT NULL", FROZEN),
    ("recommendation", "DELETE", "OLD.entry_id IS NOT NULL", FROZEN),
    ("post_approval", "UPDATE", None, APPROVED),
    ("post_approval", "DELETE", None, APPROVED),
    ("attachment", "UPDATE", f"OLD.unit_id IS NOT NULL AND ({CHANGED_FILE})", BOUND),
)
# By SQLite alone: its REPLACE would put other bytes under the id that a record names. PostgreSQL has no such statement.
REPLACED = (
    ("attachment", "INSERT", "EXISTS (SELECT 1 FROM attachment WHERE id = NEW.id AND unit_id IS NOT NULL)", BOUND),
)
DRAFT = sa.text("entry_id IS NULL")
REGION_COUNTS = ["region", "kind", "type", "status", "node", "reached"]
APPLICATIONS = "kind = 'application'"
# Of the applications alone: (name, columns, which rows).
LISTS = (
    (
        "ix_submission_application_waiting",
        ["kind", "type", "status", "node", "submitted_at", "id", "region", "reached", "pending_since"],
        sa.text(f"{APPLICATIONS} AND status = 'pending'"),
    ),
    (
        "ix_submission_application_list",
        ["kind", "type", "submitted_at", "id", "region", "reached"],
        sa.text(APPLICATIONS),
    ),
    (
        "ix_submission_application_decided",
        ["kind", "type", "decided_at", "id", "region", "reached", "status", "node"],
        sa.text(APPLICATIONS),
    ),
)


def upgrade() -> None:
    op.add_column("submission", sa.Column("reached", sa.SmallInteger(), nullable=False, server_default="1"))
    op.create_index("ix_submission_region_counts", "submission", REGION_COUNTS)
    for index, columns, rows in LISTS:
        op.create_index(index, "submission", columns, sqlite_where=rows, postgresql_where=rows)
    create_tables()
    for statement in TRIGGERS[op.get_bind().dialect.name]():
        op.execute(statement)


def downgrade() -> None:
    for statement in UNTRIGGERED[op.get_bind().dialect.name]():
        op.execute(statement)
    for table in ("holiday", "recommendation", "notice", "citation", "application", "plan", "post_approval"):
        op.drop_table(table)
    for index, _columns, _rows in LISTS:
        op.drop_index(index, table_name="submission")
    op.drop_index("ix_submission_region_counts", table_name="submission")
    op.drop_column("submission", "reached")


def name(table: str, event: str) -> str:
    return f"{table}_kept_{event.lower()}"


def sqlite_triggers() -> list[str]:
    return [
        f"CREATE TRIGGER {name(table, event)} BEFORE {event} ON {table} "
        f"{'WHEN ' + when.replace('IS DISTINCT FROM', 'IS NOT') if when else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for table, event, when, message in REFUSED + REPLACED
    ]


def postgresql_triggers() -> list[str]:
    statements = [
        "CREATE FUNCTION refuse_as_said() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$"
    ]
    statements += [
        f"CREATE TRIGGER {name(table, event)} BEFORE {event} ON {table} FOR EACH ROW "
        f"{f'WHEN ({when})' if when else ''} EXECUTE FUNCTION refuse_as_said('{message}')"
        for table, event, when, message in REFUSED
    ]
    messages = {table: message for table, _event, _when, message in REFUSED}
    return statements + [
        f"CREATE TRIGGER {name(table, 'TRUNCATE')} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION refuse_as_said('{message}')"
        for table, message in messages.items()
    ]


TRIGGERS = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}
UNTRIGGERED = {
    "sqlite": lambda: [f"DROP TRIGGER {name(table, event)}" for table, event, _when, _message in REFUSED + REPLACED],
    "postgresql": lambda: ["DROP FUNCTION refuse_as_said() CASCADE"],
}


def create_tables() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("code", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(40), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        sa.Column("committee", sa.String(200), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ref", sa.String(64), unique=True),
        sa.Column("digest", sa.String(43)),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_plan_window")),
    )
    op.create_index("ix_plan_region", "plan", ["region", "closes_on"])
    op.create_table(
        "application",
        sa.Column("id", sa.Integer(), sa.ForeignKey("submission.id"), primary_key=True),
        sa.Column("plan_id", sa.Integer(), sa.ForeignKey("plan.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("specialty", sa.String(200), nullable=False),
        sa.Column("route", sa.String(60), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
    )
    op.create_index("ix_application_plan_id", "application", ["plan_id"])
    op.create_table(
        "citation",
        sa.Column("application_id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("archive_item.id"), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        of_application(),
    )
    op.create_index("ix_citation_item_id", "citation", ["item_id", "application_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("begins_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(12), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("material", sa.JSON(), nullable=False),
        sa.Column("objections", sa.JSON(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("id", "unit_id"),
        sa.CheckConstraint("begins_on <= ends_on", name=op.f("ck_notice_days")),
    )
    op.create_index("ix_notice_unit_id", "notice", ["unit_id", "id"])
    op.create_index("ix_notice_ends_on", "notice", ["ends_on", "begins_on"])
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("decision.id"), unique=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Integer()),
        sa.Column("stamped", sa.JSON(), nullable=False),
        sa.Column("occupies", sa.Boolean()),
        sa.Column("category", sa.String(12), nullable=False),
        sa.Column("level", sa.String(4), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("exceeds", sa.Boolean(), nullable=False),
        sa.Column("exceeds_reason", sa.Text(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        of_application(),
        sa.ForeignKeyConstraint(["notice_id", "unit_id"], ["notice.id", "notice.unit_id"]),
    )
    op.create_index(
        "uq_recommendation_draft",
        "recommendation",
        ["application_id"],
        unique=True,
        sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )
    op.create_index("ix_recommendation_application_id", "recommendation", ["application_id", "id"])
    op.create_index("ix_recommendation_notice_id", "recommendation", ["notice_id", "application_id"])
    op.create_index("ix_recommendation_unit_id", "recommendation", ["unit_id", "level"])
    op.create_table(
        "post_approval",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("unit_id", sa.Integer(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("document_number", sa.String(200), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("posts", sa.JSON(), nullable=False),
        sa.Column("form", sa.String(22), sa.ForeignKey("attachment.id"), nullable=False),
        sa.Column("form_sha256", sa.String(64), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), sa.ForeignKey("ab_user.id")),
        sa.Column("submitted_by", sa.String(200), nullable=False),
        sa.Column("ref", sa.String(64), unique=True),
        sa.Column("digest", sa.String(43)),
        sa.UniqueConstraint("unit_id", "document_number"),
    )
    op.create_index("ix_post_approval_unit_id", "post_approval", ["unit_id", "approved_on", "id"])
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("ab_user.id")),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def of_application() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["application_id", "unit_id"], ["submission.id", "submission.unit_id"])
