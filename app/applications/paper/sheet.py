"""申报评审简表: an application, what it cites and what each node said of it."""

from dataclasses import dataclass

from app.applications.paper.press import Foot, Pair, printed


@dataclass(frozen=True, slots=True)
class Heading:
    """Above the form; pairs: year, committee."""

    title: str
    plan: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of labels and values: the unit, the person, the application. A long value gets a box of its own."""

    title: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A cited archive item; facts: one line of what it says; at: the day of its verdict."""

    kind: str
    title: str
    facts: str
    verdict: str
    at: str


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """columns: the heads of number, type, title and facts, verdict and day."""

    title: str
    columns: tuple[str, str, str, str]
    categories: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """单位推荐意见; pairs: the public notice with its days, the position; label: the head of the text's box."""

    title: str
    pairs: tuple[Pair, ...]
    label: str
    text: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a node said: by whom and when."""

    node: str
    verdict: str
    text: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Opinions:
    """In the order in which they were given."""

    title: str
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """language: zh or en. Sections are numbered as they come; those without content are left out. seal: stands where
    each of those who gave an opinion puts theirs."""

    language: str
    heading: Heading
    unit: Part
    person: Part
    application: Part
    cited: Cited
    recommendation: Recommendation | None
    opinions: Opinions
    seal: str
    foot: Foot


def review_form(form: ReviewForm) -> bytes:
    """The form as a PDF (A4, PDF/A-2u)."""
    return printed("sheet.typ", form)
