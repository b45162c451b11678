"""Small files, built for a test: good ones, and each kind of bad one."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from app.attachments import keep_found, look

CATALOGUE = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
)


def pdf(build: Callable[[pikepdf.Pdf], None] = lambda pdf: None, pages: int = 1, **saving: Any) -> bytes:
    """A PDF of empty pages; `build` adds to it."""
    made, out = pikepdf.new(), io.BytesIO()
    for _page in range(pages):
        made.add_blank_page()
    build(made)
    made.save(out, **saving)
    return out.getvalue()


def written_pdf(*objects: bytes) -> bytes:
    """A PDF with these objects beside its page, byte by byte as they are given."""
    out, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate((*CATALOGUE, *objects), 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(offsets) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n" % size + rows
    return out + table + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))


@cache
def packed_pdf(blanks: int) -> bytes:
    """A PDF whose sixth object stands behind so many blanks in a compressed stream of objects."""
    packer, million = zlib.compressobj(1), b" " * 1_000_000
    packed = packer.compress(b"6 0 ") + b"".join(packer.compress(million) for _ in range(blanks // 1_000_000))
    packed += packer.compress(b"<</A 1>>") + packer.flush()
    stream = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed)
    out, rows = b"%PDF-1.7\n", [(0, 0, 65535)]
    for number, content in enumerate((*CATALOGUE, stream), 1):
        rows.append((1, len(out), 0))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows += [(1, len(out), 0), (2, 4, 0)]
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    head = b"5 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return out + head + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def acting(**entries: Any) -> bytes:
    """A PDF with one more object that has these entries."""
    return pdf(lambda made: made.Root.__setattr__("Extra", made.make_indirect(Dictionary(**entries))))


def with_file_inside(made: pikepdf.Pdf) -> None:
    made.attachments["inner.exe"] = b"MZ"


def with_named_script(made: pikepdf.Pdf) -> None:
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["x", Dictionary(S=Name.JavaScript, JS="1")])))


def image(kind: str, size: tuple[int, int] = (40, 30), **saving: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **saving)
    return out.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(*chunks: bytes, width: int = 1, height: int = 1) -> bytes:
    """A PNG that says it has this size, with more chunks before its picture, which has one pixel."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + body


def packed_zeros(size: int) -> bytes:
    packer, million = zlib.compressobj(9), bytes(1_000_000)
    return b"".join(packer.compress(million) for _ in range(size // 1_000_000)) + packer.flush()


def scans(count: int, side: int) -> bytes:
    """A progressive JPEG whose last scan comes so many times: each costs a walk over the whole picture."""
    whole = image("JPEG", (side, side), progressive=True)
    last, end = whole.rfind(b"\xff\xda"), whole.rfind(b"\xff\xd9")
    return whole[:end] + whole[last:end] * count + whole[end:]


PDF, PNG, JPEG = pdf(deterministic_id=True), image("PNG"), image("JPEG")


def kept(session, file, name):
    """A file of no unit yet, looked at and kept: its row."""
    file.seek(0)
    found = look(file)
    file.seek(0)
    return keep_found(session, file, found, name)
