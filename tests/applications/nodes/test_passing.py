"""The unit passes an application on only with a whole recommendation (R21, R22): singly, forged, and in a batch."""

import io

import pytest

from tests.applications.nodes.stage import FREE, OCCUPIED, application_line, back, one, unit_passes, verdict
from tests.archive.factories import pdf, png
from tests.browsing import Browser, text_of

DECIDE, TAKE_BACK = "/applications/decide", "/applications/take_back"
WHOLE = {
    "text": "同意推荐",
    "begins_on": "2026-10-26",
    "ends_on": "2026-10-30",
    "occupies": "1",
    "category": "professional",
    "level": "p7",
    "explanation": "占用副高级岗位1个",
}
# what the form lacks → how the refusal names it
LACKING = {
    "text": ({"text": ""}, "推荐意见"),
    "one of the days": ({"ends_on": ""}, "公示"),
    "a fifth working day": ({"ends_on": "2026-10-29"}, "5 个工作日"),
    "the end of the notice": ({"begins_on": "2099-01-05", "ends_on": "2099-01-30"}, "公示"),
    "the position": ({"occupies": ""}, "职位"),
    "the level": ({"level": ""}, "等级"),
    "the explanation": ({"explanation": ""}, "说明"),
}


def draft(browser: Browser, pk: int, files: tuple[str, ...] = ("proof", "material"), **changes: str):
    """The form of the review page, saved with a file for each of these lists."""
    steps = 0
    for name in files:
        content = {"file": (io.BytesIO(pdf() if name == "proof" else png()), f"{name}.pdf")}
        answer = browser.post(f"/applications/upload/{pk}/{name}", content, headers={"Accept": "application/json"})
        steps = answer.get_json()["steps"]
    return browser.post(f"/applications/recommend/{pk}", WHOLE | {"steps": str(steps)} | changes)


def test_a_whole_recommendation_goes_on_and_is_frozen(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    assert draft(unit, pk).status_code == 303
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 303
    (said,) = stage.drafts(pk)
    assert (said.text, said.level, said.entry_id is not None) == ("同意推荐", "p7", True)
    assert stage.stands(pk) == ("pending", "department")


@pytest.mark.parametrize("lacking", LACKING, ids=str)
def test_each_missing_part_refuses_the_pass(stage, reader, lacking):
    changes, named = LACKING[lacking]
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk, **changes)
    answer = unit.post(DECIDE, one(stage.make, pk))
    assert answer.status_code == 409
    assert named in text_of(answer)
    assert stage.stands(pk) == ("pending", "unit")


@pytest.mark.parametrize(("files", "named"), [(("material",), "公示证明"), (("proof",), "公示材料")])
def test_a_missing_file_refuses_the_pass(stage, reader, files, named):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk, files=files)
    answer = unit.post(DECIDE, one(stage.make, pk))
    assert (answer.status_code, named in text_of(answer)) == (409, True)


@pytest.mark.parametrize("lacking", LACKING, ids=str)
def test_in_a_batch_it_is_left_with_the_reason(stage, reader, lacking):
    changes, named = LACKING[lacking]
    whole, part = stage.applying(1, 2)
    unit = reader("unit")
    draft(unit, whole)
    draft(unit, part, **changes)
    form = {"rowid": [f"{whole}:1", f"{part}:1"], "verdict": "pass", "opinion": "同意"}
    left = unit.post("/applications/preview", form).get_json()
    assert (left["decide"], [named in one["reason"] for one in left["left"]]) == (1, [True])
    answer = unit.post(DECIDE, form, follow_redirects=True)
    assert named in text_of(answer)
    assert (stage.stands(whole), stage.stands(part)) == (("pending", "department"), ("pending", "unit"))


@pytest.mark.parametrize(("verdict", "more"), [("return", {}), ("terminate", {"confirm_name": "人员1"})])
def test_a_return_and_a_termination_need_none(stage, reader, verdict, more):
    (pk,) = stage.applying(1)
    assert reader("unit").post(DECIDE, one(stage.make, pk, verdict, **more)).status_code == 303


def test_a_company_states_no_position(stage, reader):
    (pk,) = stage.applying(1, unit=2)
    company = reader("company")
    page = company.get(f"/applications/show/{pk}")
    assert "岗位" not in text_of(page) and "职位数" not in text_of(page)
    assert draft(company, pk, occupies="", category="", level="", explanation="").status_code == 303
    assert company.post(DECIDE, one(stage.make, pk)).status_code == 303


def test_what_was_typed_stays_beside_what_is_wrong(stage, reader):
    (pk,) = stage.applying(1)
    answer = draft(reader("unit"), pk, begins_on="26日", text="已写好的意见")
    assert answer.status_code == 400
    assert 'value="26日"' in answer.text and "已写好的意见" in answer.text


