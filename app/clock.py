"""The one place that asks what time it is; tests set it, nothing else reads a clock (`make lint`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from config import TIME_ZONE

ZONE = ZoneInfo(TIME_ZONE)
_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This moment, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """This day in the province."""
    return now().astimezone(ZONE).date()


def shown(at: datetime | None) -> str:
    """A stored time as people read it: `2026-11-20 09:12` in the province's zone, a dash for none."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") if at else "—"


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Within the block it is `at` (for tests and trials)."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)
