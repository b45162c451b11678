"""Reads files whose content nobody vouches for, each in a process of its own that has little memory and time.

Run as a script it imports nothing of the product. On its input each file is a line `<media type> <bytes>` and the
bytes; for each a line with a word of VERDICTS goes out. A file built to exhaust its reader exhausts a child of this
process, and nobody else.
"""

import io
import os
import re
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import pikepdf
from PIL import Image

VERDICTS = ("fine", "unreadable", "encrypted", "without pages", "active", "too many pixels", "costly")
# Keys of a PDF's dictionaries that carry what acts by itself or hides another file (ISO 32000-2, 7.11.4 and 12.6).
ACTIVE_KEYS = ("/JS", "/EF", "/EmbeddedFiles", "/RichMediaContent", "/XFA")
ACTIVE_ACTIONS = (
    *("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR"),
    *("/Rendition", "/Movie", "/Sound", "/RichMediaExecute"),
)
# What qpdf says of a page without its resources or its size, which hides nothing and is often so.
SLOPPY = re.compile(r": kid \d+ \(from \d+\) \w+ is (missing or invalid; repairing|undefined; setting to .+)$")
DEPTH = 20  # of what stands directly inside an object; no document needs more


def serve(orders: BinaryIO, answers: BinaryIO, memory: int, seconds: int, pixels: int) -> None:
    """Inspect file after file until the input ends."""
    while order := orders.readline():
        media_type, size = order.split()
        content = orders.read(int(size))
        child = os.fork()
        if not child:
            _bound(memory, seconds)
            os._exit(VERDICTS.index(inspect(media_type.decode(), content, pixels)))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        word = VERDICTS[code] if 0 <= code < len(VERDICTS) else "costly"  # negative: it was stopped by a limit
        answers.write(word.encode() + b"\n")
        answers.flush()


def _bound(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the content is somebody's papers
    os.close(sys.stdout.fileno())  # the parent alone answers


def inspect(media_type: str, content: bytes, pixels: int) -> str:
    """The word of VERDICTS for a file that begins like one of its media type."""
    try:
        return INSPECTORS[media_type](content, pixels)
    except MemoryError:
        return "costly"
    except Exception:
        return "unreadable"  # whatever a reader says of a damaged file, in however many ways


def _image(kind: str) -> Callable[[bytes, int], str]:
    def read(content: bytes, pixels: int) -> str:
        """Read the picture whole; its size is asked before, for a small file can claim a huge one."""
        Image.MAX_IMAGE_PIXELS = None  # asked below
        with Image.open(io.BytesIO(content), formats=(kind,)) as image:
            if image.width * image.height > pixels:
                return "too many pixels"
            image.verify()  # a PNG's checksums, and that it has an end
        with Image.open(io.BytesIO(content), formats=(kind,)) as image:  # it cannot be used after that
            image.load()
        return "fine"

    return read


def _pdf(content: bytes, _pixels: int) -> str:
    try:
        # What has to be repaired first, every reader repairs in its own way: none would show what was looked at.
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True, attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            if any(_is_active(part) for part in (pdf.trailer, *pdf.objects)):
                return "active"
            if any(not SLOPPY.search(warning) for warning in pdf.get_warnings()):
                return "unreadable"  # an object was passed over that another reader may read
            return "fine" if pdf.pages else "without pages"
    except pikepdf.PasswordError:
        return "encrypted"


def _is_active(part: Any, depth: int = 0) -> bool:
    """Whether an object, or what stands directly inside it, acts or hides."""
    if depth > DEPTH:
        return True  # it hides something
    if isinstance(part, pikepdf.Array):
        return any(_is_active(inner, depth + 1) for inner in _direct(part))
    if not isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
        return False
    entries = part.stream_dict if isinstance(part, pikepdf.Stream) else part
    if any(key in entries for key in ACTIVE_KEYS) or entries.get("/S") in ACTIVE_ACTIONS:
        return True
    if isinstance(part, pikepdf.Stream) and "/F" in entries:
        return True  # its bytes are in another file (7.3.8.2)
    return any(_is_active(inner, depth + 1) for inner in _direct(entries.values()))


def _direct(parts: Any) -> Any:
    """Those that are no objects of their own: these are looked at by themselves."""
    return (part for part in parts if not getattr(part, "is_indirect", False))


INSPECTORS: dict[str, Callable[[bytes, int], str]] = {
    "application/pdf": _pdf,
    "image/png": _image("PNG"),
    "image/jpeg": _image("JPEG"),
}

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, *map(int, sys.argv[1:]))
