"""What the dialogs of applications say follows from a verdict, and what the script hears of a draft."""

import json
import re

import pytest

from tests.applications.nodes.stage import PROOFS, application_line, open_plan_line, unit_passes, verdict
from tests.browsing import part, text_of

JSON = {"headers": {"Accept": "application/json", "Origin": "http://localhost"}, "buffered": True}


def dialog(browser, pk, verdict):
    """What the dialog of a verdict says."""
    page = browser.get(f"/applications/show/{pk}")
    return part(page, f'<dialog class="dialog" id="dialog-{verdict}"', "</dialog>").text


@pytest.mark.parametrize(
    ("who", "passes", "told"),
    [
        ("unit", 0, "将提交至：主管部门。"),
        ("department", 1, "将提交至：县级人社部门。"),
        ("county", 2, "将提交至：市级人社部门。"),
        ("province", 4, "通过后将报送评委会。"),
    ],
)
def test_a_pass_says_where_the_application_goes_on_its_own_route(stage, reader, who, passes, told):
    (pk,) = stage.applying(1)
    stage.taken(*[unit_passes(), verdict(2), verdict(3), verdict(4)][:passes])
    assert told in dialog(reader(who), pk, "pass")


def test_a_pass_of_a_unit_without_a_department_goes_to_its_county(stage, reader):
    (pk,) = stage.applying(1, unit=2)
    assert "将提交至：县级人社部门。" in dialog(reader("company"), pk, "pass")


def test_a_batch_has_no_next_node(stage, reader):
    stage.applying(1)
    page = reader("unit").get("/applications/list/")
    assert "将提交至" not in page.text


def test_sending_back_says_that_the_recommendation_is_a_draft_again(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes())
    assert "单位推荐意见恢复为草稿" in dialog(reader("department"), pk, "send_back")


def test_a_termination_names_the_person_and_the_year(stage, reader):
    (pk,) = stage.applying(1)
    said = dialog(reader("unit"), pk, "terminate")
    assert "终止后，人员1在 2026 年度内不能再次申报。" in said
    assert 'data-expected="人员1"' in said


def test_a_batch_of_terminations_is_told_of_the_year_too(stage, reader):
    stage.applying(1)
    assert "在评审计划所属年度内不能再次申报" in reader("unit").get("/applications/list/").text


def test_a_cited_item_is_headed_by_its_type_and_title_with_its_verdict_below(stage, reader):
    (pk,) = stage.applying(1)
    item = part(reader("unit").get(f"/applications/show/{pk}"), '<article class="item"', "</article>").text
    assert re.search(r'<span class="type">学术兼职</span> \S', item)
    assert re.search(r'<p class="passed">.*审核通过：A1的审批意见</span></p>', item)


def upload(browser, stage, pk, steps):
    """A proof is sent from a page that had seen so many changes of the draft; what the script hears."""
    with (stage.folder / PROOFS[0]).open("rb") as file:
        answer = browser.post(f"/applications/upload/{pk}/proof", {"file": (file, PROOFS[0]), "steps": steps}, **JSON)
    return json.loads(answer.text)


def test_a_file_that_is_sent_says_what_the_draft_holds_now(stage, reader):
    (pk,) = stage.applying(1)
    said = upload(reader("unit"), stage, pk, 0)
    assert [file["name"] for file in said["files"]["proof"]] == [PROOFS[0]]
    assert said["files"]["proof"][0]["url"].endswith("/page")
    assert (said["stale"], said["steps"]) == (False, 1)
    assert "proof" not in [lack["anchor"] for lack in said["missing"]]


def test_a_file_sent_from_a_page_that_is_behind_is_kept_and_the_page_hears_of_it(stage, reader):
    (pk,) = stage.applying(1)
    browser = reader("unit")
    upload(browser, stage, pk, 0)
    said = upload(browser, stage, pk, 0)
    assert said["stale"] is True
    assert len(said["files"]["proof"]) == 2


def test_the_persons_other_applications_are_named_with_their_state(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(verdict(2, "terminate"), open_plan_line("P2", year=2027), application_line(1, ref="T1-2027", plan="P2"))
    page = text_of(reader("unit").get(f"/applications/show/{pk}?status=terminated"))
    assert "此人的其他申报 2027 高级教师 · P2评审计划 · 待审核" in page
