"""The review page of an application: what stands on it once, in which order, and what a refusal keeps of it."""

import re

from tests.applications.nodes.stage import one, post_approval_line, unit_passes
from tests.browsing import part, text_of


def test_the_number_of_the_document_stands_once(stage, reader):
    (pk,) = stage.applying(1)
    material = part(reader("unit").get(f"/applications/show/{pk}"), '<div class="material">', '<div class="aside">')
    assert text_of(material).count("证件号码") == 1


def test_the_plan_is_told_in_the_words_of_the_list_of_plans(stage, reader):
    (pk,) = stage.applying(1)
    said = text_of(reader("unit").get(f"/applications/show/{pk}"))
    assert "年度 2026" in said and "级别 副高级" in said and "年份" not in said


def test_the_ledger_of_positions_is_grouped_with_sums(stage, reader):
    posts = [("professional", "p7", 4, 3), ("management", "m7", 2, 1), ("professional", "p5", 3, 0)]
    names = ("category", "level", "approved", "filled")
    stage.taken(post_approval_line(posts=[dict(zip(names, post, strict=True)) for post in posts]))
    (pk,) = stage.applying(1)
    table = part(reader("unit").get(f"/applications/show/{pk}"), '<table class="figures"', "</table>")
    rows = [text_of(part(row, "<tr", "</tr>")) for row in _rows(table)]
    assert rows[1:] == [
        "管理岗位 2 1 0 1",
        "管理七级 2 1 0 1",
        "专业技术岗位 7 3 0 4",
        "专业技术五级 3 0 0 3",
        "专业技术七级 4 3 0 1",
        "合计 9 4 0 5",
    ]


def _rows(table):
    return [type("Row", (), {"text": row}) for row in re.findall(r"<tr.*?</tr>", table.text, flags=re.S)]


def test_a_long_opinion_of_an_earlier_node_unfolds(stage, reader):
    (pk,) = stage.applying(1)
    stage.taken(unit_passes(opinion="经核实，" * 40))
    said = part(reader("department").get(f"/applications/show/{pk}"), '<section class="said-before"', "</section>").text
    assert '<details class="long">' in said and "经核实，" * 40 in said


def test_a_refused_pass_keeps_its_place_in_the_list(stage, reader):
    first, _second = stage.applying(1, 2)
    answer = reader("unit").post("/applications/decide", one(stage.make, first))
    assert answer.status_code == 409
    assert "第 1 / 2 条" in text_of(answer)
