"""An application freezes what it cites: version, verdict, files of its own; and what it cites cannot be taken away."""

import sqlalchemy as sa

from app.attachments import Attachment
from app.review.models import Submission
from tests.applications.nodes.stage import application_line, back, one, unit_passes, verdict
from tests.archive.factories import item_line, request_line, verdict_line
from tests.browsing import text_of
from tests.factories import id_number, registration_line, unit_code

WITHDRAW = "/withdrawals/decide"


def asked_for(stage, n: int = 1) -> int:
    """A request to have the n-th person's item back."""
    return stage.taken(request_line(n, item=f"A{n}", submitted_at="2026-11-12T09:00:00+08:00"))[0]


def test_the_page_shows_each_cited_item_with_its_verdict_and_proof(stage, reader):
    (pk,) = stage.applying(1)
    page = reader("unit").get(f"/applications/show/{pk}")
    (item,) = stage.cited(pk).values()
    assert item["title"] in text_of(page) and "A1的审批意见" in text_of(page)
    assert all(f"/attachments/{file}" in page.text for file in item["data"]["proof"])


def test_its_files_are_attachments_of_its_own(stage):
    (pk,) = stage.applying(1)
    (item,) = stage.cited(pk).values()
    own = {row[0] for row in stage.make.read(sa.select(Attachment.id))}
    item_files = stage.make.read(sa.select(sa.func.count()).select_from(Attachment))[0][0]
    assert set(item["data"]["proof"]) <= own
    assert item_files == len(own) == 2 * len(item["data"]["proof"]) + 1  # the item's, the copies, its attachment


def test_a_later_version_of_the_item_does_not_change_it(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(verdict(1, "return"))
    before = stage.cited(pk)
    asked_for(stage)
    stage.taken(verdict_line(50, of="W1", day=13))
    changed = {"organisation": "后来改成的学会"}
    line = item_line("social_position", 1, changed, id_number=id_number(1), submitted_at="2026-11-14T09:00:00+08:00")
    stage.taken(line)
    assert stage.cited(pk) == before
    assert "后来改成的学会" not in text_of(reader("unit").get(f"/applications/show/{pk}?status=all"))


def test_agreeing_to_withdraw_a_cited_item_is_refused_and_refusing_taken(stage, reader):
    stage.applying(1)
    request = asked_for(stage)
    unit = reader("unit")
    answer = unit.post(WITHDRAW, one(stage.make, request))
    assert answer.status_code == 409
    assert stage.stands(request) == ("pending", "unit")
    assert unit.post(WITHDRAW, one(stage.make, request, "return", "申报中，不予撤回")).status_code == 303


def test_at_whatever_node_the_application_waits(stage, reader):
    stage.applying(1)
    stage.taken(unit_passes(), verdict(2, day=12))
    request = asked_for(stage)
    assert reader("unit").post(WITHDRAW, one(stage.make, request)).status_code == 409


def test_once_it_is_no_longer_pending_the_item_may_go(stage, reader):
    stage.applying(1)
    stage.taken(verdict(1, "return"))
    request = asked_for(stage)
    assert reader("unit").post(WITHDRAW, one(stage.make, request)).status_code == 303


def test_a_feed_that_agrees_is_refused_at_the_verdict(stage):
    stage.applying(1)
    asked_for(stage)
    (refused,) = stage.take(verdict_line(50, of="W1", day=13))
    assert list(refused.errors) == ["verdict"]


def test_a_cited_items_pass_is_not_taken_back(stage, reader):
    unit = reader("unit")
    stage.staff(1)
    (item,) = [row[0] for row in stage.make.read(sa.select(Submission.id).where(Submission.ref == "A1"))]
    stage.taken(application_line(1))
    assert unit.post("/archive/social_position/take_back", back(stage.make, item, "passed")).status_code == 409
    assert stage.stands(item) == ("passed", "unit")


def test_an_item_that_passed_in_a_former_unit_is_read_through_the_application_only(stage, reader):
    stage.staff(1, unit=2)
    stage.taken(registration_line(1, unit_code(1), ref="R1B", submitted_at="2026-11-05T09:00:00+08:00"))
    stage.taken(verdict_line(900, of="R1B", day=6))
    (pk,) = stage.taken(application_line(1))
    unit = reader("unit")
    page = unit.get(f"/applications/show/{pk}")
    (item,) = stage.cited(pk).values()
    assert item["unit"] == "单位2" and "单位2" in text_of(page)
    assert unit.get(f"/attachments/{item['data']['proof'][0]}").status_code == 200
    (own,) = [row[0] for row in stage.make.read(sa.select(Submission.id).where(Submission.ref == "A1"))]
    assert unit.get(f"/archive/social_position/show/{own}").status_code == 404


def test_a_return_by_items_ticks_a_cited_item(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    (key,) = stage.cited(pk)
    ticked = {"item": [f"cited.{key}"], f"remark:cited.{key}": "证书看不清"}
    assert unit.post("/applications/decide", one(stage.make, pk, "return", "请更正", **ticked)).status_code == 303
    page = text_of(unit.get(f"/applications/show/{pk}?status=returned"))
    assert "证书看不清" in page
