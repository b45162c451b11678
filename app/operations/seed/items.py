"""Synthetic archive items of all types of the catalogue, with proof, marks and requests to withdraw."""

import random
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.archive.catalogue import ItemType, catalogue
from app.archive.items import marks_of, title_of
from app.archive.models import ArchiveItem, Mark, Withdrawal
from app.attachments import Attachment
from app.operations.seed.invent import Drawn, inventor, pick
from app.operations.seed.proof import Proof
from app.operations.seed.records import DAY, Entries, Record, history, store
from app.operations.seed.units import Employer
from app.review.models import Submission
from app.tenancy import bulk_insert, reserve_ids

PERIOD = 200 * 86400  # seconds after the pass of the registration in which items come
DUPLICATES = 0.01  # of the items repeat the number of an earlier one
POOL = 200  # of the newest of its type, so that now and then it is another unit's
REASONS = ("填报有误，需要修改。", "需要补充新的证明材料。", "证书编号填写错误。")
# What became of an item: (weight, its steps, those of the request to withdraw it).
OUTCOMES = (
    (3500, "submit", ""),
    (4500, "submit pass", ""),
    (900, "submit return", ""),
    (400, "submit return resubmit", ""),
    (500, "submit return resubmit pass", ""),
    (60, "submit pass", "submit"),
    (40, "submit pass", "submit return"),
    (60, "submit pass withdraw", "submit pass"),
    (40, "submit pass withdraw resubmit", "submit pass"),
)


class Items:
    """Makes the items of one seeding: it remembers which numbers it gave, to plant some again."""

    def __init__(self, chance: random.Random, proof: Proof) -> None:
        self.chance, self.proof = chance, proof
        known = catalogue()
        self.of = known.types
        self.types = tuple(known.types.values())
        self.inventors = {item_type.key: inventor(item_type, known) for item_type in self.types}
        self.codes: dict[str, deque[int]] = {item_type.key: deque(maxlen=POOL) for item_type in self.types}

    def store(
        self, session: Session, parts: Sequence[tuple[Employer, int]], registrations: list[Record]
    ) -> tuple[list[Record], Entries]:
        """So many items of each unit, of those whose registration passed there, and the requests to withdraw some."""
        staff: dict[int, list[Record]] = {}
        for registration in registrations:
            if registration.status == "passed":
                staff.setdefault(registration.employer.id, []).append(registration)
        ids = iter(reserve_ids(session, Submission, sum(size for _employer, size in parts)))
        weights = [weight for weight, *_steps in OUTCOMES]
        items, requested = [], []
        for employer, size in parts:
            for _weight, steps, request in self.chance.choices(OUTCOMES, weights, k=size):
                items.append(self._item(next(ids), pick(self.chance, staff[employer.id]), steps))
                if request:
                    requested.append((items[-1], request))
        entries = self._store(session, items)
        self._store_requests(session, requested)
        return items, entries

    def store_passed(
        self, session: Session, registrations: Sequence[Record], each: int
    ) -> tuple[list[Record], Entries]:
        """So many passed items of each person whose registration passed."""
        owners = [registration for registration in registrations for _n in range(each)]
        ids = reserve_ids(session, Submission, len(owners))
        items = [self._item(*one, "submit pass") for one in zip(ids, owners, strict=True)]
        return items, self._store(session, items)

    def _store(self, session: Session, items: Sequence[Record]) -> Entries:
        entries = store(session, items)
        bulk_insert(session, ArchiveItem, [{"id": item.id, "data": item.versions[-1]["data"]} for item in items])
        bulk_insert(session, Mark, [row for item in items for row in self._marks(item)])
        bulk_insert(session, Attachment, [self._attachment(item) for item in items])
        return entries

    def _item(self, pk: int, registration: Record, steps: str) -> Record:
        item_type = pick(self.chance, self.types)
        person, ledger = registration.person, history("archive_item", steps)
        file = self.proof.file_id(b"item %d" % pk)
        data = self.inventors[item_type.key](Drawn(self.chance, pk, self._code(item_type, pk), file))
        content = {
            "unit": registration.employer.code,
            "id_number": person.number.masked,
            "type": item_type.key,
            "numbers": {"id_number": person.number.index},
        }
        # The first version of a resubmitted one had no note yet.
        texts = [data, *(data | {"note": f"第{n}次提交，已补充。"} for n in range(2, ledger.last.version + 1))]
        return Record(
            id=pk,
            kind="archive_item",
            type=item_type.key,
            title=title_of(item_type, data),
            employer=registration.employer,
            person=person,
            ledger=ledger,
            at=registration.at + DAY + timedelta(seconds=int(self.chance.random() * PERIOD)),
            versions=tuple(content | {"data": text} for text in texts),
            sealed=person.sealed,
            file=file,
        )

    def _code(self, item_type: ItemType, pk: int) -> int:
        given = self.codes[item_type.key]
        if given and self.chance.random() < DUPLICATES:
            return pick(self.chance, given)
        given.append(pk)
        return pk

    def _marks(self, item: Record) -> list[dict[str, Any]]:
        of = {"submission_id": item.id, "unit_id": item.employer.id, "type": item.type}
        marks = marks_of(self.of[item.type], item.versions[-1]["data"])
        return [of | {"field": field, "value": value} for field, value in marks]

    def _attachment(self, item: Record) -> dict[str, Any]:
        return self.proof.row(item.file, item.employer.id, item.at)

    def _store_requests(self, session: Session, requested: list[tuple[Record, str]]) -> None:
        ids = reserve_ids(session, Submission, len(requested))
        requests = [self._request(pk, *one) for pk, one in zip(ids, requested, strict=True)]
        store(session, requests)
        facts = [
            {"id": request.id, "item_id": item.id, "reason": request.versions[0]["reason"]}
            for request, (item, _steps) in zip(requests, requested, strict=True)
        ]
        bulk_insert(session, Withdrawal, facts)

    def _request(self, pk: int, item: Record, steps: str) -> Record:
        return Record(
            id=pk,
            kind="withdrawal",
            title=item.title,
            employer=item.employer,
            person=item.person,
            ledger=history("withdrawal", steps),
            at=item.time(item.ledger.newest("pass")) + DAY / 2,
            gap=DAY / 2,
            versions=({"item": item.ref, "reason": pick(self.chance, REASONS)},),
            sealed=None,
        )
