"""What a file is, and what is not kept: by its content, never by its name."""

import hashlib
import io
import os
import signal

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from app.attachments import BadFile, looking
from config import LOOK_MEMORY, MAX_FILE, MAX_PIXELS
from tests.attachments import files

DAMAGED, ACTIVE = "is damaged, or not what it begins as", "holds scripts, actions or other files"
COSTLY = "takes more memory or time to read than a document does"
NEITHER = "is neither PDF, PNG nor JPEG"


def look(content: bytes) -> looking.Found:
    return looking.look(io.BytesIO(content))


GOOD = {
    "a PDF": (files.PDF, "application/pdf"),
    "a PDF with its objects packed": (
        files.pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "application/pdf",
    ),
    "a PDF behind blanks and a byte-order mark": (b"\xef\xbb\xbf\r\n" + files.PDF, "application/pdf"),
    "a PDF with a link": (
        files.acting(Type=Name.Annot, A=Dictionary(S=Name.URI, URI="https://example.cn")),
        "application/pdf",
    ),
    "a PDF with a page that says no size": (
        files.written_pdf().replace(b"/MediaBox[0 0 9 9]", b"/Comment (no size)"),
        "application/pdf",
    ),
    "a PNG": (files.PNG, "image/png"),
    "a JPEG": (files.JPEG, "image/jpeg"),
    "a progressive JPEG": (files.image("JPEG", progressive=True), "image/jpeg"),
    "a PNG that ends in a page of HTML": (files.PNG + b"<script>alert(1)</script>", "image/png"),
}
BAD = {
    "nothing": (b"", "is empty"),
    "a page of HTML": (b"<html><script>alert(1)</script>%PDF-1.7", NEITHER),
    "a page of HTML before a PDF": (b"<script>alert(1)</script>" + files.PDF, NEITHER),
    "a GIF": (b"GIF89a" + bytes(100), NEITHER),
    "an archive": (b"PK\x03\x04" + bytes(100), NEITHER),
    "the beginning of a PDF": (b"%PDF-1.7\n", DAMAGED),
    "the beginning of a PNG, a PDF at 900": (b"\x89PNG\r\n\x1a\n" + bytes(892) + files.PDF, DAMAGED),
    "the beginning of a JPEG": (b"\xff\xd8\xff\xe0" + bytes(100), DAMAGED),
    "a PDF without its end": (files.PDF[:-40], DAMAGED),
    "a PNG without its end": (files.PNG[:-14], DAMAGED),
    "a JPEG without its end": (files.JPEG[: len(files.JPEG) // 2], DAMAGED),
    "a PNG with a wrong checksum": (files.PNG.replace(b"IDAT", b"IDAT\x00", 1), DAMAGED),
    "a PDF without pages": (files.pdf(pages=0), "has no pages"),
    "an encrypted PDF": (files.pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "is encrypted"),
    "a PDF encrypted for nobody": (files.pdf(encryption=pikepdf.Encryption(owner="o", user="")), "is encrypted"),
    "a PDF with a file inside": (files.pdf(files.with_file_inside), ACTIVE),
    "a PDF with a named script": (files.pdf(files.with_named_script), ACTIVE),
    "a PDF with a script": (files.acting(S=Name.JavaScript, JS="app.alert(1)"), ACTIVE),
    "a PDF with a script written otherwise": (files.written_pdf(b"<</S/J#61vaScript/J#53(1)>>"), ACTIVE),
    "a PDF with a script in an array in an array": (files.written_pdf(b"[[1 <</S /JavaScript>>]]"), ACTIVE),
    "a PDF with a script where the name is an object": (files.written_pdf(b"<</S 5 0 R>>", b"/JavaScript"), ACTIVE),
    "a PDF that launches": (files.acting(S=Name.Launch), ACTIVE),
    "a PDF that sends": (files.acting(S=Name.SubmitForm), ACTIVE),
    "a PDF that opens another file": (files.acting(S=Name.GoToR, F="\\\\host\\share"), ACTIVE),
    "a PDF with a dynamic form": (files.acting(XFA="x"), ACTIVE),
    "a PDF whose stream is in another file": (
        files.written_pdf(b"<</Length 0/F(other)>>stream\n\nendstream"),
        ACTIVE,
    ),
    "a PDF with a script too deep for one reader": (
        files.written_pdf(b"[" * 2000 + b"<</S/JavaScript>>" + b"]" * 2000),
        DAMAGED,
    ),
    "a PNG of 100,000 by 100,000": (
        files.png(width=100_000, height=100_000),
        f"has more than {MAX_PIXELS // 1_000_000} million pixels",
    ),
    "a PNG with 200 MB of text": (files.png(files.chunk(b"zTXt", b"k\0\0" + files.packed_zeros(200_000_000))), DAMAGED),
    "a PNG with 200 MB of colours": (
        files.png(files.chunk(b"iCCP", b"k\0\0" + files.packed_zeros(200_000_000))),
        DAMAGED,
    ),
}


@pytest.mark.parametrize(("content", "media_type"), GOOD.values(), ids=GOOD)
def test_what_is_kept(content, media_type):
    assert look(content) == looking.Found(media_type, hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize(("content", "why"), BAD.values(), ids=BAD)
def test_what_is_not_kept_and_why(content, why):
    with pytest.raises(BadFile) as refused:
        look(content)
    assert str(refused.value) == why


def test_a_file_of_20_mb_is_kept_and_one_byte_more_is_not():
    picture = files.PNG + bytes(MAX_FILE - len(files.PNG))
    assert look(picture).size == MAX_FILE
    with pytest.raises(BadFile, match="is larger than 20 MB"):
        look(picture + b"\0")


def test_objects_that_unpack_to_more_than_the_memory_are_refused():
    with pytest.raises(BadFile, match=f"{COSTLY}|{DAMAGED}"):
        look(files.packed_pdf(LOOK_MEMORY))


def test_the_same_with_few_blanks_is_kept():
    """The file above is refused for its size alone."""
    assert look(files.packed_pdf(1_000_000)).media_type == "application/pdf"


def test_a_picture_of_a_thousand_scans_is_refused():
    with pytest.raises(BadFile, match=COSTLY):
        look(files.scans(1000, 5000))


def test_after_a_costly_file_the_next_is_looked_at():
    with pytest.raises(BadFile):
        look(files.packed_pdf(LOOK_MEMORY))
    assert look(files.PDF).media_type == "application/pdf"


def test_when_the_inspector_was_killed_another_is_started():
    look(files.PDF)
    os.kill(looking._inspector._process.pid, signal.SIGKILL)
    assert look(files.PDF).media_type == "application/pdf"
