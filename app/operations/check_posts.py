"""What `flask check` asks of the post approvals (岗位核准信息), which nothing of the product ever changes."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.attachments import Attachment
from app.units.models import PostApproval
from app.units.posts import problems

KIND = "post_approval"


def rules() -> dict[str, Select[str, str]]:
    """Rule → (post_approval, id) of those that break it."""
    base = sa.select(sa.literal(KIND), sa.cast(PostApproval.id, sa.String))
    form = base.join(Attachment)
    return {
        "the form is not the one submitted": form.where(Attachment.sha256 != PostApproval.form_sha256),
        "the form is of another unit": form.where(Attachment.unit_id.is_distinct_from(PostApproval.unit_id)),
    }


def compared(session: Session) -> Iterator[str]:
    """A line for each approval whose posts break their rules: sums in a JSON value are no SQL of both engines."""
    query = sa.select(PostApproval.id, PostApproval.total, PostApproval.posts).order_by(PostApproval.id)
    for pk, total, posts in session.execute(query.execution_options(yield_per=1000)):
        if problems({"total": total, "posts": posts}):
            yield f"the posts break their rules: {KIND} {pk}"
