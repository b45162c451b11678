"""Whatever stands in a line, it is answered: nothing raises, and of what is rejected nothing stays.

The changes are random, with a fixed seed: one or two values of a good line replaced, a name added, bytes broken.
"""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from tests.applications.factories import plan_line
from tests.factories import decision_line, id_number, registration_line, take, unit_line
from tests.intake.answers import contents

COUNT = 150  # lines of each kind

ODD: list[Any] = [
    *(None, "", " ", "\u3000", True, False, [], {}, [None], [[]], {"": ""}, {"kind": "unit", "ref": "U1"}),
    *("\x00", "a\x00b", "a\nb", "\u2028", "\u202eabc", "\ud800", "\udc00x", "😀", "😀" * 300, "e\u0301", "\ufeff"),
    *("x" * 64, "x" * 65, "x" * 100_000, "'; DROP TABLE unit; --", "%s %(x)s {0}", "\\", "<b>", "=1+1"),
    *(0, -1, 1.5, -0.0, 1e308, 2**31, 2**63, 10**30, 10**400, float("nan"), float("inf")),
    *("2026-11-01T09:00:00+08:00", "9999-12-31T23:59:59-08:00", "0001-01-01T00:00:00+08:00", "2026-11-01"),
    *(id_number(1), int(id_number(2)[:17]), "H82821948", "350102", "NZ00000001", "registration", "pass", "unit"),
    json.loads('{"a":' * 20 + "1" + "}" * 20),
    json.loads("[" * 40 + "]" * 40),
    ["x"] * 5000,
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside."""
    for name, part in value.items():
        yield (*path, name)
        if isinstance(part, dict):
            yield from places(part, (*path, name))


def odd(line: dict[str, Any], chance: Random) -> bytes:
    """The line with one or two values replaced, or a name added."""
    line = copy.deepcopy(line)
    for _ in range(chance.choice((1, 1, 2))):
        *groups, name = chance.choice([*places(line), (chance.choice(("x", "a\x00b", "é" * 100, "a.b", "")),)])
        place = line
        for group in groups:
            place = place[group] if isinstance(place.get(group), dict) else place
        place[name] = chance.choice(ODD)
    return json.dumps(line).encode()  # ASCII: halves of surrogate pairs stay as they are


def broken(line: dict[str, Any], chance: Random) -> bytes:
    """The line with some bytes replaced, lost or doubled."""
    raw = bytearray(json.dumps(line, ensure_ascii=False).encode())
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(raw))
        raw[at : at + 1] = chance.choice((b"", bytes([chance.randrange(256)]), raw[at : at + 1] * 2, b'"', b"\x00"))
    return bytes(raw)


GOOD = {
    "unit": lambda n: unit_line(n),
    "registration": lambda n: registration_line(n),
    "plan": lambda n: plan_line(n),
    "decision": lambda n: decision_line(n, f"R{n}"),
}


@pytest.mark.parametrize("spoil", [odd, broken])
@pytest.mark.parametrize("kind", GOOD)
def test_a_spoilt_line_is_answered_and_leaves_nothing_when_rejected(app, make, kind, spoil):
    chance = Random(f"{kind} {spoil.__name__}")
    make.unit(1)
    if kind == "decision":
        take(app, *(registration_line(n) for n in range(2, COUNT)))
    left = []
    before = contents(app)
    for n in range(2, COUNT):
        line = spoil(GOOD[kind](n), chance)
        (result,) = take(app, line)
        after = contents(app)
        kept = result.id is not None and after != before
        told = result.id is None and result.errors and after == before
        if not (told if result.outcome == "rejected" else kept or result.outcome == "unchanged"):
            left.append((line[:300], result))
        before = after
    assert left == []
