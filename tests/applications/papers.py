"""Papers to print: one of each, and what is inside a PDF."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from app.applications.paper.posting import Candidate, Posting
from app.applications.paper.press import Foot, Pair
from app.applications.paper.sheet import (
    Category,
    Cited,
    Heading,
    Item,
    Opinion,
    Opinions,
    Part,
    Recommendation,
    ReviewForm,
)

MADE = datetime(2026, 11, 26, 2, 15, tzinfo=UTC)
FOOT = Foot("第 {page} 页 共 {pages} 页", MADE, "编号：A20260001", "打印时间：2026年11月26日 10:15")
# texts that callers translate: short by nature
FIXED = {"language", "foot", "columns"}


def items(count: int) -> tuple[Item, ...]:
    facts = "《福建教育》2025年第3期，第一作者"
    return tuple(Item("期刊论文", f"课堂观察之{n}", facts, "通过", f"2026年3月{n}日") for n in range(1, count + 1))


def review_form(**changes: Any) -> ReviewForm:
    plain = ReviewForm(
        language="zh",
        heading=Heading("职称申报评审简表", "2026年度中小学教师评审计划", (Pair("评审年度", "二〇二六"),)),
        unit=Part("申报单位", (Pair("单位名称", "福州市第一中学"), Pair("主管部门", "福州市教育局"))),
        person=Part("申报人", (Pair("姓名", "林晓燕"), Pair("性别", "女"), Pair("身份证件号码", "350102198703150823"))),
        application=Part(
            "申报情况", (Pair("申报职称", "高级教师"), Pair("个人述职", "承担高中数学教学，任班主任六年。"))
        ),
        cited=Cited(
            "引用的档案材料",
            ("序号", "类型", "名称与要点", "结论及日期"),
            (Category("论文论著", items(2)), Category("获奖荣誉", items(1))),
        ),
        recommendation=Recommendation(
            "单位推荐意见",
            (Pair("公示时间", "2026年10月12日至2026年10月19日（6个工作日）"), Pair("占用职位数", "是，尚余1人")),
            "推荐意见",
            "师德高尚，教学业绩突出。",
            "福州市第一中学（盖章）",
            "2026年10月20日",
        ),
        opinions=Opinions(
            "各级审核意见",
            (
                Opinion("主管部门审核意见", "通过", "材料齐全，同意上报。", "陈国栋", "2026年10月25日"),
                Opinion("县级人社部门审核意见", "退回单位", "请补充公示材料。", "黄丽娟", "2026年11月1日"),
            ),
        ),
        seal="（盖章处）",
        foot=FOOT,
    )
    return replace(plain, **changes)


def posting(people: int = 3, **changes: Any) -> Posting:
    plain = Posting(
        language="zh",
        title="2026年度职称申报公示名单",
        text=("现将拟推荐申报职称的人员名单予以公示。", "如有异议，请向本单位人事处反映。"),
        columns=("序号", "姓名", "身份证件号码", "申报职称", "申报专业", "现职称", "评审计划"),
        people=tuple(
            Candidate(f"申报人{n}", f"3501**********{n:04}", "高级教师", "中学数学", "一级教师", "中小学教师")
            for n in range(1, people + 1)
        ),
        pairs=(Pair("公示时间：", "2026年11月26日至2026年12月3日"), Pair("联系电话：", "0591-87654321")),
        unit="福州市第一中学",
        at="2026年11月26日",
        foot=FOOT,
    )
    return replace(plain, **changes)


def texts(value: Any) -> Iterator[str]:
    """Each text of a document, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in {"language", "page"}:
                yield from texts(getattr(value, field.name))


def filled(value: Any, text: str) -> Any:
    """The document with this text in each place that has one, the fixed words too."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(filled(one, text) for one in value)
    changes = {
        field.name: filled(getattr(value, field.name), text) for field in fields(value) if field.name not in FIXED
    }
    return replace(value, **changes)


def squeezed(text: str) -> str:
    """Without what a line's end puts between characters."""
    return re.sub(r"[\s\u200b\ufffe]", "", text)


def pages(pdf: bytes) -> list[str]:
    """What each page says, squeezed."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [squeezed(page.get_textpage().get_text_range()) for page in document]


def misplaced(pdf: bytes) -> list[str]:
    """Characters beyond the margins or across a ruled line, with their page."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            width, height = page.get_size()
            rules = [path.get_bounds() for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])]
            for one, box in ink(page.get_textpage()):
                left, bottom, right, top = box
                beyond = left < 64 or right > width - 53 or bottom < 24 or top > height - 60
                if beyond or any(overlap(box, rule) for rule in rules):
                    found.append(f"{number}: {one} at {box}")
    return found


def ink(page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Each visible character with its box: left, bottom, right, top."""
    for index in range(page.count_chars()):
        one = chr(pdfium.FPDFText_GetUnicode(page, index))
        if squeezed(one):
            yield one, page.get_charbox(index)


def place(pdf: bytes, one: str) -> tuple[float, float, float, float]:
    """Where this character stands first."""
    with pypdfium2.PdfDocument(pdf) as document:
        return next(box for page in document for found, box in ink(page.get_textpage()) if found == one)


def overlap(box: tuple[float, ...], rule: tuple[float, ...], tolerance: float = 1.2) -> bool:
    (left, bottom, right, top), (start, low, end, high) = box, rule
    return start + tolerance < right and end - tolerance > left and low + tolerance < top and high - tolerance > bottom
