"""What the dialog of a verdict on applications says follows from it, and what it asks besides the opinion."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.applications.recommend import open_objections, wanted_line
from app.applications.recommendations import EXCEEDS, INSTITUTION
from app.review.labels import NODE, code_reader
from app.review.models import NODES
from app.review.pages import Question

NAME, COUNT = "confirm_name", "confirm_count"
WRONG = {
    NAME: _l("This is not the applicant's name."),
    COUNT: _l("This is not the number of applications that will be terminated."),
}

# ---- what follows ----------------------------------------------------------------------------------------------------


def _passing(row: Any) -> str:
    """Where it goes next: a batch has no one way."""
    if row is None:
        return ""
    way = [NODES[0], *row.route.split(",")]
    following = way[way.index(row.node) + 1]
    on = _("It goes on to: %(node)s.", node=NODE[following])
    told = [_("It is then with the committee.") if following == NODES[-1] else on]
    if row.node == NODES[0] and (left := len(open_objections(row))):
        told.append(
            ngettext(
                "%(num)d objection to the public notice has no outcome yet.",
                "%(num)d objections to the public notice have no outcome yet.",
                left,
            )
        )
    return "\n".join(told)


def _sending_back(row: Any) -> str:
    if row is None:
        return _("They wait at their units again, and their recommendations are drafts again.")
    return _("It waits at the unit again, and the unit's recommendation is a draft again.")


def _terminating(row: Any) -> str:
    if row is None:
        return _("These persons cannot apply again in the year of the plan.")
    return _("%(name)s cannot apply again in %(year)s.", name=row.person_name, year=row.year)


EXPLANATIONS: Mapping[str, Callable[[Any], str]] = {
    "pass": _passing,
    "send_back": _sending_back,
    "terminate": _terminating,
}

# ---- what is asked ---------------------------------------------------------------------------------------------------


def _on_passing(row: Any) -> tuple[Question, ...]:
    """Beyond what remains of the positions a unit passes only with a reason (B7)."""
    held = g.get("held")
    if g.actor.node != NODES[0] or held is None or held.nature != INSTITUTION:
        return ()
    hint = _l("What is written here confirms that the pass goes beyond the approved positions; it is kept with it.")
    fold = _l("If no position is left")
    line = wanted_line(row) if row is not None else None
    idle = row is not None and (line is None or line.remaining > 0)
    return (Question(EXCEEDS, _l("Reason for exceeding the positions"), hint, long=True, fold=fold, idle=idle),)


def _on_terminating(row: Any) -> tuple[Question, ...]:
    """It bars the year, so it is confirmed by hand: the person's name, or the number of a batch, which the script
    hears of when it asks what would be decided."""
    if row is None:
        label = _("Type the number of applications to confirm")
        return (Question(COUNT, label, required=True, expected="{n}", wrong=WRONG[COUNT]),)
    label = _("Type the applicant's name to confirm: %(name)s", name=row.person_name)
    return (Question(NAME, label, required=True, expected=row.person_name, wrong=WRONG[NAME]),)


QUESTIONS: Mapping[str, Callable[[Any], tuple[Question, ...]]] = {"pass": _on_passing, "terminate": _on_terminating}


def no_room(row: Any) -> str:
    """What is told of an application whose pass goes beyond what remains."""
    line = wanted_line(row)
    if line is None:  # somebody changed the draft meanwhile
        return _("No position of this level remains. To pass all the same, give the reason.")
    return _(
        "%(level)s: %(approved)d approved, %(filled)d filled, %(recommended)d recommended this year, %(remaining)d "
        "remaining. To pass all the same, give the reason.",
        level=code_reader("post_level")(line.level),
        approved=line.approved,
        filled=line.filled,
        recommended=line.recommended,
        remaining=line.remaining,
    )


def problems(verdict: str, said: Mapping[str, str], row: Any, number: int) -> dict[str, str]:
    """What is wrong with the answers, by name: of one application, or of so many."""
    if verdict != "terminate":
        return {}
    name, right = (COUNT, str(number or "")) if row is None else (NAME, row.person_name)
    return {} if right and said[name] == right else {name: str(WRONG[name])}
