"""A public institution of a test's own, where somebody has applied for a title."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Locator, expect

from tests.applications.nodes.stage import application_line, open_plan_line
from tests.archive.factories import png, proofs, verdict_line
from tests.archive.files import belonging, item
from tests.browser.desk.unit import OwnUnit
from tests.browser.visitor import Visitor
from tests.conftest import PASSWORD
from tests.factories import Make, id_number, take


def institution(app: Flask, visit: Callable[..., Visitor]) -> OwnUnit:
    return OwnUnit(Make(app, PASSWORD), visit, nature="public_institution")


def applies(unit: OwnUnit, folder: Path) -> str:
    """Somebody of the unit applies, citing one item; the address of the application."""
    (person,) = unit.registrations(1)
    belonging(unit.make, person.ref)
    ref = f"A-{person.ref}"
    item(unit.make, person.n, unit.code, {"certificate.png": png()}, proofs(folder), ref=ref)
    plan = open_plan_line(f"P-{person.ref}")
    about = {"id_number": id_number(person.n), "plan": plan["code"], "unit": unit.code}
    lines = (verdict_line(person.n, of=ref), plan, application_line(person.n, [ref]) | about)
    results = take(unit.make.app, *lines, folder=folder)
    assert all(result.id for result in results), [result.errors for result in results]
    return f"/applications/show/{results[-1].id}"


class Form:
    """单位推荐意见 on the page that a visitor has open."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.region = visitor.page.get_by_role("region", name="单位推荐意见")

    def text(self) -> Locator:
        return self.region.get_by_label("推荐意见", exact=True)

    def files(self, name: str) -> Locator:
        """The field of files with this name."""
        return self.region.get_by_role("group", name=name)

    def upload(self, name: str, *paths: Path) -> None:
        self.files(name).locator("input[type=file]").set_input_files(paths)

    def kept(self, name: str) -> list[str]:
        return self.files(name).locator("li a").all_inner_texts()

    def state(self) -> Locator:
        """What the page says of the draft."""
        return self.region.locator("[data-say]:visible")

    def is_saved(self) -> None:
        expect(self.state()).to_contain_text("已保存", timeout=15_000)

    def missing(self) -> Locator:
        """What the decision's column says is missing."""
        return self.page.locator("[data-missing] a")

    def fill(self, folder: Path) -> None:
        """All that it needs, the notice over for long."""
        self.text().fill("该同志师德高尚，经公示无异议，同意推荐。")
        self.region.get_by_label("公示开始日期").fill("2026-11-02")
        self.region.get_by_label("公示结束日期").fill("2026-11-06")
        self.region.get_by_label("是", exact=True).check()
        self.region.get_by_label("岗位等级").select_option("专业技术七级")
        self.region.get_by_label("占用说明").fill("占用副高级岗位1个")
        self.upload("公示证明", folder / "proof-1.pdf")
        self.upload("公示材料", folder / "proof-2.png")
        expect(self.missing()).to_have_count(0, timeout=15_000)
