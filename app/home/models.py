"""职称信息: what the HR bureaus tell."""

from datetime import datetime

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import UTCDateTime

SHOWN = sa.text("published_at IS NOT NULL AND withdrawn_at IS NULL")


class News(Model):
    """A piece of news for a region and all below it: a draft, then published and never changed, perhaps withdrawn.

    `html` is what `body` became (app/home/news/writing.py), the only form in which it is shown.
    """

    __tablename__ = "news"
    __table_args__ = (
        sa.CheckConstraint("withdrawn_at IS NULL OR published_at IS NOT NULL", name="withdrawn"),
        Index("ix_news_published_at", "published_at", "id", sqlite_where=SHOWN, postgresql_where=SHOWN),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200), nullable=False)
    body: Mapped[str] = mapped_column(sa.Text, nullable=False)  # Markdown, as it was written
    html: Mapped[str] = mapped_column(sa.Text, nullable=False)
    region: Mapped[str] = mapped_column(String(6), nullable=False)  # GB/T 2260
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    author_name: Mapped[str] = mapped_column(String(200), nullable=False, default="")  # none of a feed's
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_reason: Mapped[str] = mapped_column(sa.Text, nullable=False, default="")
    steps: Mapped[int] = mapped_column(nullable=False, default=0)  # changes of it: what a page had seen
    ref: Mapped[str | None] = mapped_column(String(64), unique=True)  # the portal's identifier, or the form's
    digest: Mapped[str | None] = mapped_column(String(43))  # of the line as it was received
