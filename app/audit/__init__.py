"""Who looked, changed, exported: append-only."""

from app.audit.models import AuditEntry
from app.audit.record import record, record_apart

__all__ = ["AuditEntry", "record", "record_apart"]
