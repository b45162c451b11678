"""申报评审简表 and 公示名单: all that came in stands on the paper, whole and where it belongs."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from app.applications.paper.posting import notice_list
from app.applications.paper.press import Pair
from app.applications.paper.sheet import Category, Cited, Opinion, Opinions, Part, Recommendation, review_form
from config import ROOT
from tests.applications import papers
from tests.applications.papers import misplaced, pages, squeezed

PRINTED = {
    "form": (review_form, papers.review_form()),
    "posting": (notice_list, papers.posting()),
}
ODD = {
    "nothing": "",
    "a long name": "欧阳𠮷㛃" * 50,
    "no break": "abcdefgh" * 40,
    "wide letters": "W" * 200,
    "no line may begin with it": "，" * 300,
    "no line may end with it": "（" * 300,
    "one line of spaces": "\u3000" * 300,
    "spaces that hold together": "字\u00a0" * 200,
    "many lines": "一\n" * 60,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 20,
    "control characters": "".join(map(chr, range(32))),
    "directions": "\u202e\u200f林晓燕\u202c\u2066",
    "half a character": "\ud842林\udfb7",
    "words to the setter": '#panic() $ * _ ` \\ " @ <a> // {page}',
}


def tokens(count: int) -> str:
    """A long text each part of which can be found again."""
    return "".join(f"〔{number:04}〕任现职以来承担教学" for number in range(count))


@pytest.mark.parametrize("name", PRINTED)
def test_each_text_that_came_in_is_on_the_paper(name):
    draw, document = PRINTED[name]
    said = "".join(pages(draw(document)))
    assert [text for text in papers.texts(document) if squeezed(text) not in said] == []


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", PRINTED)
def test_nothing_leaves_the_page_or_its_cell(name, odd):
    draw, document = PRINTED[name]
    assert misplaced(draw(papers.filled(document, ODD[odd]))) == []


def test_a_text_of_five_thousand_characters_is_whole():
    application = Part("申报情况", (Pair("个人述职", tokens(320)),))
    pdf = review_form(papers.review_form(application=application))
    said = "".join(re.sub("编号：.*?页共.*?页|个人述职", "", page) for page in pages(pdf))
    assert tokens(320) in said
    assert misplaced(pdf) == []


@pytest.mark.parametrize("name", ["𠮷", "㛃", "𬎆", "𫚭", "𱁬", "𰻝", "Łódź", "Đặng"])
def test_a_rare_character_is_printed(name):
    person = Part("申报人", (Pair("姓名", name),))
    assert f"姓名{name}" in pages(review_form(papers.review_form(person=person)))[0]


def test_pages_are_numbered():
    said = pages(notice_list(papers.posting(60)))
    assert len(said) > 2
    assert [f"第{number}页共{len(said)}页" in page for number, page in enumerate(said, 1)] == [True] * len(said)


def test_more_items_need_more_pages_and_each_begins_with_the_heads():
    cited = papers.review_form().cited
    many = replace(cited, categories=(Category("论文论著", papers.items(40)),))
    said = pages(review_form(papers.review_form(cited=many)))
    assert len(said) > len(pages(review_form(papers.review_form())))
    going_on = [page for page in said[1:] if "课堂观察" in page]
    assert len(going_on) >= 2
    assert all(page.startswith("".join(cited.columns) + "论文论著") for page in going_on)


def test_an_item_is_not_divided_between_two_pages():
    many = (Category("论文论著", papers.items(60)),)
    for page in pages(review_form(papers.review_form(cited=replace(papers.review_form().cited, categories=many)))):
        assert page.count("课堂观察") == page.count("第一作者")


@pytest.mark.parametrize("length", range(1, 140, 3))
def test_no_page_begins_with_a_name_and_a_day(length):
    """Whatever stands above: the last line of the opinion comes along."""
    given = Opinion("主管部门审核意见", "通过", tokens(length) + "同意上报", "陈国栋", "2026年10月25日")
    for page in pages(review_form(papers.review_form(opinions=Opinions("各级审核意见", (given,))))):
        assert "陈国栋" not in page or "同意上报（盖章处）陈国栋2026年10月25日" in page


def test_the_box_of_an_opinion_tells_whose_it_is_on_each_page():
    given = Opinion("主管部门审核意见", "退回", tokens(300), "陈国栋", "2026年10月25日")
    said = pages(review_form(papers.review_form(opinions=Opinions("各级审核意见", (given,)))))
    assert [page.startswith("主管部门审核意见退回") for page in said[2:]] == [True] * (len(said) - 2)


def test_sections_are_numbered_as_they_come():
    said = "".join(pages(review_form(papers.review_form(recommendation=None))))
    assert "五、各级审核意见" in said
    assert "单位推荐意见" not in said


def test_a_section_without_content_is_left_out():
    empty = papers.review_form(
        cited=Cited("引用的档案材料", ("", "", "", ""), ()), opinions=Opinions("各级审核意见", ())
    )
    said = "".join(pages(review_form(empty)))
    assert "引用的档案材料" not in said
    assert "各级审核意见" not in said


def test_english_numbers_its_sections():
    person = Part("Applicant", (Pair("Name", "O’Neill"),))
    recommendation = Recommendation("Recommendation", (), "Opinion", "The unit’s word.", "Seal", "20 October 2026")
    pdf = review_form(papers.review_form(language="en", person=person, recommendation=recommendation))
    assert "2.Applicant" in pages(pdf)[0]
    assert misplaced(pdf) == []


def test_english_has_narrow_quotes():
    pdf = review_form(papers.review_form(language="en", person=Part("Applicant", (Pair("Name", "Q’X"),))))
    (before, after) = (papers.place(pdf, one) for one in "QX")
    assert after[0] - before[2] < 5


@pytest.mark.parametrize("people", range(8, 24))
def test_the_stamp_has_a_person_on_its_page(people):
    last = pages(notice_list(papers.posting(people)))[-1]
    assert f"申报人{people}3501" in last
    assert "评审计划" in last
    assert "福州市第一中学2026年11月26日" in last


def test_a_title_may_say_where_its_lines_end():
    title = "福州市第一中学2026年度\n职称申报推荐人选公示名单"
    assert pages(notice_list(papers.posting(title=title)))[0].startswith(squeezed(title))


def test_the_same_data_is_the_same_file():
    """In another process too, which has nothing in its memory."""
    script = (
        "import sys; from tests.applications import papers; from app.applications.paper.sheet import review_form;"
        "sys.stdout.buffer.write(review_form(papers.review_form()))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert ran.stdout == review_form(papers.review_form())


def test_the_file_says_when_it_was_made_and_is_made_for_archives():
    pdf = review_form(papers.review_form())
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    with papers.pypdfium2.PdfDocument(pdf) as document:
        assert document.get_metadata_value("CreationDate") == "D:20261126021500Z"
        assert document.get_metadata_value("Title") == "职称申报评审简表"
