"""A feed as lines, a line as one strict JSON object, an object as bytes to compare it by."""

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from app.intake.wording import gettext

LIMIT = 1024 * 1024  # bytes of one line, its end aside
DEPTH = 32  # objects and lists inside each other; a record needs five, 1,000 exhaust the interpreter's stack
BOM = b"\xef\xbb\xbf"


class LineError(Exception):
    """A line that is not one JSON object: `errors` is keyed by `line`, like the errors of a field."""

    def __init__(self, message: str) -> None:
        self.errors: dict[str, list[str]] = {"line": [message]}
        super().__init__(self.errors)


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a feed with their numbers from 1, without their ends.

    Blank lines and byte-order marks are passed over but counted. A line over LIMIT comes cut off one byte
    after it, which `parse_object` refuses: so no line, however long, takes more memory than that.
    """
    number = 0
    while piece := stream.readline(LIMIT + len(BOM) + len(b"\r\n")):
        number += 1
        _pass_over_rest(stream, piece)
        line = piece.removesuffix(b"\n").removesuffix(b"\r").removeprefix(BOM)
        if line.strip():
            yield number, line[: LIMIT + 1]


def _pass_over_rest(stream: BinaryIO, piece: bytes) -> None:
    while piece and not piece.endswith(b"\n"):
        piece = stream.readline(LIMIT)


def parse_object(raw: bytes) -> dict[str, Any]:
    """One JSON object by RFC 8259 in UTF-8; whole numbers as int, others as Decimal, so that none is rounded.

    Raises LineError, besides for what is not JSON or no object, for what RFC 8259 leaves open and two readers
    may read differently: a name given twice, a lone surrogate, a number no double holds, nesting over DEPTH.
    """
    raw = raw.removeprefix(BOM)
    if len(raw) > LIMIT:
        raise LineError(gettext("is longer than %(limit)s bytes", limit=LIMIT))
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise LineError(gettext("is not UTF-8")) from None
    except json.JSONDecodeError as error:
        raise LineError(gettext("is not JSON (character %(position)s)", position=error.pos + 1)) from None
    except RecursionError:
        raise LineError(gettext("is nested too deeply")) from None
    if not isinstance(value, dict):
        raise LineError(gettext("must be one JSON object"))
    _check_nesting_and_text(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise LineError(gettext("has a name given twice in one object"))
    return found


def _constant(_name: str) -> Any:
    raise LineError(gettext("has a number that is not JSON (NaN or Infinity)"))


def _whole(digits: str) -> int:
    _check_range(digits)
    return int(digits)


def _decimal(digits: str) -> Decimal:
    _check_range(digits)
    try:
        return Decimal(digits)
    except ArithmeticError:  # an exponent of twenty digits
        raise LineError(gettext("has a number out of range")) from None


def _check_range(digits: str) -> None:
    # Asked of the double first: `int` takes quadratic time over many digits, and Python refuses over 4,300.
    if math.isinf(float(digits)):
        raise LineError(gettext("has a number out of range"))


def _check_nesting_and_text(value: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            _check_text(part)
        elif isinstance(part, dict | list):
            if depth > DEPTH:
                raise LineError(gettext("is nested too deeply"))
            inner = [*part.keys(), *part.values()] if isinstance(part, dict) else part
            waiting.extend((each, depth + 1) for each in inner)


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise LineError(gettext("has half of a surrogate pair")) from None


def canonical(value: Any) -> bytes:
    """Bytes that are equal exactly when two JSON values are: names in any order, numbers by value (1, 1.0).

    Takes what `parse_object` gives, and floats as JSON writes them. Raises TypeError for anything else,
    ValueError for NaN and infinities.
    """
    return _written(value).encode("ascii")


def _written(value: Any) -> str:
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}:{_written(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if value is None or isinstance(value, str | bool):
        return json.dumps(value)
    if isinstance(value, int | float | Decimal):
        return _number(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def _number(value: Decimal) -> str:
    # Not Decimal.normalize, which rounds to 28 digits.
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a JSON number")
    if not value:
        return "0"  # -0 too
    written = "".join(map(str, digits))
    significant = written.rstrip("0")
    return f"{'-' * sign}{significant}e{exponent + len(written) - len(significant)}"
