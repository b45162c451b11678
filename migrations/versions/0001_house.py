"""The house: the framework's security tables, units, people, submissions, the ledger, the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# table → what the database refuses on it
APPEND_ONLY = {"decision": "the ledger is only added to", "audit_entry": "the audit log is only added to"}
SORTED_TEXT = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
SUBMISSION_FIXED = "a submission keeps its kind and its unit"


def upgrade() -> None:
    create_tables()
    dialect = op.get_bind().dialect.name
    for statement in TRIGGERS[dialect]():
        op.execute(statement)


def downgrade() -> None:
    drop_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION IF EXISTS refuse_change() CASCADE")
        op.execute("DROP FUNCTION IF EXISTS keep_kind_and_unit() CASCADE")


def sqlite_triggers() -> list[str]:
    statements = [
        f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for table, message in APPEND_ONLY.items()
        for event in ("UPDATE", "DELETE")
    ]
    return [
        *statements,
        "CREATE TRIGGER submission_fixed BEFORE UPDATE OF kind, unit_id ON submission "
        "WHEN NEW.kind IS NOT OLD.kind OR NEW.unit_id IS NOT OLD.unit_id "
        f"BEGIN SELECT RAISE(ABORT, '{SUBMISSION_FIXED}'); END",
    ]


def postgresql_triggers() -> list[str]:
    statements = [
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$",
        "CREATE FUNCTION keep_kind_and_unit() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SUBMISSION_FIXED}'; END $$",
        "CREATE TRIGGER submission_fixed BEFORE UPDATE ON submission FOR EACH ROW "
        "WHEN (NEW.kind IS DISTINCT FROM OLD.kind OR NEW.unit_id IS DISTINCT FROM OLD.unit_id) "
        "EXECUTE FUNCTION keep_kind_and_unit()",
    ]
    for table in APPEND_ONLY:
        statements += [
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_change()",
        ]
    return statements


TRIGGERS = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}


def create_tables() -> None:
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.String(length=22), nullable=True),
        sa.Column("id_number_tail", sa.String(length=11), nullable=True),
        sa.Column("id_number_masked", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_fk"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by_fk"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "installation",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("competent_department", sa.String(length=200), nullable=False),
        sa.Column("industry", sa.String(length=200), nullable=False),
        sa.Column("legal_representative", sa.String(length=200), nullable=False),
        sa.Column("legal_representative_id_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("legal_representative_id_index", sa.String(length=22), nullable=False),
        sa.Column("legal_representative_id_tail", sa.String(length=11), nullable=False),
        sa.Column("legal_representative_id_masked", sa.String(length=24), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_index", sa.String(length=22), nullable=False),
        sa.Column("mobile_tail", sa.String(length=11), nullable=False),
        sa.Column("mobile_masked", sa.String(length=24), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postal_code", sa.String(length=6), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("staff_count", sa.Integer(), nullable=False),
        sa.Column("professional_count", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["unit.id"], name=op.f("fk_unit_department_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_unit_ref")),
    )
    op.create_index("ix_unit_department_id", "unit", ["department_id"], unique=False)
    op.create_index("ix_unit_region", "unit", ["region"], unique=False)
    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lookup_hash"),
        sa.UniqueConstraint("uuid"),
    )
    op.create_index("idx_api_key_lookup_hash", "ab_api_key", ["lookup_hash"], unique=True)
    op.create_index("idx_api_key_prefix", "ab_api_key", ["key_prefix"], unique=False)
    op.create_index("idx_api_key_user_id", "ab_api_key", ["user_id"], unique=False)
    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["ab_group.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id", "role_id"),
    )
    op.create_index("idx_group_id", "ab_group_role", ["group_id"], unique=False)
    op.create_index("idx_group_role_id", "ab_group_role", ["role_id"], unique=False)
    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["ab_permission.id"],
        ),
        sa.ForeignKeyConstraint(
            ["view_menu_id"],
            ["ab_view_menu.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permission_id", "view_menu_id"),
    )
    op.create_index("idx_permission_id", "ab_permission_view", ["permission_id"], unique=False)
    op.create_index("idx_view_menu_id", "ab_permission_view", ["view_menu_id"], unique=False)
    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["ab_group.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "group_id"),
    )
    op.create_index("idx_user_group_id", "ab_user_group", ["group_id"], unique=False)
    op.create_index("idx_user_id", "ab_user_group", ["user_id"], unique=False)
    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "role_id"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_audit_entry_by_id_ab_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_audit_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_unit_id", "audit_entry", ["unit_id", "at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number_index", sa.String(length=22), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("number_index", name=op.f("uq_person_number_index")),
    )
    op.create_index("ix_person_unit_id", "person", ["unit_id"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=6), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(unit_id IS NULL) <> (region IS NULL)", name="over_one"),
        sa.ForeignKeyConstraint(
            ["granted_by_id"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_role_grant_unit_id", "role_grant", ["unit_id"], unique=False)
    op.create_index("ix_role_grant_user_id", "role_grant", ["user_id"], unique=False)
    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["permission_view_id"], ["ab_permission_view.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permission_view_id", "role_id"),
    )
    op.create_index("idx_permission_view_id", "ab_permission_view_role", ["permission_view_id"], unique=False)
    op.create_index("idx_role_id", "ab_permission_view_role", ["role_id"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("person_name", SORTED_TEXT, nullable=False),
        sa.Column("title", SORTED_TEXT, nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("node", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "node IN ('unit', 'department', 'county', 'city', 'province', 'committee')",
            name=op.f("ck_submission_node"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'passed', 'returned', 'terminated', 'withdrawn')",
            name=op.f("ck_submission_status"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_submission_version")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["ab_user.id"], name=op.f("fk_submission_decided_by_id_ab_user")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_submission_person_id_person")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_submission_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("id", "unit_id", name=op.f("uq_submission_id_unit_id")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_submission_kind_ref")),
    )
    op.create_index("ix_submission_person_id", "submission", ["person_id", "kind"], unique=False)
    op.create_index(
        "ix_submission_region_list",
        "submission",
        ["node", "region", "kind", "status", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_submission_unit_list",
        "submission",
        ["unit_id", "kind", "type", "status", "node", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_submission_open_registration",
        "submission",
        ["unit_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'registration' AND status IN ('pending', 'returned')"),
        postgresql_where=sa.text("kind = 'registration' AND status IN ('pending', 'returned')"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=12), nullable=False),
        sa.Column("from_status", sa.String(length=12), nullable=True),
        sa.Column("to_status", sa.String(length=12), nullable=False),
        sa.Column("to_node", sa.String(length=12), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("ref", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=43), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "step IN ('submit', 'resubmit', 'pass', 'return', 'send_back', 'terminate', 'withdraw', 'lift', 'take_back')",
            name=op.f("ck_decision_step"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_decision_by_id_ab_user")),
        sa.ForeignKeyConstraint(["for_id"], ["ab_user.id"], name=op.f("fk_decision_for_id_ab_user")),
        sa.ForeignKeyConstraint(
            ["submission_id", "unit_id"],
            ["submission.id", "submission.unit_id"],
            name=op.f("fk_decision_submission_id_submission"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_decision_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("ref", name=op.f("uq_decision_ref")),
    )
    op.create_index("ix_decision_submission_id", "decision", ["submission_id", "id"], unique=False)
    op.create_index("ix_decision_unit_id", "decision", ["unit_id", "id"], unique=False)
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gender", sa.String(length=1), nullable=False),
        sa.Column("id_type", sa.String(length=20), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.String(length=22), nullable=False),
        sa.Column("id_number_tail", sa.String(length=11), nullable=False),
        sa.Column("id_number_masked", sa.String(length=24), nullable=False),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("mobile_index", sa.String(length=22), nullable=False),
        sa.Column("mobile_tail", sa.String(length=11), nullable=False),
        sa.Column("mobile_masked", sa.String(length=24), nullable=False),
        sa.Column("political_status", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["submission.id"], name=op.f("fk_registration_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index(op.f("ix_registration_id_number_index"), "registration", ["id_number_index"], unique=False)
    op.create_index(op.f("ix_registration_id_number_tail"), "registration", ["id_number_tail"], unique=False)
    op.create_index(op.f("ix_registration_mobile_index"), "registration", ["mobile_index"], unique=False)
    op.create_index(op.f("ix_registration_mobile_tail"), "registration", ["mobile_tail"], unique=False)
    op.create_table(
        "submission_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=43), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id", "unit_id"],
            ["submission.id", "submission.unit_id"],
            name=op.f("fk_submission_version_submission_id_submission"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_submission_version_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_version")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_submission_version_submission_id_number")),
    )
    # ### end Alembic commands ###


def drop_tables() -> None:
    op.drop_table("submission_version")
    op.drop_index(op.f("ix_registration_mobile_tail"), table_name="registration")
    op.drop_index(op.f("ix_registration_mobile_index"), table_name="registration")
    op.drop_index(op.f("ix_registration_id_number_tail"), table_name="registration")
    op.drop_index(op.f("ix_registration_id_number_index"), table_name="registration")
    op.drop_table("registration")
    op.drop_index("ix_decision_unit_id", table_name="decision")
    op.drop_index("ix_decision_submission_id", table_name="decision")
    op.drop_table("decision")
    op.drop_index(
        "uq_submission_open_registration",
        table_name="submission",
        sqlite_where=sa.text("kind = 'registration' AND status IN ('pending', 'returned')"),
        postgresql_where=sa.text("kind = 'registration' AND status IN ('pending', 'returned')"),
    )
    op.drop_index("ix_submission_unit_list", table_name="submission")
    op.drop_index("ix_submission_region_list", table_name="submission")
    op.drop_index("ix_submission_person_id", table_name="submission")
    op.drop_table("submission")
    op.drop_index("idx_role_id", table_name="ab_permission_view_role")
    op.drop_index("idx_permission_view_id", table_name="ab_permission_view_role")
    op.drop_table("ab_permission_view_role")
    op.drop_index("ix_role_grant_user_id", table_name="role_grant")
    op.drop_index("ix_role_grant_unit_id", table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index("ix_person_unit_id", table_name="person")
    op.drop_table("person")
    op.drop_index("ix_audit_entry_unit_id", table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("ab_user_role")
    op.drop_index("idx_user_id", table_name="ab_user_group")
    op.drop_index("idx_user_group_id", table_name="ab_user_group")
    op.drop_table("ab_user_group")
    op.drop_index("idx_view_menu_id", table_name="ab_permission_view")
    op.drop_index("idx_permission_id", table_name="ab_permission_view")
    op.drop_table("ab_permission_view")
    op.drop_index("idx_group_role_id", table_name="ab_group_role")
    op.drop_index("idx_group_id", table_name="ab_group_role")
    op.drop_table("ab_group_role")
    op.drop_index("idx_api_key_user_id", table_name="ab_api_key")
    op.drop_index("idx_api_key_prefix", table_name="ab_api_key")
    op.drop_index("idx_api_key_lookup_hash", table_name="ab_api_key")
    op.drop_table("ab_api_key")
    op.drop_index("ix_unit_region", table_name="unit")
    op.drop_index("ix_unit_department_id", table_name="unit")
    op.drop_table("unit")
    op.drop_table("installation")
    op.drop_table("ab_view_menu")
    op.drop_table("ab_user")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")
    # ### end Alembic commands ###
