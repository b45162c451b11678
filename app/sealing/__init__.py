"""Personal numbers (ID numbers, mobiles): sealed at rest, searched by a keyed index, shown masked."""

from app.sealing.keys import KeyMismatch, KeyRing, check_key, digest, key_ring
from app.sealing.number import Number, blind, number_columns, reveal, seal_numbers, tail_index, unseal_numbers

__all__ = [
    "KeyMismatch",
    "KeyRing",
    "Number",
    "blind",
    "check_key",
    "digest",
    "key_ring",
    "number_columns",
    "reveal",
    "seal_numbers",
    "tail_index",
    "unseal_numbers",
]
