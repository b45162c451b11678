"""The types of fields: each a reader that takes a JSON value and gives what to store, or says what is wrong.

A reader is called with a value that is there (neither null nor blank) and the time of the call. Those with a
parameter are made by a function (`text(200)`), the others are the function itself. TYPES names them.
"""

import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from stdnum import isbn, issn

from app import typed
from app.clock import ZONE
from app.intake.wording import gettext
from app.units.regions import REGIONS

Reader = Callable[[Any, datetime], Any]

WHOLE_MAXIMUM = 2_147_483_647  # what an integer column of either database holds
NUMBER_MAXIMUM = 10**13  # nothing counted or paid here comes near, and a double still holds hundredths

# Unicode's category Cc, with and without line breaks; U+2028 and U+2029 break a line without being controls.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
CONTROL_BUT_LINE_BREAK = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")

DOI = re.compile(r"10\.[0-9]{4,9}/\S{1,180}")
PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
# Stricter than datetime.fromisoformat, which also takes weeks, spaces and times without an offset.
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-5][0-9])"
)
OTHER_DOCUMENT = re.compile(r"[0-9A-Za-z]{5,20}")


class Invalid(Exception):
    """What is wrong with a value, in the caller's locale."""


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(gettext("must be text"))
    return value


def _shaped(shape: re.Pattern[str], value: Any, expected: str) -> str:
    """Text that matches the shape as a whole, surrounding blanks aside."""
    if not isinstance(value, str) or not shape.fullmatch(value.strip()):
        raise Invalid(expected)
    return value.strip()


def text(maximum: int = 200) -> Reader:
    """One line of text of at most `maximum` characters, kept as received, surrounding blanks aside."""

    def read(value: Any, _now: datetime) -> str:
        if CONTROL.search(_string(value)):
            raise Invalid(gettext("must not hold line breaks or control characters"))
        return _short_enough(value.strip(), maximum)

    return read


def long(maximum: int = 5000) -> Reader:
    """Text of several lines."""

    def read(value: Any, _now: datetime) -> str:
        if CONTROL_BUT_LINE_BREAK.search(_string(value)):
            raise Invalid(gettext("must not hold control characters"))
        return _short_enough(value.strip(), maximum)

    return read


def _short_enough(value: str, maximum: int) -> str:
    if len(value) > maximum:
        raise Invalid(gettext("must have at most %(maximum)s characters", maximum=maximum))
    return value


def code(keys: Collection[str]) -> Reader:
    """One of the keys of a code list."""

    def read(value: Any, _now: datetime) -> str:
        if not isinstance(value, str) or value.strip() not in keys:
            raise Invalid(gettext("must be one of: %(keys)s", keys=", ".join(keys)))
        return value.strip()

    return read


def whole(minimum: int = 0, maximum: int = WHOLE_MAXIMUM) -> Reader:
    """A JSON number without a fraction, as int, both bounds included."""
    bounds = {"minimum": minimum, "maximum": maximum}

    def read(value: Any, _now: datetime) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            message = gettext("must be a whole number from %(minimum)s to %(maximum)s", **bounds)
            raise Invalid(message)
        return value

    return read


def number(value: Any, _now: datetime) -> int | float:
    """A JSON number from 0 to NUMBER_MAXIMUM; 103.0 is 103."""
    if not _in_range(value):
        raise Invalid(gettext("must be a number from 0 to %(maximum)s", maximum=NUMBER_MAXIMUM))
    found = abs(float(value))  # abs: -0.0 is within the range
    return int(found) if found.is_integer() else found


def money(value: Any, _now: datetime) -> Decimal:
    """CNY with two places, from a JSON number or from a string in plain decimals, up to NUMBER_MAXIMUM."""
    if isinstance(value, str) and PLAIN_NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if not _in_range(value):
        raise Invalid(gettext("must be an amount from 0 to %(maximum)s", maximum=NUMBER_MAXIMUM))
    amount = Decimal(str(value))
    cents = round(amount, 2)
    if cents != amount:
        raise Invalid(gettext("must have at most two decimal places"))
    return abs(cents)


def _in_range(value: Any) -> bool:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_number and 0 <= value <= NUMBER_MAXIMUM


def boolean(value: Any, _now: datetime) -> bool:
    if not isinstance(value, bool):
        raise Invalid(gettext("must be true or false"))
    return value


def day(value: Any, _now: datetime) -> date:
    """YYYY-MM-DD."""
    expected = gettext("must be a date as YYYY-MM-DD")
    return _real_date(_shaped(DATE, value, expected), expected)


