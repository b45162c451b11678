"""What the pages of a desk say, as short values to compare."""

from tests.browser.visitor import Visitor

_STEPS = """(addresses) => Promise.all(addresses.map(async (address) => {
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  return [...page.querySelectorAll(".history .step")].map((step) => step.textContent);
}))"""


def name_on(visitor: Visitor) -> str:
    """Whose record is open."""
    return visitor.page.locator("h1 small").inner_text().split(" · ")[0]


def place(visitor: Visitor) -> str:
    """Where the record stands in the queue, as the page says it."""
    return visitor.page.get_by_role("navigation", name="审核队列").locator(".position").inner_text()


def names_on_list(visitor: Visitor) -> list[str]:
    return visitor.page.locator("td.lead").all_inner_texts()


def marked_row(visitor: Visitor) -> list[str]:
    """Whose row of the list the address points to."""
    return visitor.page.locator("tr:target td.lead").all_inner_texts()


def steps(visitor: Visitor, *addresses: str) -> list[list[str]]:
    """The steps in the histories of records, newest first: read without leaving the page that is open."""
    found: list[list[str]] = visitor.page.evaluate(_STEPS, addresses)
    return found


def fact(visitor: Visitor, path: str) -> str:
    """What stands beside a field of the record, on one line."""
    return " ".join(visitor.page.locator(f'[id="fact-{path}"] dd').inner_text().split())


def table(visitor: Visitor, name: str) -> dict[str, str]:
    """{name: status or reason} of a table of a batch's result."""
    rows = visitor.page.get_by_role("table", name=name).get_by_role("row").all()
    cells = [row.get_by_role("cell").all_inner_texts() for row in rows]
    return {row[0]: row[2] for row in cells if row}
