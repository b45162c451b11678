"""岗位核准信息: the levels of each category, the rules of an approval whatever its door, and which one is in force."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.codes import CODES
from app.review.workflow import Actor
from app.units.models import PostApproval

# The three categories of posts (事业单位岗位), and what the keys of their levels begin with in the list `post_level`.
CATEGORY = {
    "management": _l("Management posts"),
    "professional": _l("Professional and technical posts"),
    "workman": _l("Skilled worker posts"),
}
_BEGINS = {"management": "m", "professional": "p", "workman": "w"}
LEVELS: dict[str, tuple[str, ...]] = {
    category: tuple(key for key in CODES["post_level"] if key.startswith(begins))
    for category, begins in _BEGINS.items()
}
Level = tuple[str, str]  # category, level


@dataclass(frozen=True)
class Post:
    """How many posts of a level are approved, and how many of them were filled on that day."""

    category: str
    level: str
    approved: int
    filled: int

    @property
    def free(self) -> int:
        return self.approved - self.filled


@dataclass(frozen=True)
class Rule:
    """What no post may break: where the error stands, the fields that it needs, what breaks it, the posts before in
    sight."""

    field: str
    reads: tuple[str, ...]
    broken: Callable[[Mapping[str, Any], set[Any]], bool]
    message: Any


RULES = (
    Rule(
        "level",
        ("category", "level"),
        lambda post, _before: post["level"] not in LEVELS.get(post["category"], ()),
        _l("is no level of this category"),
    ),
    Rule(
        "level",
        ("category", "level"),
        lambda post, before: (post["category"], post["level"]) in before,
        _l("stands here twice: enter each level once"),
    ),
    Rule(
        "filled",
        ("approved", "filled"),
        lambda post, _before: post["filled"] > post["approved"],
        _l("must not be more than approved"),
    ),
)


def problems(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with `total` and `posts` of an approval, by dotted path. Of values that are missing nothing is
    said: whoever reads them has said it."""
    posts: Sequence[Mapping[str, Any]] = data.get("posts") or ()
    found: dict[str, list[str]] = {} if posts else {"posts": [_("Enter at least one post.")]}
    before: set[Any] = set()
    for number, post in enumerate(posts):
        for rule in RULES:
            if post.keys() >= set(rule.reads) and rule.broken(post, before):
                found.setdefault(f"posts.{number}.{rule.field}", []).append(str(rule.message))
        before.add((post.get("category"), post.get("level")))
    approved = sum(post.get("approved", 0) for post in posts)
    if approved > data.get("total", approved):
        found["total"] = [_("is less than the posts below, which are %(sum)s together", sum=approved)]
    return found


def has_document(session: Session, unit_id: int, document_number: str) -> bool:
    """Whether a document was submitted already, by whatever door: it is so once."""
    query = sa.select(PostApproval.id).where(PostApproval.unit_id == unit_id)
    return session.scalar(query.where(PostApproval.document_number == document_number)) is not None


def add(
    session: Session, unit_id: int, data: Mapping[str, Any], form: tuple[str, str], by: Actor, **received: str
) -> PostApproval:
    """Store an approval whose `data` broke no rule. `form`: the id of its attachment, bound to the unit, and its
    SHA-256. Raises IntegrityError when the document came by another door meanwhile."""
    pk, sha256 = form
    own = {name: data[name] for name in ("document_number", "authority", "approved_on", "total", "posts")}
    row = PostApproval(unit_id=unit_id, form=pk, form_sha256=sha256, submitted_at=clock.now(), **own, **received)
    row.submitted_by_id, row.submitted_by = by.user_id, by.name
    session.add(row)
    session.flush()
    return row


def approvals_of(session: Session, unit_id: int) -> Sequence[PostApproval]:
    """A unit's approvals, the one in force first, then those that it superseded."""
    return session.scalars(_newest_first(unit_id)).all()


def current_approval(session: Session, unit_id: int) -> PostApproval | None:
    """The approval in force, the newest by its day; None while there is none."""
    return session.scalar(_newest_first(unit_id).limit(1))


def _newest_first(unit_id: int) -> sa.Select[PostApproval]:
    of_unit = sa.select(PostApproval).where(PostApproval.unit_id == unit_id)
    return of_unit.order_by(PostApproval.approved_on.desc(), PostApproval.id.desc())


def approved_posts(approval: PostApproval) -> dict[Level, Post]:
    """The posts of an approval by category and level, in the order of their ranks."""
    return ranked(approval.posts)


def ranked(rows: Iterable[Mapping[str, Any]]) -> dict[Level, Post]:
    """Posts that broke no rule, in the order of their ranks."""
    posts = {(row["category"], row["level"]): Post(**row) for row in rows}
    ranks = [(category, level) for category, levels in LEVELS.items() for level in levels]
    return {rank: posts[rank] for rank in ranks if rank in posts}
