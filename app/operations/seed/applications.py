"""Synthetic applications (职称申报), at every node and in every state."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy.orm import Session

from app.applications.models import Application, Citation
from app.applications.route import route_of
from app.archive.catalogue import catalogue
from app.attachments import Attachment
from app.operations.seed.invent import pick
from app.operations.seed.plans import OPENS, Planned, make_plans
from app.operations.seed.proof import Proof
from app.operations.seed.records import REVIEWER, Entries, Record, history, store
from app.operations.seed.said import Said
from app.review.models import Submission
from app.tenancy import bulk_insert, reserve_ids
from app.units.models import Unit
from app.units.regions import path

ITEMS_OF_ONE = 20  # about one application for so many items
CITED = 6  # items at most
PERIOD = 20 * 86400  # seconds in which it comes, after its plan opened and after the newest pass that it cites
# What became of an application: (weight, its steps); `*` are passes at some of the nodes above the unit, `end` at all.
OUTCOMES = (
    (24, "submit"),
    (4, "submit return"),
    (3, "submit return resubmit"),
    (2, "submit terminate"),
    (28, "submit pass *"),
    (5, "submit pass * return"),
    (2, "submit pass * return resubmit"),
    (3, "submit pass * return resubmit pass *"),
    (3, "submit pass * send_back"),
    (3, "submit pass * send_back pass *"),
    (3, "submit pass * terminate"),
    (20, "submit pass end"),
)
# Whose plan: the weight of a region's level, the title applied for, and the one before it.
PLANS = {
    "province": (7, "高级教师", "一级教师"),
    "city": (2, "一级教师", "二级教师"),
    "county": (1, "二级教师", "三级教师"),
}
SPECIALTIES = ("小学教育", "初中数学", "高中物理", "学前教育", "特殊教育", "职业教育")
STATEMENT = "本人承诺所填内容真实、准确，如有虚假愿承担相应责任。"


class Made(NamedTuple):
    """An application, and what it is made of."""

    record: Record
    plan: Planned
    route: str
    cited: Sequence[Record]
    copies: Sequence[str]  # the ids of its own copies of their files


class Applications:
    """Makes the applications of one seeding."""

    def __init__(self, session: Session, chance: random.Random, proof: Proof) -> None:
        self.chance, self.proof = chance, proof
        self.plans = make_plans(session)
        self.said = Said(session, chance, proof)
        self.files = {key: [field.key for field in one.files] for key, one in catalogue().types.items()}

    def store(self, session: Session, items: Sequence[Record], entries: Entries, everything: bool = False) -> None:
        """Applications of some who have passed items among these, citing some of those; `everything`: of all who have,
        citing all."""
        passed: dict[int, list[Record]] = {}
        for item in items:
            if item.status == "passed":
                passed.setdefault(item.person.id, []).append(item)
        chosen = list(passed.values()) if everything else self._some(list(passed.values()), len(items))
        ids = reserve_ids(session, Submission, len(chosen))
        made = [self._made(*one, entries) for one in zip(ids, chosen, strict=True)]
        records = [one.record for one in made]
        own = store(session, records)
        bulk_insert(session, Application, [_facts(one) for one in made])
        bulk_insert(session, Citation, [row for one in made for row in _citations(one)])
        bulk_insert(session, Attachment, [row for one in made for row in self._attachments(one)])
        self.said.store(session, records, own)

    def _some(self, people: Sequence[Sequence[Record]], items: int) -> list[Sequence[Record]]:
        """Some of the people, in their order, each with some of his items."""
        number = min(len(people), -(-items // ITEMS_OF_ONE))
        chosen = (people[n] for n in sorted(self.chance.sample(range(len(people)), number)))
        return [own[: 1 + int(self.chance.random() * CITED)] for own in chosen]

    def _made(self, pk: int, cited: Sequence[Record], entries: Entries) -> Made:
        employer, person = cited[0].employer, cited[0].person
        (level,) = self.chance.choices(list(PLANS), [weight for weight, *_titles in PLANS.values()])
        plan = self.plans[next(region.code for region in path(employer.region) if region.level == level)]
        route = route_of(cast(Unit, employer), plan.region)  # which asks for its region and its department
        ledger = history("application", self._steps(route.count(",")), route)
        copies = [self.proof.file_id(b"application %d %d" % (pk, item.id)) for item in cited]
        content = self._content(level, plan, cited)
        file = self.proof.file_id(b"application %d" % pk)
        content |= {"attachments": [file], "cited": self._cited(cited, copies, entries)}
        # The first version of a resubmitted one said less.
        more = (f"{STATEMENT}第{n}次提交，已补充。" for n in range(2, ledger.last.version + 1))
        since = max(OPENS, *(item.time(item.ledger.newest("pass")) for item in cited))
        record = Record(
            id=pk,
            kind="application",
            title=content["title"],
            employer=employer,
            person=person,
            ledger=ledger,
            at=since + timedelta(seconds=int(self.chance.random() * PERIOD)),
            versions=(content, *(content | {"statement": text} for text in more)),
            sealed=person.sealed,
            due_on=plan.closes_on,
            file=file,
        )
        return Made(record, plan, route, cited, copies)

    def _steps(self, above: int) -> str:
        """The steps of an outcome, where so many nodes lie between the unit and the committee."""
        ((_weight, steps),) = self.chance.choices(OUTCOMES, [weight for weight, _steps in OUTCOMES])
        passes = {"*": lambda: int(self.chance.random() * above), "end": lambda: above}
        return " ".join("pass " * passes[word]() if word in passes else word for word in steps.split())

    def _content(self, level: str, plan: Planned, cited: Sequence[Record]) -> dict[str, Any]:
        """What the application says, as the intake keeps it."""
        _weight, title, current = PLANS[level]
        person = cited[0].person
        return {
            "unit": cited[0].employer.code,
            "id_number": person.number.masked,
            "plan": plan.code,
            "title": title,
            "specialty": pick(self.chance, SPECIALTIES),
            "current_title": current,
            "items": [item.ref for item in cited],
            "statement": STATEMENT,
            "numbers": {"id_number": person.number.index},
        }

    def _cited(self, cited: Sequence[Record], copies: Sequence[str], entries: Entries) -> dict[str, Any]:
        """The items as they were, by their ids."""
        own = zip(cited, copies, strict=True)
        return {str(item.id): self._frozen(item, copy, entries[item.id]) for item, copy in own}

    def _frozen(self, item: Record, copy: str, entries: Sequence[int]) -> dict[str, Any]:
        place, data = item.ledger.newest("pass"), item.versions[-1]["data"]
        files = {key: [copy] if isinstance(data[key], list) else copy for key in self.files[item.type] if key in data}
        step = item.ledger.steps[place]
        verdict = {"entry": entries[place], "at": item.time(place).isoformat(), "opinion": step.opinion}
        return {
            "unit": item.employer.name,
            "submitted_at": item.received.isoformat(),
            "ref": item.ref,
            "type": item.type,
            "title": item.title,
            "version": step.version,
            "data": data | files,
            "verdict": verdict | {"by_name": REVIEWER, "node": step.node},
        }

    def _attachments(self, made: Made) -> Iterator[dict[str, Any]]:
        unit = made.record.employer.id
        yield self.proof.row(made.record.file, unit, made.record.at, "任职资格证书.png")
        for item, copy in zip(made.cited, made.copies, strict=True):
            if any(key in item.versions[-1]["data"] for key in self.files[item.type]):
                yield self.proof.row(copy, unit, item.at)


def _facts(made: Made) -> dict[str, Any]:
    return {
        "id": made.record.id,
        "plan_id": made.plan.id,
        "year": made.plan.year,
        "specialty": made.record.versions[0]["specialty"],
        "route": made.route,
        "data": made.record.content(),
    }


def _citations(made: Made) -> Iterator[dict[str, Any]]:
    of = {"application_id": made.record.id, "unit_id": made.record.employer.id}
    for number, _content in enumerate(made.record.versions, 1):
        for item in made.cited:
            yield of | {"version": number, "item_id": item.id}
