"""Tables of numbers, and how each is drawn: templates/figures.html shows the table, static/chart.js its picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Head:
    """A column. One with a tone is drawn, in that token's colours; the first column names the rows."""

    name: str
    label: str
    tone: str = ""
    kind: str = "number"


@dataclass(frozen=True)
class Figure:
    """A table and how it is drawn: `bar` lies, a row below the other; `column` stands; what is drawn of a row stacks.
    `beside` lies too, its bars one below the other. A value that there is not is None."""

    key: str
    title: str
    hint: str
    chart: str
    columns: Sequence[Head]
    rows: Sequence[dict[str, Any]]
    none: str = ""  # what is said when there is nothing to draw

    @property
    def drawn(self) -> bool:
        return any(row[column.name] for row in self.rows for column in self.columns if column.tone)
