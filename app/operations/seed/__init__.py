"""Synthetic data at any size, streamed: the same seed gives the same content. `flask check` holds on it.

Units are filled one after the other: what belongs together is written together, and the indexes grow at their ends.
"""

import gc
import random
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.extensions import begin_write
from app.operations.seed.applications import Applications
from app.operations.seed.items import Items
from app.operations.seed.people import OUTCOMES, registrations, store_registrations
from app.operations.seed.proof import Proof
from app.operations.seed.units import Employer, add_approvals, make_units

BATCH = 5_000  # records in one transaction
ITEMS_OF_A_PERSON = 10  # on average

Progress = Callable[[int], None]  # hears how many came in each time
Part = tuple[Employer, int]  # a unit and how many records of it come now


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: a batch is hundreds of thousands of objects and none, and it looks at all."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_uncollected()
def seed(session: Session, units: int, items: int, number: int, progress: Progress) -> None:
    """Add `units` units with their approved posts and `items` archive items over all types of the catalogue, with the
    registrations of their people (about one for ten items, some of them still waiting), some requests to withdraw, and
    applications (about one for twenty items) for plans that are open this year."""
    chance, proof = random.Random(number), Proof()
    employers, maker, applications = _begin(session, units, chance, proof)
    for parts in _batches(session, employers, items, chance):
        counts = [-(-size // ITEMS_OF_A_PERSON) for _employer, size in parts]
        of_units = [employer for employer, _size in parts]
        people = registrations(session, list(zip(of_units, counts, strict=True)), chance, first_passes=True)
        store_registrations(session, people)
        applications.store(session, *maker.store(session, parts, people))
        session.commit()
        progress(sum(size for _employer, size in parts))


@_uncollected()
def seed_applications(
    session: Session, units: int, count: int, number: int, progress: Progress, cited: int = 1
) -> None:
    """Add `units` units and `count` applications spread over them, each of a person of its own, who has so many passed
    items and cites them, and nothing else."""
    chance, proof = random.Random(number), Proof()
    employers, maker, applications = _begin(session, units, chance, proof)
    for parts in _batches(session, employers, count, chance):
        people = registrations(session, parts, chance, outcomes=("passed",))
        store_registrations(session, people)
        applications.store(session, *maker.store_passed(session, people, cited), everything=True)
        session.commit()
        progress(sum(size for _employer, size in parts))


@_uncollected()
def seed_registrations(
    session: Session,
    units: int,
    count: int,
    number: int,
    progress: Progress,
    outcomes: Collection[str] = tuple(OUTCOMES),
) -> None:
    """Add `units` units and `count` registrations spread over them, of the statuses in `outcomes`, and nothing else."""
    chance = random.Random(number)
    begin_write(session)
    employers = make_units(session, units, chance)
    session.commit()
    for parts in _batches(session, employers, count, chance):
        store_registrations(session, registrations(session, parts, chance, outcomes))
        session.commit()
        progress(sum(size for _employer, size in parts))


def _begin(
    session: Session, units: int, chance: random.Random, proof: Proof
) -> tuple[list[Employer], Items, Applications]:
    """The new units with their approved posts, the plans, and what makes the records."""
    begin_write(session)
    employers = make_units(session, units, chance)
    add_approvals(session, employers, proof)
    makers = Items(chance, proof), Applications(session, chance, proof)
    session.commit()
    return employers, *makers


def _batches(session: Session, employers: list[Employer], records: int, chance: random.Random) -> Iterator[list[Part]]:
    """The units with their shares of the records, about BATCH records at a time; a transaction is open each time that
    is begun as one that writes."""
    parts: list[Part] = []
    for part in _shares(employers, records, chance):
        parts.append(part)
        if sum(size for _employer, size in parts) >= BATCH:
            begin_write(session)
            yield parts
            parts = []
    if parts:
        begin_write(session)
        yield parts


def _shares(employers: list[Employer], records: int, chance: random.Random) -> Iterator[Part]:
    """Each unit with its number of records, large and small ones; what is over BATCH comes in several parts."""
    left = records
    for place, employer in enumerate(employers, 1):
        remaining = len(employers) - place
        share = left if not remaining else min(left, round(left / (remaining + 1) * chance.uniform(0.2, 1.8)))
        left -= share
        while share:
            yield employer, min(share, BATCH)
            share -= min(share, BATCH)