def test_a_draft_that_somebody_saved_meanwhile_is_not_overwritten(stage, reader):
    (pk,) = stage.applying(1)
    first, second = reader("unit"), reader("unit2")
    draft(first, pk, files=(), text="先保存的意见")
    answer = second.post(f"/applications/recommend/{pk}", WHOLE | {"steps": "0", "text": "后写的意见"})
    assert answer.status_code == 409
    assert "后写的意见" in answer.text and "先保存的意见" in answer.text
    assert [said.text for said in stage.drafts(pk)] == ["先保存的意见"]


def test_a_frozen_recommendation_takes_no_form(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    answer = reader("unit").post(f"/applications/recommend/{pk}", WHOLE | {"steps": "0", "text": "改"})
    assert answer.status_code == 409
    assert [said.text for said in stage.drafts(pk)] == ["该同志师德高尚，经公示无异议，同意推荐。"]


def test_a_clerk_writes_none(stage, reader):
    (pk,) = stage.applying(1)
    answer = reader("clerk").post(f"/applications/recommend/{pk}", WHOLE | {"steps": "0"})
    assert answer.status_code in (302, 403)
    assert stage.drafts(pk) == []


def test_taken_back_it_is_a_draft_again_and_what_was_frozen_stays(stage, reader):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk)
    unit.post(DECIDE, one(stage.make, pk))
    unit.post(TAKE_BACK, back(stage.make, pk))
    frozen, again = stage.drafts(pk)
    assert (frozen.entry_id is not None, again.entry_id, again.text) == (True, None, "同意推荐")
    assert stage.stands(pk) == ("pending", "unit")


def test_sent_back_the_unit_completes_it_and_passes_it_again(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    reader("department").post(DECIDE, one(stage.make, pk, "send_back", "请写明任职年限"))
    unit = reader("unit")
    assert "请写明任职年限" in text_of(unit.get(f"/applications/show/{pk}"))
    (_frozen, again) = stage.drafts(pk)
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 303
    assert stage.stands(pk) == ("pending", "department")
    assert stage.drafts(pk)[-1].id == again.id


def test_a_sending_back_that_is_taken_back_leaves_no_draft(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    department = reader("department")
    department.post(DECIDE, one(stage.make, pk, "send_back", "请补充"))
    assert department.post(TAKE_BACK, back(stage.make, pk)).status_code == 303
    assert stage.stands(pk) == ("pending", "department")
    assert [said.entry_id is not None for said in stage.drafts(pk)] == [True]


def test_a_resubmission_starts_from_a_copy(stage):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(), verdict(2, "return", day=12))
    stage.taken(application_line(1, statement="已更正", submitted_at="2026-11-13T09:00:00+08:00"))
    frozen, again = stage.drafts(pk)
    assert (frozen.version, again.version, again.text) == (1, 2, frozen.text)


def test_the_later_nodes_read_what_was_said(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=OCCUPIED))
    page = text_of(reader("department").get(f"/applications/show/{pk}"))
    for said in ("经公示无异议", "2026-10-26", "占用副高级岗位1个", "T1的审批意见1"):
        assert said in page


def test_they_do_not_read_a_draft(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(position=FREE))
    department, unit = reader("department"), reader("unit")
    department.post(DECIDE, one(stage.make, pk, "send_back", "请补充"))
    steps = sum(said.steps for said in stage.drafts(pk)[1:])
    unit.post(f"/applications/recommend/{pk}", WHOLE | {"steps": str(steps), "text": "尚未提交的草稿"})
    assert "尚未提交的草稿" not in text_of(department.get(f"/applications/show/{pk}"))


UNSEEN = "\u200b \u2060\ufeff\u3164"


@pytest.mark.parametrize("name", ["text", "explanation"])
def test_a_text_that_nobody_can_see_is_none(stage, reader, name):
    (pk,) = stage.applying(1)
    unit = reader("unit")
    draft(unit, pk, **{name: UNSEEN})
    assert unit.post(DECIDE, one(stage.make, pk)).status_code == 409
    assert stage.stands(pk) == ("pending", "unit")


def test_a_company_states_none_by_a_forged_form_either(stage, reader):
    (pk,) = stage.applying(1, unit=2)
    company = reader("company")
    draft(company, pk)
    assert company.post(DECIDE, one(stage.make, pk)).status_code == 303
    (said,) = stage.drafts(pk)
    assert (said.occupies, said.level, said.explanation) == (None, "", "")


@pytest.mark.parametrize("day", ["2026-W44-1", "20261026", "１９９９-01-01"])
def test_a_day_is_written_in_one_way(stage, reader, day):
    (pk,) = stage.applying(1)
    answer = draft(reader("unit"), pk, begins_on=day)
    assert (answer.status_code, "rec-begins_on-error" in answer.text) == (400, True)
