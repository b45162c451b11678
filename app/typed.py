"""What people type: which texts and days can be kept, and what is wrong with one that cannot, in their language."""

import re
import unicodedata
from datetime import date
from typing import Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from phonenumbers import NumberParseException, PhoneNumberType
from stdnum.cn import ric, uscc

YEARS = range(1900, 2101)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_MOBILE = re.compile(r"1[0-9]{10}")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_BUILT_IN = re.compile(r"NZ[0-9]{8}")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")  # the library looks closer, at what is short enough
_POSTAL_CODE = re.compile(r"[0-9]{6}")
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NO_INK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and marks that are drawn as nothing


def can_be_kept(text: str) -> bool:
    """Whether both databases take a text: no NUL, no half of a surrogate pair."""
    return not _UNKEPT.search(text)


def readable(text: str) -> str:
    """A text with a mark (U+FFFD) for each character that cannot be kept."""
    return _UNKEPT.sub("\ufffd", text)


def has_controls(text: str) -> bool:
    """Whether a text holds control characters other than line breaks and tabs."""
    return _CONTROL.search(text) is not None


def has_unseen(text: str) -> bool:
    """Whether a text holds marks of direction, joiners or the like: with them one name can look like another."""
    return any(unicodedata.category(char) == "Cf" for char in text)


def is_blank(text: str) -> bool:
    """Whether nothing of a text would be seen: spaces, marks of direction, joiners, fillers."""
    return all(char.isspace() or char in _NO_INK or unicodedata.category(char) in ("Cc", "Cf") for char in text)


def text_problem(text: str, limit: int) -> str | None:
    """What is wrong with a text of at most `limit` characters."""
    if len(text) > limit:
        return _("At most %(limit)d characters; these are %(length)d.", limit=limit, length=len(text))
    return _("Control characters cannot be kept: remove them.") if has_controls(text) else None


def line_problem(text: str, limit: int) -> str | None:
    """The same of a text that is one line."""
    if len(text.splitlines()) > 1:
        return _("Control characters cannot be kept: remove them.")
    return text_problem(text, limit)


def day(text: str) -> date | None:
    """The day that a text says as YYYY-MM-DD (GB/T 7408.1), and in no other of the standard's ways; else None."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def day_problem(text: str) -> str | None:
    """What is wrong with a day."""
    found = day(text)
    if found is None:
        return _("must be a date such as 2026-11-20")
    return None if found.year in YEARS else _("must be a year from 1900 to 2100")


def resident_fault(text: str, today: date) -> Literal["shape", "birth", "check"] | None:
    """What is wrong with a resident identity number (GB 11643): its shape, date of birth or check character.

    The place is not looked up: counties are renamed, numbers are not.
    """
    if not _RESIDENT.fullmatch(text):
        return "shape"
    birth = day(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
    if birth is None or birth > today:
        return "birth"
    return None if text[-1] == ric.calc_check_digit(text) else "check"


def unit_code_fault(text: str) -> Literal["shape", "check"] | None:
    """What is wrong with a unit's code: a unified social credit code (GB 32100), or `NZ` + 8 digits of a built-in unit.

    Only the check character is python-stdnum's: its `validate` repairs small letters and blanks, and refuses the
    registering authorities that the standard writes with a letter (villages, the armed forces).
    """
    if _BUILT_IN.fullmatch(text):
        return None
    if not _USCC.fullmatch(text):
        return "shape"
    return None if text[-1] == uscc.calc_check_digit(text) else "check"


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address; whether its domain exists is not asked."""
    if not _ADDRESS.fullmatch(text):
        return False
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def is_postal_code(text: str) -> bool:
    """Whether a text is a postal code: six digits."""
    return _POSTAL_CODE.fullmatch(text) is not None


def is_mobile(text: str) -> bool:
    """Whether a text is a mobile number of the mainland, without prefix."""
    if not _MOBILE.fullmatch(text):
        return False
    try:
        parsed = phonenumbers.parse(text, "CN")
    except NumberParseException:
        return False
    # A carrier's prefix also parses; the national part shows that there was none.
    return str(parsed.national_number) == text and phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE
