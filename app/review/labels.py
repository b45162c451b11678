"""The words for what is stored as a code, and how each state is coloured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.codes import CODES, label

STATUS = {
    "pending": _l("Pending"),
    "passed": _l("Passed"),
    "returned": _l("Returned"),
    "terminated": _l("Terminated"),
    "withdrawn": _l("Withdrawn"),
    "all": _l("All"),
}
KIND = {
    "registration": _l("Staff registration"),
    "archive_item": _l("Archive"),
    "withdrawal": _l("Withdrawal request"),
    "application": _l("Title application"),
}
# What a kind calls a state of its own: (kind, status) → label. In exports the state is said as for all.
OWN_STATUS = {("application", "passed"): _l("Submitted to the committee")}
NODE = {
    "unit": _l("Unit"),
    "department": _l("Competent department"),
    "county": _l("County HR bureau"),
    "city": _l("City HR bureau"),
    "province": _l("Provincial HR bureau"),
    "committee": _l("Committee"),
}
# step → (label, tone of its mark in the history)
STEP = {
    "submit": (_l("Submitted"), "end"),
    "resubmit": (_l("Submitted again"), "end"),
    "pass": (_l("Pass"), "ok"),
    "return": (_l("Return"), "back"),
    "send_back": (_l("Sent back to the unit"), "back"),
    "terminate": (_l("Terminate"), "end"),
    "withdraw": (_l("Withdrawn"), "end"),
    "lift": (_l("Bar lifted"), "end"),
    "take_back": (_l("Verdict taken back"), "wait"),
}


@dataclass(frozen=True)
class VerdictWords:
    """How a verdict is asked for and told of."""

    label: Any
    field_label: Any
    prefilled: Any
    placeholder: Any
    tone: str  # of its button: primary, default or quiet
    told: Any  # what the ledger and the message afterwards call it


VERDICT = {
    "pass": VerdictWords(
        _l("Pass"),
        _l("Opinion on passing"),
        _l("Agreed"),
        _l("What you checked and found"),
        "primary",
        _l("passed"),
    ),
    "return": VerdictWords(
        _l("Return"),
        _l("Reason for returning"),
        "",
        _l("What has to be corrected, in words the applicant can act on"),
        "default",
        _l("returned"),
    ),
    "send_back": VerdictWords(
        _l("Return to the unit"),
        _l("Reason for returning to the unit"),
        "",
        _l("What the unit has to correct or complete"),
        "default",
        _l("returned to the unit"),
    ),
    "terminate": VerdictWords(
        _l("Terminate"),
        _l("Reason for terminating"),
        "",
        _l("Which condition is not met"),
        "quiet",
        _l("terminated"),
    ),
}


# What a kind calls its verdicts otherwise: (kind, verdict) → words.
OWN_WORDS = {
    ("withdrawal", "pass"): VerdictWords(
        _l("Agree"),
        _l("Opinion on agreeing"),
        _l("Agreed"),
        _l("What you checked and found"),
        "primary",
        _l("agreed to"),
    ),
    ("withdrawal", "return"): VerdictWords(
        _l("Refuse"),
        _l("Reason for refusing"),
        "",
        _l("Why the record stays as it is"),
        "default",
        _l("refused"),
    ),
}


# Why a record is left out, or cannot be decided. Rooms above add their own, and the parts of what is missing.
REASON: dict[str, Any] = {
    "own": _l("your own record; another administrator decides it"),
    "changed": _l("submitted again since you opened the list"),
    "decided": _l("already decided, or no longer as you saw it"),
    "rests": _l("something was submitted since that rests on the verdict"),
}
REASON_PART: dict[str, Any] = {}


def joined(texts: Iterable[str]) -> str:
    """Texts one after the other, with the comma of lists in the reader's language."""
    return _(", ").join(texts)


def signed(by: str, for_name: str | None) -> str:
    """Who did something, and for whom, where he stood in for somebody."""
    return _("%(by)s (for %(name)s)", by=by, name=for_name) if for_name else by


def status_label(kind: str, status: str) -> str:
    """How a record's state reads on screen."""
    return str(OWN_STATUS.get((kind, status)) or STATUS[status])


def words_of(kind: str, verdict: str) -> VerdictWords:
    """How a kind asks for a verdict and tells of it."""
    return OWN_WORDS.get((kind, verdict)) or VERDICT[verdict]


def step_label(kind: str, step: str) -> str:
    """How a step of a kind's ledger reads."""
    return str(words_of(kind, step).label) if (kind, step) in OWN_WORDS else str(STEP[step][0])


def code_reader(list_name: str) -> Callable[[str], str]:
    """How a code of a list reads in the reader's language."""
    return lambda code: label(list_name, code, str(get_locale()))


def code_choices(list_name: str) -> Callable[[], list[tuple[str, str]]]:
    """The choices of a code list, as (code, label) in the reader's language."""
    return lambda: [(code, code_reader(list_name)(code)) for code in CODES[list_name]]
