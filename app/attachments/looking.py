"""What a file is, by its content: its type, its size, its digest, and whether it may be kept."""

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
from flask_babel import gettext as _
from PIL import Image

from app.attachments.storage import CHUNK
from config import MAX_FILE, MAX_PIXELS

# Keys of a PDF's dictionaries that carry what acts by itself or hides another file (ISO 32000-2, 7.11.4 and 12.6).
ACTIVE_KEYS = ("/JS", "/EF", "/EmbeddedFiles", "/RichMediaContent", "/XFA")
ACTIVE_ACTIONS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition")


class BadFile(ValueError):
    """A file that is not kept; the message says why, in the caller's language."""


@dataclass(frozen=True)
class Found:
    """What a file is: `sha256` in hexadecimal, `size` in bytes."""

    media_type: str
    sha256: str
    size: int


def look(file: BinaryIO) -> Found:
    """Look at a seekable file, from its start; raises BadFile. It stands at its start again afterwards."""
    sha256, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(CHUNK):
        sha256.update(piece)
        size += len(piece)
        if size > MAX_FILE:
            raise BadFile(_("is larger than %(limit)d MB", limit=MAX_FILE // 1024 // 1024))
    if not size:
        raise BadFile(_("is empty"))
    file.seek(0)
    head = file.read(1024)
    media_type, check = next(((of, check) for of, starts, check in TYPES if starts(head)), ("", None))
    if check is None:
        raise BadFile(_("is neither PDF, PNG nor JPEG"))
    check(file)
    file.seek(0)
    return Found(media_type, sha256.hexdigest(), size)


def _check_image(file: BinaryIO) -> None:
    """Read the picture whole; its size is asked before, for a small file can claim a huge one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            file.seek(0)
            with Image.open(file, formats=("PNG", "JPEG")) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise BadFile(_("has more than %(limit)d million pixels", limit=MAX_PIXELS // 1_000_000))
                image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise error if isinstance(error, BadFile) else BadFile(_("is a picture that cannot be read")) from error


def _check_pdf(file: BinaryIO) -> None:
    file.seek(0)
    try:
        with pikepdf.open(file, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise BadFile(_("is encrypted"))
            if not pdf.pages:
                raise BadFile(_("has no pages"))
            if any(_is_active(part) for part in pdf.objects):
                raise BadFile(_("holds scripts, actions or other files"))
    except pikepdf.PasswordError as error:
        raise BadFile(_("is encrypted")) from error
    except (pikepdf.PdfError, RuntimeError) as error:
        raise BadFile(_("is a PDF that cannot be read")) from error


def _is_active(part: Any, depth: int = 0) -> bool:
    """Whether an object, or what stands directly inside it, acts or hides."""
    if depth > 20:
        return True  # no document needs that: it hides something
    if isinstance(part, pikepdf.Array):
        return any(_is_active(inner, depth + 1) for inner in _direct(part))
    if not isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        return False
    entries = part.stream_dict if isinstance(part, pikepdf.Stream) else part
    if any(key in entries for key in ACTIVE_KEYS) or entries.get("/S") in ACTIVE_ACTIONS:
        return True
    return any(_is_active(inner, depth + 1) for inner in _direct(entries.values()))


def _direct(parts: Any) -> Any:
    """Those that are no objects of their own: these are looked at by themselves."""
    return (part for part in parts if not getattr(part, "is_indirect", False))


Starts = Callable[[bytes], bool]
TYPES: tuple[tuple[str, Starts, Callable[[BinaryIO], None]], ...] = (
    ("application/pdf", lambda head: b"%PDF-" in head, _check_pdf),
    ("image/png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _check_image),
    ("image/jpeg", lambda head: head.startswith(b"\xff\xd8\xff"), _check_image),
)
