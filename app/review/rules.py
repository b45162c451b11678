"""How a submission may move: the table of rules, and what other rooms register for them to call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app.review.models import NODES


@dataclass(frozen=True)
class Rule:
    """What one move leads to, what it needs, and the name of what it does besides (EFFECTS)."""

    to: str
    needs: frozenset[str] = frozenset()
    effect: str | None = None
    by_items: bool = False  # ticks what is wrong, each with a remark
    goes: str = ""  # `on`: to the next node of its route (ROUTES), passed at its end; `back`: to the unit
    nodes: tuple[str, ...] = NODES  # where it is taken
    conditions: Mapping[str, str] = field(default_factory=dict)  # node → what must hold there (CONDITIONS)


OPINION = frozenset({"opinion"})
ABOVE_UNIT = tuple(node for node in NODES if node != "unit")
DRAFTS = "the recommendation follows"
ROOM = "a position is left"
BACK_UNDER_REVIEW = Rule("pending", OPINION, DRAFTS, conditions=dict.fromkeys(ABOVE_UNIT, ROOM))


@dataclass(frozen=True)
class Rest:
    """What may rest on a verdict: the criterion on Submission that it does, and why that verdict then stays."""

    criterion: Callable[[], ColumnElement[bool]]
    why: Any  # a text, translated when it is read


# (kind, status, step) → what follows. What is not here is not allowed; None is a record that is not there yet.
RULES: dict[tuple[str, str | None, str], Rule] = {
    ("registration", None, "submit"): Rule("pending"),
    ("registration", "pending", "pass"): Rule("passed", OPINION, effect="person belongs to the unit"),
    ("registration", "pending", "return"): Rule("returned", OPINION, by_items=True),
    ("registration", "returned", "resubmit"): Rule("pending"),
    ("registration", "passed", "resubmit"): Rule("pending"),  # a correction; the passed version stays in force
    ("registration", "passed", "take_back"): Rule("pending", OPINION, effect="person belongs as before"),
    ("registration", "returned", "take_back"): Rule("pending", OPINION),
    ("archive_item", None, "submit"): Rule("pending"),
    ("archive_item", "pending", "pass"): Rule("passed", OPINION),
    ("archive_item", "pending", "return"): Rule("returned", OPINION, by_items=True),
    ("archive_item", "returned", "resubmit"): Rule("pending"),
    ("archive_item", "passed", "withdraw"): Rule("withdrawn"),  # by a withdrawal that was agreed to
    ("archive_item", "withdrawn", "resubmit"): Rule("pending"),
    ("archive_item", "withdrawn", "take_back"): Rule("passed"),  # with that withdrawal's verdict
    ("archive_item", "passed", "take_back"): Rule("pending", OPINION),
    ("archive_item", "returned", "take_back"): Rule("pending", OPINION),
    ("withdrawal", None, "submit"): Rule("pending"),
    ("withdrawal", "pending", "pass"): Rule(
        "passed", OPINION, effect="the item is withdrawn", conditions={"unit": "no pending application cites the item"}
    ),
    ("withdrawal", "pending", "return"): Rule("returned", OPINION),
    ("withdrawal", "passed", "take_back"): Rule("pending", OPINION, effect="the item is passed again"),
    ("withdrawal", "returned", "take_back"): Rule("pending", OPINION),
    ("application", None, "submit"): Rule("pending"),
    ("application", "pending", "pass"): Rule(
        "pending", OPINION, DRAFTS, goes="on", conditions={"unit": "the recommendation is complete"}
    ),
    ("application", "pending", "return"): Rule("returned", OPINION, by_items=True),
    ("application", "pending", "send_back"): Rule(
        "pending", OPINION, DRAFTS, by_items=True, goes="back", nodes=ABOVE_UNIT
    ),
    ("application", "pending", "terminate"): Rule("terminated", OPINION),  # bars the year
    ("application", "returned", "resubmit"): Rule("pending"),
    ("application", "pending", "take_back"): BACK_UNDER_REVIEW,  # of what was passed on or sent back
    ("application", "passed", "take_back"): BACK_UNDER_REVIEW,
    ("application", "returned", "take_back"): BACK_UNDER_REVIEW,
    ("application", "terminated", "take_back"): BACK_UNDER_REVIEW,
    ("application", "terminated", "lift"): Rule("terminated", OPINION),  # ends the bar, nothing else
}

# The steps that a reviewer takes, in the order of their buttons.
VERDICTS = ("pass", "return", "send_back", "terminate")
OPINION_LENGTH = 5000

Said = Mapping[str, str]  # what a verdict's form says besides the opinion
# Called with the session, the moved ids, what the ledger says of the move (step, at, by_id, by_name, opinion, …), and
# what was said besides.
Effect = Callable[[Session, Select[Any], dict[str, Any], Said], None]
EFFECTS: dict[str, Effect] = {}
# Called with the session, the ids that would be moved, the entry, what was said besides, and whether they will be: then
# they are locked already, and so must be all that is judged by. Answers those that stay and why, as a reason of Left.
Condition = Callable[[Session, Sequence[int], dict[str, Any], Said, bool], dict[int, str]]
CONDITIONS: dict[str, Condition] = {}
# kind → the node after Submission.node on a record's route, as SQL
ROUTES: dict[str, Callable[[], ColumnElement[str]]] = {}
# kind → what may rest on its verdict, which then cannot be taken back
RESTS: dict[str, list[Rest]] = {}
# kind → locks what a new record that rests on one of these would lock; called with the ids of the records
LOCKS: dict[str, Callable[[Session, Select[Any]], Any]] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register what a rule does besides moving the record."""
    return lambda function: EFFECTS.setdefault(name, function)


def condition(name: str) -> Callable[[Condition], Condition]:
    """Register what must hold before a rule moves a record."""
    return lambda function: CONDITIONS.setdefault(name, function)


def verdict_rule(kind: str, verdict: str, node: str | None) -> Rule | None:
    """The rule of a verdict on a pending record at a node; None where there is no such verdict."""
    rule = RULES.get((kind, "pending", verdict)) if verdict in VERDICTS else None
    return rule if rule and node in rule.nodes else None


def leads_to(kind: str, verdict: str) -> tuple[str, ...]:
    """The states that a verdict on a pending record may lead to."""
    rule = RULES.get((kind, "pending", verdict))
    return () if rule is None else (rule.to, "passed") if rule.goes == "on" else (rule.to,)


def is_routed(kind: str) -> bool:
    """Whether records of a kind go from node to node; those of other kinds stay with the unit."""
    return any(rule.goes for (of, _status, _step), rule in RULES.items() if of == kind)
