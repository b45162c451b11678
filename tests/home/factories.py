"""News as tests need it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from app.extensions import begin_write
from app.home.models import News
from app.home.news import written
from app.tenancy import everything
from tests.factories import Make

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)


def told(make: Make, n: int = 1, region: str = "350000", state: str = "published", **changes: Any) -> int:
    """The n-th news, published n minutes after 9 o'clock of the 2nd of November 2026; its id."""
    at = AT + timedelta(minutes=n)
    published, withdrawn = at if state != "draft" else None, at if state == "withdrawn" else None
    columns = written(changes.pop("title", f"通知{n}"), changes.pop("body", f"正文{n}。"), region)
    with make.app.app_context(), everything("tests") as session:
        begin_write(session)
        times = {"created_at": at, "changed_at": at, "published_at": published, "withdrawn_at": withdrawn}
        row = News(**columns, **times, **changes)
        session.add(row)
        session.flush()
        pk = row.id
        session.commit()
    return pk


def news_line(n: int = 1, **changes: Any) -> dict[str, Any]:
    line = {"kind": "news", "ref": f"N{n}", "title": f"通知{n}", "body": f"正文{n}。"}
    return line | {"published_at": "2026-11-02T09:00:00+08:00"} | changes
