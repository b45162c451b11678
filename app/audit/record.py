"""Writing the audit log: with the change it tells of, or apart from a request that only reads."""

from typing import Any

import sqlalchemy as sa
from flask import g, has_request_context

from app import clock
from app.audit.models import AuditEntry
from app.tenancy import everything, reaching, scope_of


def record(session: Any, action: str, by: Any, subject: str = "", unit_id: int | None = None, **detail: Any) -> None:
    """Add an entry to the session's own transaction. `by` is a workflow's Actor; of a stand-in the entry names both."""
    if by.for_id is not None:
        detail |= {"for_id": by.for_id, "for_name": by.for_name}
    entry = {
        "at": clock.now(),
        "action": action,
        "by_id": by.user_id,
        "by_name": by.name,
        "unit_id": unit_id,
        "subject": subject,
        "detail": detail,
        "request_id": g.get("request_id") if has_request_context() else None,
    }
    if unit_id is None or scope_of(session).kind == "nothing":
        why = "what concerns no unit, and what is done before any role is held, is in no scope"
        session.execute(reaching(sa.insert(AuditEntry), why), entry)
    else:
        session.add(AuditEntry(**entry))


def record_apart(action: str, by: Any, subject: str = "", unit_id: int | None = None, **detail: Any) -> None:
    """Write an entry in a transaction of its own, for a GET: on SQLite its reading transaction may not write."""
    with everything("audit") as session:
        record(session, action, by, subject, unit_id, **detail)
        session.commit()
