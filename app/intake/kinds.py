"""What a kind of the feed is: a table of fields, how it is known again, judged and stored. One declaration each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from app.intake.fields import Errors, Field, Table
from app.intake.lines import canonical
from app.sealing import digest

if TYPE_CHECKING:
    from app.intake.files import Folder


@dataclass(frozen=True)
class Known:
    """What is stored under a ref already, and whether a version of it is the very line that comes now."""

    id: int
    same: bool


@dataclass
class Line:
    """One line on its way in. `found` carries what `judge` looked up on to `store`."""

    session: Session
    raw: Mapping[str, Any]
    now: datetime
    folder: "Folder | None" = None  # of a feed file: where its files are
    history: bool = True  # judged by its own times, as a feed file is; else by the time of its receipt
    content: Mapping[str, Any] = field(default_factory=dict)  # what makes it the same: the line, files by their bytes
    data: dict[str, Any] = field(default_factory=dict)  # the good values
    known: Known | None = None
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return str(self.raw["ref"])

    @property
    def digest(self) -> str:
        """Of the line as it was received, the order of its keys aside, files by their bytes."""
        return digest(canonical(self.content or self.raw))


@dataclass(frozen=True)
class Kind:
    """A kind of the feed.

    `known(line)` finds what its ref stands for; `judge(line)` gives the errors of the rules between records, by
    field; `store(line)` writes it and answers ("created" or "resubmitted", id). All work in the line's session.
    `operator`: only `flask intake load` takes it, the HTTP and upload doors refuse it.
    """

    name: str
    fields: Table | Callable[[Line], Table]
    known: Callable[[Line], Known | None]
    judge: Callable[[Line], Errors]
    store: Callable[[Line], tuple[str, int]]
    content: Callable[[Line], Mapping[str, Any]] = lambda line: line.raw
    operator: bool = False

    def table(self, line: Line) -> Table:
        """Its fields, with the two that every line has."""
        fields = self.fields(line) if callable(self.fields) else self.fields
        return (Field("kind", "text"), Field("ref", "ref"), *fields)
