"""Post approvals (岗位核准信息): a line of the feed, a form as it is typed, and what became of them."""

import io
import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.tenancy import reaching
from app.units.models import PostApproval
from tests.attachments import files
from tests.browsing import Browser, part, text_of, value_of
from tests.factories import Make, unit_code

HOME, SUBMIT = "/posts/", "/posts/submit"
NUMBER = "鼓人社〔2026〕1号"
ROWS = (("management", "m7", 2, 1), ("professional", "p8", 8, 5))
NAMES = ("category", "level", "approved", "filled")


def post(category: str, level: str, approved: int, filled: int) -> dict[str, Any]:
    return {"category": category, "level": level, "approved": approved, "filled": filled}


def line(n: int = 1, *rows: tuple[str, str, int, int], **changes: Any) -> dict[str, Any]:
    """The n-th approval of the first unit, with `form.pdf` beside the feed."""
    whole = {
        "kind": "post_approval",
        "ref": f"P{n}",
        "unit": unit_code(1),
        "document_number": f"鼓人社〔2026〕{n}号",
        "authority": "鼓楼区人力资源和社会保障局",
        "approved_on": "2026-03-01",
        "total": 12,
        "posts": [post(*row) for row in rows or ROWS],
        "form": {"file": "form.pdf"},
    }
    return whole | changes


def beside(folder: Path) -> Path:
    """The folder with `form.pdf`, the same bytes as `again.pdf`, and `other.png`."""
    for name, content in {"form.pdf": files.PDF, "again.pdf": files.PDF, "other.png": files.PNG}.items():
        (folder / name).write_bytes(content)
    return folder


def file(content: bytes = files.PDF, name: str = "核准表.pdf") -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(content), name


def typed(*rows: tuple[Any, ...], **changes: Any) -> dict[str, Any]:
    """The form filled in; `form` is the file, `kept` the token of one that was handed in, `step` the button."""
    fields = {
        "document_number": NUMBER,
        "authority": "鼓楼区人力资源和社会保障局",
        "approved_on": "2026-03-01",
        "total": "12",
        "step": "check",
    }
    for number, row in enumerate(rows or ROWS, 1):
        fields |= {f"posts.{number}.{name}": str(value) for name, value in zip(NAMES, row, strict=True)}
    return fields | changes


def kept_by(browser: Browser, *rows: tuple[Any, ...], **changes: Any) -> str:
    """The token of a file that was handed in with a form, which was shown once more."""
    page = browser.post(SUBMIT, typed(*rows, form=file(), **changes))
    assert page.status_code == 200, text_of(page)
    return value_of(page, "kept")


def submitted(browser: Browser, *rows: tuple[Any, ...], **changes: Any) -> TestResponse:
    """The answer to 提交, after the form was shown once more."""
    token = kept_by(browser, *rows, **changes)
    return browser.post(SUBMIT, typed(*rows, kept=token, step="submit", **changes))


def error_at(page: TestResponse, name: str) -> str:
    """What stands beside a field of the form; its id, as `posts-1-level`."""
    return text_of(part(page, f'id="{name}-error"', "</p>")).split(">", 1)[-1].strip()


def errors(page: TestResponse) -> list[str]:
    """The ids of the fields that something is wrong with, in the order of the page."""
    marks = re.findall(r'aria-describedby="([\w-]+)-error" aria-invalid="true"', page.text)
    return marks if not re.search(r'id="posts-error"(?! hidden)', page.text) else [*marks, "posts"]


def stored(make: Make) -> list[Any]:
    """Every approval as it is stored."""
    table = PostApproval.__table__
    return make.read(reaching(sa.select(table).order_by(table.c.id), "a test looks"))
