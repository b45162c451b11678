"""Makes lines of the archive: items of any type with good values by the kinds of their fields, requests, verdicts."""

import io
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from app.archive.catalogue import Catalogue, Field, ItemType, load
from app.codes import CATALOGUE
from tests.factories import decision_line, id_number, unit_code

SHIPPED = load(CATALOGUE)

# Two good values of each kind, unlike each other, and as a page shows them; codes and files are added below.
VALUES: dict[str, list[tuple[Any, str]]] = {
    "text": [("甲 <b>&", "甲 <b>&"), ("乙", "乙")],
    "long": [("第一行\n第二行", "第一行 第二行"), ("改过的说明", "改过的说明")],
    "date": [("2021-03-05", "2021-03-05"), ("2022-11-30", "2022-11-30")],
    "month": [("2021-03", "2021-03"), ("2022-11", "2022-11")],
    "year": [(2021, "2021"), (2022, "2022")],
    "number": [(40.5, "40.5"), (103.0, "103")],
    "money": [("12000.25", "12000.25"), (800, "800")],
    "bool": [(True, "是"), (False, "否")],
    "doi": [("10.1000/182", "10.1000/182"), ("10.6703/j.issn.1000-5552", "10.6703/j.issn.1000-5552")],
    "issn": [("1000-0054", "1000-0054"), ("0378-5955", "0378-5955")],
    "isbn": [("978-7-04-050694-5", "978-7-04-050694-5"), ("7-302-02368-9", "7-302-02368-9")],
}
PROOFS = ("proof-1.pdf", "proof-2.png")


def proofs(folder: Path) -> Path:
    """A folder with small real proofs in it: a PDF of one page, and a picture."""
    (folder / PROOFS[0]).write_bytes(pdf())
    (folder / PROOFS[1]).write_bytes(png())
    return folder


def pdf(pages: int = 1) -> bytes:
    document, file = pikepdf.new(), io.BytesIO()
    for _page in range(pages):
        document.add_blank_page()
    document.save(file, deterministic_id=True)
    return file.getvalue()


def png(shade: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("L", (2, 2), shade).save(file, "PNG")
    return file.getvalue()


def value(field: Field, n: int = 1, catalogue: Catalogue = SHIPPED) -> tuple[Any, str]:
    """The first or the second good value of a field (`n` is 1 or 2), and how it reads in Chinese."""
    if field.kind == "code":
        return [(key, zh) for key, (zh, _en) in catalogue.codes[field.codes].items()][n - 1]
    if field.kind in ("file", "files"):
        one = {"file": PROOFS[n - 1]}
        return (one if field.kind == "file" else [one]), PROOFS[n - 1]
    if field.whole:
        return n + 1, str(n + 1)
    if field.key in ("to", "ended_on"):  # after whatever `from` is
        return (VALUES[field.kind][n - 1][1].replace("202", "203"),) * 2
    return VALUES[field.kind][n - 1]


def data_of(item_type: ItemType, n: int = 1, catalogue: Catalogue = SHIPPED, **changes: Any) -> dict[str, Any]:
    """A value for every field of a type; a change to None leaves the field out."""
    data = {field.key: value(field, n, catalogue)[0] for field in item_type.fields} | changes
    return {key: one for key, one in data.items() if one is not None}


def item_line(key: str = "paper", n: int = 1, data: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """The n-th item, of the first person; `data` changes its values."""
    item_type = SHIPPED.types.get(key)
    line = {
        "kind": "archive_item",
        "ref": f"A{n}",
        "unit": unit_code(1),
        "id_number": id_number(1),
        "type": key,
        "data": data_of(item_type, **(data or {})) if item_type else data,
        "submitted_at": "2026-11-03T09:00:00+08:00",
    }
    return line | changes


def request_line(n: int = 1, item: str = "A1", **changes: Any) -> dict[str, Any]:
    """The n-th request to have an item back."""
    line = {
        "kind": "withdrawal",
        "ref": f"W{n}",
        "item": item,
        "reason": "证明材料缺页，申请撤回补充",
        "submitted_at": "2026-11-05T09:00:00+08:00",
    }
    return line | changes


def verdict_line(n: int, verdict: str = "pass", of: str = "A1", day: int = 4, **changes: Any) -> dict[str, Any]:
    """The n-th decision on the record with a ref: on an item, or on a request (W…) or a registration (R…)."""
    kind = {"A": "archive_item", "W": "withdrawal", "R": "registration"}[of[0]]
    own = {"ref": f"D{n}-{of}", "of": {"kind": kind, "ref": of}, "opinion": f"{of}的审批意见"}
    return decision_line(verdict=verdict, decided_at=f"2026-11-{day:02d}T12:00:00+08:00") | own | changes
