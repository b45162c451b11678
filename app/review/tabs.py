"""Where a record stands on a desk: its tabs are relative to the desk's node, as far as its kind goes from node to node.

`at` is that node. It is None for a kind that stays with the unit and for a reader without a node: they see the state
itself.
"""

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from app.review.models import NODES, STATUSES, Submission, said
from app.review.rules import is_routed


def node_of(kind: str, node: str | None) -> str | None:
    """The node that a reader's desk of a kind is at."""
    return node if is_routed(kind) else None


def places(tab: str, at: str | None) -> dict[str, tuple[str, ...] | None]:
    """The states of a tab, each with the nodes it may be at; None is all of them. 已通过 holds too what was passed on
    from here and waits further up, 已处理 all that has come here and does not wait here any more."""
    if tab == "handled":
        elsewhere = tuple(node for node in NODES if node != at)
        return dict.fromkeys(STATUSES) | {"pending": elsewhere if at else ()}
    if tab == "all" or at is None:
        return {} if tab == "all" else {tab: None}
    if tab == "pending":
        return {tab: (at,)}
    after = NODES[NODES.index(at) + 1 :]
    return {tab: None, "pending": after} if tab == "passed" else {tab: None}


def on_tab(tab: str, at: str | None) -> list[ColumnElement[bool]]:
    """The criteria on Submission of a tab."""
    parts = [
        sa.and_(said(Submission.status, status), *([] if nodes is None else [Submission.node.in_(nodes)]))
        for status, nodes in places(tab, at).items()
    ]
    return [sa.or_(*parts)] if parts else []


def is_on_tab(tab: str, at: str | None, status: str, node: str) -> bool:
    """Whether a record in this state at this node is on a tab."""
    of_tab = places(tab, at)
    if tab == "all":
        return True
    return status in of_tab and (of_tab[status] is None or node in (of_tab[status] or ()))


def bit(node: str) -> int:
    """Of `Submission.reached`."""
    return 1 << NODES.index(node)


def come_to(at: str | None) -> list[ColumnElement[bool]]:
    """The criteria on Submission of what has come to a node: a desk lists nothing else. All begin at the unit."""
    return [] if at in (None, NODES[0]) else [Submission.reached.bitwise_and(bit(at)) != 0]


def readable(kinds: list[str], node: str | None) -> list[ColumnElement[bool]]:
    """The criteria on Submission of what a reader's desks of some kinds hold, whatever its kind."""
    routed = [kind for kind in kinds if is_routed(kind)]
    there = come_to(node) if routed else []
    return [sa.or_(Submission.kind.not_in(routed), *there)] if there else []
