"""Two doors at once, on both engines: each line is answered as if the other had come before or after it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from tests.factories import decision_line, registration_line, take, unit_code, unit_line
from tests.intake.answers import answer, belongs_to

ROUNDS = 8  # of a race that is lost only now and then


def at_once(app: Flask, *lines: dict[str, Any]) -> tuple[str, ...]:
    """The answers to lines that come at the same moment, each by a door of its own; in alphabetical order."""
    start = Barrier(len(lines))

    def door(line: dict[str, Any]) -> str:
        start.wait(30)
        return str(answer(take(app, line)[0]))

    with ThreadPoolExecutor(len(lines)) as doors:
        return tuple(sorted(doors.map(door, lines)))


def raced(app: Flask, pair: Any) -> Counter[tuple[str, ...]]:
    """How often each pair of answers came when the lines of `pair(n)` were taken at once, for n from 1."""
    return Counter(at_once(app, *pair(n)) for n in range(1, ROUNDS + 1))


@pytest.fixture(autouse=True)
def units(make):
    make.unit(1)
    make.unit(2)


def later(n: int, **person: Any) -> dict[str, Any]:
    """The n-th registration, corrected."""
    facts = {"email": "new@example.cn"} | person
    return registration_line(n, person=facts, submitted_at="2026-11-03T09:00:00+08:00")


def returned(app: Flask, n: int) -> None:
    take(app, registration_line(n), decision_line(n, f"R{n}", "return"))


def test_the_same_registration_is_created_once(app):
    found = raced(app, lambda n: [registration_line(n)] * 2)
    assert found == {("created", "unchanged"): ROUNDS}


def test_two_registrations_under_one_ref_are_one_and_a_conflict(app):
    found = raced(app, lambda n: (registration_line(n), registration_line(n, person={"email": "x@example.cn"})))
    assert found == {("['ref']", "created"): ROUNDS}


def test_of_two_registrations_of_a_person_in_a_unit_one_is_refused(app):
    found = raced(app, lambda n: (registration_line(n), registration_line(n, ref=f"S{n}")))
    assert found == {("['person.id_number']", "created"): ROUNDS}


def test_of_two_registrations_of_a_known_person_in_a_unit_one_is_refused(app):
    take(app, *(registration_line(n, unit_code(2), ref=f"T{n}") for n in range(1, ROUNDS + 1)))
    found = raced(app, lambda n: (registration_line(n), registration_line(n, ref=f"S{n}")))
    assert found == {("['person.id_number']", "created"): ROUNDS}


def test_a_person_may_register_in_two_units(app):
    found = raced(app, lambda n: (registration_line(n), registration_line(n, unit_code(2), ref=f"S{n}")))
    assert found == {("created", "created"): ROUNDS}


def test_the_same_resubmission_is_taken_once(app):
    def pair(n):
        returned(app, n)
        return [later(n)] * 2

    assert raced(app, pair) == {("resubmitted", "unchanged"): ROUNDS}


def test_of_two_resubmissions_one_is_a_conflict(app):
    def pair(n):
        returned(app, n)
        return later(n), later(n, email="other@example.cn")

    assert raced(app, pair) == {("['ref']", "resubmitted"): ROUNDS}


def test_the_same_decision_is_taken_once(app):
    def pair(n):
        take(app, registration_line(n))
        return [decision_line(n, f"R{n}")] * 2

    assert raced(app, pair) == {("created", "unchanged"): ROUNDS}


def test_of_two_decisions_of_a_record_one_comes_too_late(app):
    def pair(n):
        take(app, registration_line(n))
        return decision_line(n, f"R{n}", "pass"), decision_line(100 + n, f"R{n}", "return")

    assert raced(app, pair) == {("['of.ref']", "created"): ROUNDS}


def test_two_passes_of_a_person_leave_him_in_one_of_the_units(app, make):
    def pair(n):
        take(app, registration_line(n), registration_line(n, unit_code(2), ref=f"S{n}"))
        return decision_line(n, f"R{n}", "pass"), decision_line(100 + n, f"S{n}", "pass")

    found = raced(app, pair)
    assert (found, {belongs_to(make, n) for n in range(1, ROUNDS + 1)} - {unit_code(1), unit_code(2)}) == (
        {("created", "created"): ROUNDS},
        set(),
    )


def test_the_same_unit_is_created_once(app):
    assert raced(app, lambda n: [unit_line(10 + n)] * 2) == {("created", "unchanged"): ROUNDS}


def test_of_two_units_with_one_code_one_is_refused(app):
    found = raced(app, lambda n: (unit_line(10 + n), unit_line(10 + n, ref=f"V{n}")))
    assert found == {("['code']", "created"): ROUNDS}
