"""What changed of a unit's information, as its pages tell it: from the audit log, newest first."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.audit import AuditEntry
from app.units.information import FACTS, said

ACTIONS = ("change_unit", "register_unit")
NEWEST = 50


def history(session: Session, unit_id: int) -> list[dict[str, Any]]:
    """The newest steps, for the macro that shows a history; where there are more, the last says so. One statement."""
    query = sa.select(AuditEntry).where(AuditEntry.unit_id == unit_id, AuditEntry.action.in_(ACTIONS))
    query = query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(NEWEST + 1)
    steps = [_step(one) for one in session.scalars(query)]
    if len(steps) > NEWEST:
        steps[NEWEST] = {"label": _("Earlier changes are kept in the audit log."), "tone": "end"}
    return steps


def _step(entry: AuditEntry) -> dict[str, Any]:
    changed, reason = entry.detail.get("changed", {}), entry.detail.get("reason", "")
    label = _("Changed by HR operations") if reason else _("Revised by the unit")
    return {
        "label": _("Registered") if entry.action == "register_unit" else label,
        "tone": "ok" if entry.action == "register_unit" else "end",
        "opinion": reason,
        "remarks": [
            {"label": fact.label, "remark": _pair(name, *changed[name])}
            for name, fact in FACTS.items()
            if name in changed
        ],
        "by": entry.by_name,
        "at": clock.shown(entry.at),
    }


def _pair(name: str, before: Any, after: Any) -> str:
    return _("%(before)s → %(after)s", before=said(name, before) or "—", after=said(name, after) or "—")
