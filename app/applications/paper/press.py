"""Sets a document: its template (templates/), its data, our fonts, by Typst."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from app.applications.paper.characters import FONTS, legible

TEMPLATES, FRAME = Path(__file__).parent / "templates", "frame.typ"
# for archives that keep it for decades: all fonts inside, each glyph with its character
STANDARD: Final = "a-2u"


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of a form."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Foot:
    """Stands under each page; page: "第 {page} 页 共 {pages} 页"; made: the moment that the file itself states."""

    page: str
    made: datetime
    reference: str = ""
    printed: str = ""


@cache
def fonts() -> typst.Fonts:
    """Ours and no others: the same paper on each machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


@cache
def template(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()


def printed(name: str, document: Any) -> bytes:
    """A PDF of the document, a data class with a foot; the same bytes for the same data.

    The data is a file among the templates: as an input of Typst's it would make the templates new ones each time,
    ten times as slow and held in memory twice.
    """
    data = json.dumps(cleaned(asdict(document)), default=str).encode()
    files = {"main.typ": template(name), FRAME: template(FRAME), "data.json": data}
    made = int(document.foot.made.timestamp())
    # its stubs do not know of several files
    return typst.compile(files, font_paths=fonts(), pdf_standards=STANDARD, timestamp=made)  # type: ignore[call-overload]


def cleaned(value: Any) -> Any:
    """The same tree, each text of it legible."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {key: cleaned(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(one) for one in value]
    return value
