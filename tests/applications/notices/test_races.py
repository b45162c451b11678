"""Two administrators of a unit at the same moment, on both engines: no pass rests on a notice that lost what it had."""

import pytest

from tests.applications.notices.board import OVER, Board
from tests.review.test_races import at_once

TIMES = 6


@pytest.fixture
def other(stage, reader) -> Board:
    """The second administrator."""
    return Board(reader("unit2"), stage)


def test_a_proof_is_removed_while_an_application_is_passed_with_it(stage, board, other):
    for n in range(1, TIMES + 1):
        (pk,) = stage.applying(n)
        notice = board.complete(pk)
        board.page(notice)
        other.page(notice)
        remove = {"remove": f"proof:{board.notice(notice).proof[0]}"}
        verdict = {"rowid": f"{pk}:1", "verdict": "pass", "opinion": "同意"}
        at_once(
            lambda notice=notice, form=remove: board.browser.post(f"/notices/remove_file/{notice}", form).status_code,
            lambda form=verdict: other.browser.post("/applications/decide", form).status_code,
        )
        passed = stage.stands(pk) != ("pending", "unit")
        assert (passed, bool(board.notice(notice).proof)) in ((True, True), (False, False))


def test_an_application_comes_into_one_of_two_notices(stage, board, other):
    for n in range(1, TIMES + 1):
        (pk,) = stage.applying(n)
        form = {"rowid": f"{pk}:1", **OVER}
        answers = at_once(
            lambda form=form: board.browser.post("/notices/new", form).status_code,
            lambda form=form: other.browser.post("/notices/new", form).status_code,
        )
        assert (sorted(answers), len(stage.drafts(pk))) == ([303, 409], 1)
