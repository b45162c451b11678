"""Tables of numbers and their pictures, as a browser has them."""

from playwright.sync_api import Locator

from tests.browser.visitor import Visitor

# What a picture tells in words: each row of its table, with the columns that are drawn.
NUMBERS = """(section) => {
  const heads = [...section.querySelectorAll("thead th")];
  const drawn = heads.map((head, n) => [head, n]).filter(([head]) => head.dataset.tone);
  return [...section.querySelectorAll("tbody tr")].map((row) =>
    row.cells[0].innerText + "：" + drawn.map(([head, n]) => head.innerText + " " + row.cells[n].innerText).join("，"));
}"""


def pictures(visitor: Visitor) -> list[Locator]:
    """The page's sections with a table and its picture, once they are drawn."""
    sections = visitor.page.locator(".statistics section")
    sections.last.locator("[data-picture] svg").wait_for()
    return sections.all()


def tell_the_same(sections: list[Locator]) -> None:
    """Assert that each picture is drawn, is called like its section, and tells the numbers of its table."""
    for section in sections:
        picture = section.locator("[data-picture][role=img]")
        title, _, told = (picture.get_attribute("aria-label") or "").partition("：")
        assert title == section.locator("h2, h3").inner_text()
        assert told.split("；") == section.evaluate(NUMBERS)
        assert picture.locator("svg path").count() > len(told.split("；"))