def month(value: Any, _now: datetime) -> str:
    """YYYY-MM, kept as text: it sorts as it stands."""
    expected = gettext("must be a month as YYYY-MM")
    found = _shaped(MONTH, value, expected)
    _real_date(f"{found}-01", expected)
    return found


def _real_date(value: str, expected: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Invalid(expected) from None


def moment(value: Any, now: datetime) -> datetime:
    """RFC 3339 with an offset, in UTC. Leap seconds are refused: Python has none, none came since 2016."""
    expected = gettext("must be a time with an offset, as 2026-01-31T09:00:00+08:00")
    try:
        found = datetime.fromisoformat(_shaped(MOMENT, value, expected).upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(expected) from None
    if found > now:
        raise Invalid(gettext("must not be in the future"))
    return found


def region(value: Any, _now: datetime) -> str:
    """A division in force inside the served province (GB/T 2260)."""
    if not isinstance(value, str) or value.strip() not in REGIONS:
        raise Invalid(gettext("must be a region of this province, by GB/T 2260, in force"))
    return value.strip()


def unit_code(value: Any, _now: datetime) -> str:
    """A unified social credit code or the code of a built-in unit, see app/typed.py."""
    found = value.strip() if isinstance(value, str) else ""
    fault = typed.unit_code_fault(found)
    if fault is None:
        return found
    messages = {
        "shape": gettext("must be an 18-character unified social credit code, or NZ and 8 digits"),
        "check": gettext("check character does not match"),
    }
    raise Invalid(messages[fault])


def resident_id(value: Any, now: datetime) -> str:
    """A resident identity number (GB 11643), see app/typed.py."""
    found = value.strip() if isinstance(value, str) else ""
    fault = typed.resident_fault(found, now.astimezone(ZONE).date())
    if fault is None:
        return found
    messages = {
        "shape": gettext("must be 17 digits and a check character (a digit or X)"),
        "birth": gettext("must hold a real date of birth"),
        "check": gettext("check character does not match"),
    }
    raise Invalid(messages[fault])


def other_document(value: Any, _now: datetime) -> str:
    """A passport or permit."""
    return _shaped(OTHER_DOCUMENT, value, gettext("must be 5 to 20 letters and digits"))


def mobile(value: Any, _now: datetime) -> str:
    """A mobile number of the mainland, without prefix."""
    found = value.strip() if isinstance(value, str) else ""
    if not typed.is_mobile(found):
        raise Invalid(gettext("must be an 11-digit mainland mobile number"))
    return found


def email(value: Any, _now: datetime) -> str:
    """An e-mail address, kept as received."""
    found = value.strip() if isinstance(value, str) else ""
    if not typed.is_email(found):
        raise Invalid(gettext("must be an e-mail address"))
    return found


def postal_code(value: Any, _now: datetime) -> str:
    found = value.strip() if isinstance(value, str) else ""
    if not typed.is_postal_code(found):
        raise Invalid(gettext("must be six digits"))
    return found


def ref(value: Any, now: datetime) -> str:
    """The portal's own identifier, up to 64 characters: never trimmed, since it is compared as it stands."""
    found: str = text(64)(value, now)
    if found != value:
        raise Invalid(gettext("must not begin or end with blanks"))
    return found


def doi(value: Any, _now: datetime) -> str:
    """A digital object identifier (ISO 26324)."""
    return _shaped(DOI, value, gettext("must be a DOI, as 10.1000/182"))


def issn_number(value: Any, _now: datetime) -> str:
    """The number of a journal (ISO 3297)."""
    return _valid(issn.is_valid, value, gettext("must be an ISSN with its check character, as 1000-0054"))


def isbn_number(value: Any, _now: datetime) -> str:
    """The number of a book (ISO 2108), of 10 or 13 digits."""
    return _valid(isbn.is_valid, value, gettext("must be an ISBN with its check character"))


def _valid(is_valid: Callable[[str], bool], value: Any, expected: str) -> str:
    if not isinstance(value, str) or not is_valid(value.strip()):
        raise Invalid(expected)
    return value.strip()


TYPES: dict[str, Reader] = {
    "text": text(),
    "long": long(),
    "whole": whole(),
    "number": number,
    "money": money,
    "bool": boolean,
    "date": day,
    "month": month,
    "year": whole(1900, 2100),
    "time": moment,
    "region": region,
    "unit_code": unit_code,
    "resident_id": resident_id,
    "other_document": other_document,
    "mobile": mobile,
    "email": email,
    "postal_code": postal_code,
    "telephone": text(40),
    "ref": ref,
    "doi": doi,
    "issn": issn_number,
    "isbn": isbn_number,
}
