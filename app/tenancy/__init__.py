"""Who sees which rows: every statement on a tenant table is scoped, or refused."""

from app.tenancy.guard import (
    UNGUARDED,
    ScopeError,
    beyond,
    bulk_insert,
    enter,
    everything,
    insert_from,
    reaching,
    reserve_ids,
    scope_of,
)
from app.tenancy.scope import Scope, Tenant, UnitOwned

__all__ = [
    "UNGUARDED",
    "Scope",
    "ScopeError",
    "Tenant",
    "UnitOwned",
    "beyond",
    "bulk_insert",
    "enter",
    "everything",
    "insert_from",
    "reaching",
    "reserve_ids",
    "scope_of",
]
