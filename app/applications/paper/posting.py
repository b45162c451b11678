"""公示名单: who is put forward, to be printed, stamped and posted."""

from dataclasses import dataclass

from app.applications.paper.press import Foot, Pair, printed


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row; number: masked."""

    name: str
    number: str
    title: str
    specialty: str
    current: str
    plan: str


@dataclass(frozen=True, slots=True)
class Posting:
    """language: zh or en. title: a line break in it is kept. text: a paragraph each. columns: the heads, 序号 first.

    pairs: begin and end, contact, telephone, each a line below the list; then, to the right, where the stamp goes,
    the unit and the day (at).
    """

    language: str
    title: str
    text: tuple[str, ...]
    columns: tuple[str, str, str, str, str, str, str]
    people: tuple[Candidate, ...]
    pairs: tuple[Pair, ...]
    unit: str
    at: str
    foot: Foot


def notice_list(posting: Posting) -> bytes:
    """The list as a PDF (A4, PDF/A-2u)."""
    return printed("posting.typ", posting)
