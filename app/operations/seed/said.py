"""Synthetic recommendations (单位推荐意见) with their public notices (公示): drafts, and what a unit's pass froze."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from app.applications.calendar import Judged, judge, kept_days
from app.applications.models import Notice, Recommendation
from app.attachments import Attachment
from app.operations.seed.invent import pick
from app.operations.seed.proof import Proof
from app.operations.seed.records import DAY, FIRST, REVIEWER, Entries, Record
from app.operations.seed.units import INSTITUTION, free_posts
from app.tenancy import bulk_insert, reserve_ids

TEXT = "该同志师德高尚、业务能力强，经公示无异议，同意推荐。"
BEGUN = 0.6  # of what waits at the unit for the first time has a draft
COMPLETE = 0.7  # of those drafts
DAYS = timedelta(days=14)  # from the first day of a notice to its last: five of them work whatever the holiday
TOGETHER, WITHIN = 0.4, timedelta(days=30)  # share the notice of the one before that was over by so much at most
OCCUPIES = 0.7  # of the institutions' statements
POSTS = {"高级教师": ("p5", "p7"), "一级教师": ("p8", "p10"), "二级教师": ("p11", "p12")}  # of a title
EXPLAINED = {True: "按核准的岗位推荐，占用相应岗位一个。", False: "本单位该等级岗位不占用，仅推荐评审。"}
FILES = ("proof", "material")


class Said:
    """Makes what the units say of the applications of one seeding."""

    def __init__(self, session: Session, chance: random.Random, proof: Proof) -> None:
        self.chance, self.proof = chance, proof
        self.kept = kept_days(session)
        self.judged: dict[date, Judged] = {}
        self.taken = Counter[tuple[int, str]]()  # posts of a unit and level

    def store(self, session: Session, records: Sequence[Record], entries: Entries) -> None:
        """Recommendations on some of these applications, with their notices and the files of those."""
        ids, notices = iter(reserve_ids(session, Notice, len(records))), list[dict[str, Any]]()
        said = [row for record in records for row in self._rows(record, entries[record.id], ids, notices)]
        bulk_insert(session, Attachment, [row for notice in notices for row in self._files(notice)])
        bulk_insert(session, Notice, notices)
        bulk_insert(session, Recommendation, said)

    def _rows(
        self, record: Record, entries: Sequence[int], ids: Iterator[int], notices: list[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """What each pass of the unit froze, then the draft of what waits there: a copy where something was frozen."""
        steps, last = record.ledger.steps, record.ledger.last
        passes = [n for n, step in enumerate(steps) if (step.name, step.node) == ("pass", FIRST)]
        waits = (last.after, last.to_node) == ("pending", FIRST)
        drafted = waits and (bool(passes) or self.chance.random() < BEGUN)
        if not passes and not drafted:
            return
        whole = bool(passes) or self.chance.random() < COMPLETE
        notice = self._notice(record, passes, ids, notices) if whole else None
        position = self._position(record, whole)
        said = {"unit_id": record.employer.id, "application_id": record.id, "text": TEXT, "stamped": [], "steps": 0}
        said |= {"notice_id": notice and notice["id"], **position}
        exceeds = bool(passes) and self._exceeds(record, position["level"])
        reason = "经主管部门同意，先推荐后消化。" if exceeds else ""
        for place in passes:
            frozen = {"version": steps[place].version, "entry_id": entries[place]}
            yield said | frozen | {"exceeds": exceeds, "exceeds_reason": reason}
        if drafted:
            yield said | {"version": last.version, "entry_id": None, "exceeds": False, "exceeds_reason": ""}

    def _position(self, record: Record, whole: bool) -> dict[str, Any]:
        """The statement on the position, which a public institution makes."""
        if record.employer.nature != INSTITUTION or not whole:
            return {"occupies": None, "category": "", "level": "", "explanation": ""}
        occupies = self.chance.random() < OCCUPIES
        place = ("professional", pick(self.chance, POSTS[record.title])) if occupies else ("", "")
        return {"occupies": occupies, "category": place[0], "level": place[1], "explanation": EXPLAINED[occupies]}

    def _exceeds(self, record: Record, level: str) -> bool:
        """Whether a pass takes more than what remained; of a unit that has entered no posts nothing does."""
        free = free_posts(record.employer)
        if not level or free is None:
            return False
        place = record.employer.id, level
        self.taken[place] += 1
        return self.taken[place] > free[level]

    def _notice(
        self, record: Record, passes: Sequence[int], ids: Iterator[int], notices: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """A notice that was over the day before the unit's pass, or before it came; now and then that of the
        application before."""
        at = record.time(passes[0]) if passes else record.at
        ends = at.astimezone(clock.ZONE).date() - DAY
        if notices and _is_near(notices[-1], record, ends) and self.chance.random() < TOGETHER:
            notices[-1]["shared"] = True
            return notices[-1]
        if ends not in self.judged:
            self.judged[ends] = judge(ends - DAYS, ends, self.kept)
        judged, pk = self.judged[ends], next(ids)
        notice = {
            "id": pk,
            "unit_id": record.employer.id,
            "shared": False,
            "begins_on": ends - DAYS,
            "ends_on": ends,
            "working_days": judged.days,
            "basis": judged.basis,
            "place": "单位公告栏",
            "contact": "人事科",
            "objections": [],
            "steps": 0,
            "by_name": REVIEWER,
            "at": at,
        }
        notices.append(notice | {name: [self.proof.file_id(b"%s %d" % (name.encode(), pk))] for name in FILES})
        return notices[-1]

    def _files(self, notice: dict[str, Any]) -> list[dict[str, Any]]:
        return [self.proof.row(notice[name][0], notice["unit_id"], notice["at"], "公示材料.png") for name in FILES]


def _is_near(notice: dict[str, Any], record: Record, ends: date) -> bool:
    """Whether a notice is of the application's unit and was over not long before."""
    return notice["unit_id"] == record.employer.id and timedelta() <= ends - notice["ends_on"] <= WITHIN
