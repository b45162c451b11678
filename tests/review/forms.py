"""What the pages of the desk post, and where their answers say what."""

from typing import Any

from tests.browsing import part, text_of

LIST, DECIDE, TAKE_BACK = "/registrations/list/", "/registrations/decide", "/registrations/take_back"

# What a list may be asked for, and an export with it.
QUERIES = [
    "",
    "status=all",
    "status=all&sort=-name",
    "status=passed",
    "q=%E4%BA%BA%E5%91%982",
    "gender=2&status=all",
    "from=2026-11-02&to=2026-11-03",
    "q=nobody",
]


def show(pk: int) -> str:
    """The address of a review page."""
    return f"/registrations/show/{pk}"


def one(pk: int, verdict: str = "pass", opinion: str = "已核对", steps: int = 1) -> dict[str, Any]:
    """The form of the review page, which had seen so many steps of the record."""
    return {"rowid": f"{pk}:{steps}", "single": "1", "verdict": verdict, "opinion": opinion}


def several(*ids: int, verdict: str = "pass", opinion: str = "已核对") -> dict[str, Any]:
    """The form of the list with ticked rows."""
    return {"rowid": [f"{pk}:1" for pk in ids], "verdict": verdict, "opinion": opinion}


def fact(answer: Any, path: str) -> str:
    """What the review page says of one fact of the newest version."""
    return text_of(part(answer, f'id="fact-{path}"', "</div>")).partition("> ")[2]


def refused_beside(answer: Any, problem: str) -> bool:
    """Whether the page was refused with the problem beside a field that points at it."""
    beside = f'id="{problem}"' in answer.text and f'{problem}"' in answer.text.split("aria-describedby=", 1)[-1]
    return answer.status_code == 400 and beside
