"""An objection without an outcome is told where the application is passed, which it does not forbid."""

from tests.applications.nodes.stage import one
from tests.browsing import links, part, text_of

OBJECTION = {"by": "王某", "about": "", "text": "论文署名有疑义", "outcome": ""}
NONE_YET = "公示有 1 条异议尚无处理结果"


def test_the_form_and_the_dialog_say_that_an_objection_has_no_outcome(board, stage):
    (pk,) = stage.applying(1)
    notice = board.complete(pk)
    assert board.post("object", notice, **OBJECTION).status_code == 303
    page = board.browser.get(f"/applications/show/{pk}")
    assert links(page, "登记处理结果") == [f"/notices/show/{notice}#objections"]
    dialog = part(page, '<dialog class="dialog" id="dialog-pass"', "</dialog>")
    assert NONE_YET in text_of(dialog) and "论文署名有疑义" in text_of(page)
    assert board.browser.post("/applications/decide", one(stage.make, pk)).status_code == 303  # not forbidden


def test_an_objection_with_its_outcome_is_not_told_of(board, stage):
    (pk,) = stage.applying(1)
    notice = board.complete(pk)
    board.post("object", notice, **OBJECTION | {"outcome": "经核实，异议不成立"})
    assert NONE_YET not in text_of(board.browser.get(f"/applications/show/{pk}"))


def test_what_was_sent_back_shows_the_open_objections_of_its_notice(board, stage, reader):
    (pk,) = stage.applying(1)
    notice = board.complete(pk)
    board.post("object", notice, **OBJECTION)
    board.browser.post("/applications/decide", one(stage.make, pk))
    reader("department").post("/applications/decide", one(stage.make, pk, "send_back", "请处理异议"))
    assert NONE_YET in text_of(board.browser.get(f"/applications/show/{pk}"))
