"""Reads an Excel workbook as a spreadsheet would."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(answer: Any) -> list[list[list[str]]]:
    """The rows of each sheet, in the order of the sheets. Every cell must be text: neither a formula nor a link."""
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        assert book.testzip() is None
        count = len(ElementTree.fromstring(book.read("xl/workbook.xml")).findall("m:sheets/m:sheet", _NS))
        roots = [ElementTree.fromstring(book.read(f"xl/worksheets/sheet{n}.xml")) for n in range(1, count + 1)]
    return [[_cells(row) for row in root.findall("m:sheetData/m:row", _NS)] for root in roots]


def _cells(row: ElementTree.Element) -> list[str]:
    cells = row.findall("m:c", _NS)
    strange = [cell.get("r") for cell in cells if cell.get("t") != "inlineStr" or cell.find("m:f", _NS) is not None]
    assert strange == [], "these cells are no text"
    return ["".join(text.text or "" for text in cell.iterfind(".//m:t", _NS)) for cell in cells]
