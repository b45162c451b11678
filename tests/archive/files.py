"""Archive items with given files: small PDFs and pictures, each unlike all others, for equal bytes are kept once."""

import hashlib
import io
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from app.attachments import storage_of
from app.attachments.storage import Storage, place
from tests.factories import Make, decision_line, id_number, take

_marks = itertools.count(1)
_refs = itertools.count(1)
A4 = (595, 842)


def png(width: int = 800, height: int = 1000, color: str = "navy") -> bytes:
    """A picture of one colour with a spot of its own."""
    picture, file = Image.new("RGB", (width, height), color), io.BytesIO()
    mark = next(_marks)
    picture.putpixel((0, 0), (mark // 256, mark % 256, 0))
    picture.save(file, "PNG")
    return file.getvalue()


def pdf(pages: int = 1, heavy: bool = False) -> bytes:
    """Pages with a black square each; the last of a heavy one has a picture of three megabytes."""
    document = pikepdf.new()
    mark = next(_marks)
    for _page in range(pages):
        page = document.add_blank_page(page_size=A4)
        page.Contents = document.make_stream(b"0 g 60 600 200 200 re f %% %d" % mark)
    if heavy:
        noise = document.make_stream(Image.effect_noise((1000, 3000), 90).tobytes())
        noise.stream_dict.update({"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": 1000, "/Height": 3000})
        noise.stream_dict.update({"/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8})
        last = document.pages[-1]
        last.Resources = Dictionary(XObject=Dictionary(I=noise))
        last.Contents = document.make_stream(b"q 400 0 0 600 60 60 cm /I Do Q")
    return _saved(document)


def chinese_pdf(text: str) -> bytes:
    """A page set in fonts that the file does not hold: Chinese, and one that every reader has to have."""
    document = pikepdf.new()
    system = Dictionary(Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("GB1"), Supplement=2)
    name, box = Name("/STSong-Light"), Array([-25, -254, 1000, 880])
    traits = {"Flags": 6, "FontBBox": box, "ItalicAngle": 0, "Ascent": 880, "Descent": -120, "CapHeight": 880}
    about = document.make_indirect(Dictionary(Type=Name.FontDescriptor, FontName=name, StemV=93, **traits))
    face = {"Type": Name.Font, "BaseFont": name}
    parts = {"CIDSystemInfo": system, "FontDescriptor": about, "DW": 1000}
    glyphs = document.make_indirect(Dictionary(**face, Subtype=Name.CIDFontType0, **parts))
    font = Dictionary(**face, Subtype=Name.Type0, Encoding=Name("/GBK-EUC-H"), DescendantFonts=Array([glyphs]))
    page = document.add_blank_page(page_size=A4)
    latin = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F=document.make_indirect(font), H=document.make_indirect(latin)))
    said = text.encode("gbk").hex()
    page.Contents = document.make_stream(
        f"BT /F 60 Tf 40 700 Td <{said}> Tj ET BT /H 9 Tf 40 40 Td (No. 1) Tj ET % {next(_marks)}".encode()
    )
    return _saved(document)


def _saved(document: pikepdf.Pdf) -> bytes:
    file = io.BytesIO()
    document.save(file, compress_streams=False)
    return file.getvalue()


def belonging(make: Make, ref: str) -> None:
    """The person of a registration belongs to the unit from now on."""
    make.taken(decision_line(10_000 + next(_refs), of=ref, verdict="pass"))


def item(make: Make, n: int, unit: str, files: Mapping[str, bytes], folder: Path, **changes: Any) -> tuple[int, str]:
    """An item of the n-th person with these files, by name: its id, and its ref."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    line = {
        "kind": "archive_item",
        "ref": f"P{next(_refs)}",
        "unit": unit,
        "id_number": id_number(n),
        "type": "social_position",
        "data": {"organisation": "省教育学会", "role": "理事", "from": "2021-03"},
        "submitted_at": "2026-11-03T09:00:00+08:00",
    } | changes
    line["data"] = line["data"] | {"proof": [{"file": name} for name in files]}
    (result,) = take(make.app, line, folder=folder)
    assert result.id is not None, result.errors
    return result.id, str(line["ref"])


def lose(make: Make, content: bytes) -> None:
    """The storage has these bytes no more."""
    _storage(make).remove([_digest(content)])


def keep(make: Make, content: bytes) -> None:
    """The storage has these bytes again."""
    _storage(make).put(_digest(content), io.BytesIO(content))


def damage(make: Make, content: bytes) -> None:
    """What the storage has in the place of these bytes is no file of any kind."""
    Path(make.app.config["STORAGE_URL"], place(_digest(content))).write_bytes(b"x" * len(content))


def _storage(make: Make) -> Storage:
    return storage_of(make.app.config["STORAGE_URL"])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
