"""What a unit's administrator does with public notices, as the forms of their pages do it."""

import io
import re
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.applications.models import Notice
from tests.applications.nodes.stage import Stage
from tests.archive.factories import png
from tests.browsing import Browser, part, text_of, value_of

LIST, NEW = "/notices/list/", "/notices/new"
OVER = {"begins_on": "2026-11-16", "ends_on": "2026-11-20"}  # five working days, and past in all these tests
WRITTEN = {"text": "同意推荐", "occupies": "0", "explanation": "不占用"}
JSON = {"headers": {"Accept": "application/json", "Origin": "http://localhost"}}


class Board:
    """A browser at a unit's notices."""

    def __init__(self, browser: Browser, stage: Stage) -> None:
        self.browser, self.stage = browser, stage

    def begin(self, *ids: int, **fields: Any) -> TestResponse:
        """The answer to the form of a new notice of applications that nobody decided yet."""
        return self.browser.post(NEW, {"rowid": [f"{pk}:1" for pk in ids], **OVER, **fields})

    def made(self, *ids: int, **fields: Any) -> int:
        """The id of a new notice."""
        answer = self.begin(*ids, **fields)
        assert answer.status_code == 303, text_of(answer)
        return int(answer.location.rpartition("/")[2])

    def page(self, pk: int) -> TestResponse:
        return self.browser.get(f"/notices/show/{pk}")

    def post(self, action: str, pk: int, **fields: Any) -> TestResponse:
        """A form of the notice's page as it stands now: `post("edit", pk, ends_on=…)`."""
        steps = {"steps": str(self.notice(pk).steps)}
        return self.browser.post(f"/notices/{action}/{pk}", steps | fields)

    def upload(self, pk: int, name: str, content: bytes = b"", **options: Any) -> TestResponse:
        file = {"file": (io.BytesIO(content or png()), f"{name}.png")}
        return self.browser.post(f"/notices/upload/{pk}/{name}", file, **options)

    def prove(self, pk: int) -> None:
        """Its proof and its material are uploaded, once for all."""
        assert [self.upload(pk, name).status_code for name in ("proof", "material")] == [303, 303]

    def write(self, pk: int, rows: dict[int, dict[str, str]]) -> TestResponse:
        """The answer to the table with some rows written, all others as its page has them."""
        return self.browser.post(f"/notices/texts/{pk}", table_of(self.page(pk)) | fields(rows))

    def complete(self, *ids: int) -> int:
        """A notice of applications that is over, proved, and written for each; its id."""
        pk = self.made(*ids)
        self.prove(pk)
        assert self.write(pk, dict.fromkeys(ids, WRITTEN)).status_code == 303
        return pk

    def passes(self, pk: int) -> TestResponse:
        """The answer to 批量通过 of all that the page offers."""
        tokens = re.findall(r'form="pass" name="rowid" value="([^"]+)"', self.page(pk).text)
        form = {"rowid": tokens, "verdict": "pass", "opinion": "同意", "query": f"notice={pk}"}
        return self.browser.post("/applications/decide", form, follow_redirects=True)

    def notice(self, pk: int) -> Any:
        """The notice as it is stored; None for one that is not there."""
        rows = self.stage.make.read(sa.select(Notice).where(Notice.id == pk))
        return rows[0][0] if rows else None

    def drafts_in(self, *ids: int) -> list[int | None]:
        """The notice of what is said last of each application."""
        return [said[-1].notice_id if (said := self.stage.drafts(pk)) else None for pk in ids]


def fields(rows: dict[int, dict[str, str]]) -> dict[str, str]:
    """Rows of the table as their fields."""
    return {f"{name}:{pk}": value for pk, values in rows.items() for name, value in values.items()}


def table_of(answer: TestResponse) -> dict[str, str]:
    """The fields of the table as a page has them."""
    names = re.findall(r'name="((?:seen|text|occupies|level|explanation):[0-9]+)"', answer.text)
    return {name: value_of(answer, name) for name in names}


def chosen(answer: TestResponse) -> list[str]:
    """The tokens of the applications that the page of a new notice would take."""
    return re.findall(r'type="hidden" name="rowid" value="([^"]+)"', answer.text)


def lacks(page: TestResponse, pk: int) -> str:
    """What the last cell of a row says."""
    return text_of(part(part(page, f'id="r{pk}"', "</tr>"), 'class="stands"', "</td>")).partition("> ")[2]


def state(answer: TestResponse) -> str:
    """The state that stands beside the heading of a notice's page."""
    return re.search(r"<h1>.*?<span class=\"pill \w+\">(.*?)</span>", answer.text, flags=re.S)[1]
