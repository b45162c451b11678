"""The kind `news`: what the HR bureau of the province tells, entered once; later it is withdrawn on screen."""

import sqlalchemy as sa

from app.home.models import News
from app.home.news import written
from app.home.news.form import LONGEST
from app.intake.fields import Errors, Field
from app.intake.kinds import Kind, Known, Line
from app.intake.readers import long
from app.intake.wording import gettext
from config import PROVINCE

FIELDS = (Field("title", "text"), Field("body", long(LONGEST)), Field("published_at", "time"))


def known(line: Line) -> Known | None:
    row = line.session.execute(sa.select(News.id, News.digest).where(News.ref == line.ref)).first()
    return row and Known(row.id, row.digest == line.digest)


def judge(line: Line) -> Errors:
    return {"ref": [gettext("this news is here already; it changes on screen only")]} if line.known else {}


def store(line: Line) -> tuple[str, int]:
    columns = written(line.data["title"], line.data["body"], PROVINCE)
    times = {"created_at": line.now, "changed_at": line.now, "published_at": line.data["published_at"]}
    row = News(**columns, **times, ref=line.ref, digest=line.digest)
    line.session.add(row)
    line.session.flush()
    return "created", row.id


NEWS = Kind("news", FIELDS, known, judge, store, operator=True)
