"""A personal number as a value, and the four columns that hold it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import composite, mapped_column

from app.sealing.keys import key_ring

RESIDENT = 18  # characters of a resident ID number (GB 11643)
MOBILE = 11  # digits of a mainland mobile number


@dataclass(frozen=True)
class Number:
    """An ID number or mobile as it is stored: sealed, its blind index, that of its last four, and its masked form."""

    sealed: bytes
    index: str
    tail: str
    masked: str

    @classmethod
    def of(cls, value: str) -> "Number":
        return cls(key_ring().seal(value, "number"), blind(value), tail_index(value[-4:]), masked(value))

    def __composite_values__(self) -> tuple[str | bytes, ...]:
        return self.sealed, self.index, self.tail, self.masked

    def reveal(self) -> str:
        """The whole number. Whoever shows it writes an audit row."""
        return reveal(self.sealed)

    def columns(self, name: str) -> dict[str, Any]:
        """The values by column, for bulk statements."""
        return {f"{name}_{part}": getattr(self, part) for part in ("sealed", "index", "tail", "masked")}


def number_columns(name: str, *, nullable: bool = False, index: bool = False) -> Any:
    """The mapped attribute `name` and its columns `name_sealed`, `name_index`, `name_tail`, `name_masked`. One that is
    nullable is None where there is no number."""
    return composite(
        Number,
        mapped_column(f"{name}_sealed", sa.LargeBinary, nullable=nullable),
        mapped_column(f"{name}_index", sa.String(22), nullable=nullable, index=index),
        mapped_column(f"{name}_tail", sa.String(11), nullable=nullable, index=index),
        mapped_column(f"{name}_masked", sa.String(24), nullable=nullable),
        return_none_on=(lambda *parts: not any(parts)) if nullable else None,
    )


def reveal(sealed: bytes) -> str:
    """The whole number of a sealed column. Whoever shows it writes an audit row."""
    return key_ring().unseal(sealed, "number")


def seal_numbers(numbers: Mapping[str, str]) -> bytes:
    """Several whole numbers by name, sealed together."""
    return key_ring().seal(json.dumps(dict(numbers)), "numbers")


def unseal_numbers(sealed: bytes) -> dict[str, str]:
    """What `seal_numbers` sealed. Whoever shows it writes an audit row."""
    numbers: dict[str, str] = json.loads(key_ring().unseal(sealed, "numbers"))
    return numbers


def blind(value: str) -> str:
    """The blind index of a whole number; one space for all, so that one search box finds ID numbers and mobiles."""
    return key_ring().index(b"number:" + value.upper().encode())


def tail_index(last_four: str) -> str:
    """The blind index of a number's last four characters."""
    return key_ring().index(b"tail:" + last_four.upper().encode(), 8)


def masked(value: str) -> str:
    """`3501**********0823`, `138****5678`; other documents keep their first one and last two characters."""
    if len(value) == RESIDENT:
        return f"{value[:4]}{'*' * 10}{value[-4:]}"
    if len(value) == MOBILE and value.isdigit():
        return f"{value[:3]}****{value[-4:]}"
    return f"{value[0]}{'*' * (len(value) - 3)}{value[-2:]}"
