"""Takes pictures of every kind of page, for the eye: `python -m tests.browser.pictures FOLDER`.

Each at the sizes of a desk and of a phone, in light and dark, from the demo on SQLite.
"""

import sys
import tempfile
from collections.abc import Callable
from itertools import product as combined
from pathlib import Path

from flask_migrate import upgrade
from playwright.sync_api import sync_playwright

from app.operations import demo
from app.sealing import check_key
from app.tenancy import everything
from tests.browser.conftest import ARGUMENTS, CHROMIUM, start
from tests.browser.pages import LIST, decided_meanwhile, unknown_address
from tests.browser.visitor import DESK, PHONE, Visitor
from tests.conftest import PASSWORD, build, release
from tests.engines import Sqlite


def choose_rows(visitor: Visitor) -> None:
    visitor.open(LIST)
    for box in visitor.page.locator("input[name=rowid]").all()[:3]:
        box.check()


def batch_dialog(visitor: Visitor) -> None:
    choose_rows(visitor)
    visitor.button("通过").click()


def review_page(visitor: Visitor) -> None:
    visitor.open(visitor.open(LIST).rows()[0])


def review_dialog(visitor: Visitor) -> None:
    review_page(visitor)
    visitor.button("退回").click()


def after_a_batch(visitor: Visitor) -> None:
    """Two are passed in each picture: the demo has enough of them."""
    visitor.open(LIST)
    for box in visitor.page.locator("input[name=rowid]").all()[:2]:
        box.check()
    visitor.button("通过").click()
    visitor.confirm()


def own_record(visitor: Visitor) -> None:
    visitor.open(visitor.open(f"{LIST}?q=方颖").rows()[0])


def english_list(visitor: Visitor) -> None:
    visitor.open(LIST)
    language = visitor.page.locator("form.language")
    with visitor.answered(200):
        language.evaluate("form => form.requestSubmit()")  # on a phone it stands inside the menu


def menu(visitor: Visitor) -> None:
    visitor.open(LIST)
    if (fold := visitor.page.get_by_text("菜单", exact=True)).is_visible():
        fold.click()


PUBLIC: dict[str, Callable[[Visitor], object]] = {
    "public": lambda visitor: visitor.open("/"),
    "doors": lambda visitor: visitor.open("/login/"),
    "login": lambda visitor: visitor.open("/login/built-in"),
}
# In this order: the last one changes the language of the window.
INSIDE: dict[str, Callable[[Visitor], object]] = {
    "list": lambda visitor: visitor.open(LIST),
    "list-decided": lambda visitor: visitor.open(f"{LIST}?status=all"),
    "selection": choose_rows,
    "batch-dialog": batch_dialog,
    "filters": lambda visitor: visitor.open(f"{LIST}?gender=1&from=2026-11-01"),
    "empty": lambda visitor: visitor.open(f"{LIST}?q=无此人"),
    "review": review_page,
    "review-dialog": review_dialog,
    "review-decided": lambda visitor: visitor.open(visitor.open(f"{LIST}?status=returned").rows()[0]),
    "own-record": own_record,
    "conflict": decided_meanwhile,
    "error": unknown_address,
    "after-batch": after_a_batch,
    "menu": menu,
    "english": english_list,
}


def take(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        engine = Sqlite(Path(work))
        app = build(engine, "pictures", Path(work, "data"), DEMO="1", DEMO_PASSWORD=PASSWORD)
        with app.app_context():
            upgrade()
            with everything("pictures") as session:
                check_key(session)
            demo.load()
        release(app)
        product = start(engine, "pictures", Path(work))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for (size, viewport), scheme in combined({"desk": DESK, "phone": PHONE}.items(), ("light", "dark")):
            context = chromium.new_context(locale="zh-CN", viewport=viewport, color_scheme=scheme)
            visitor = Visitor(context, product.url, PASSWORD)
            for name, show in {**PUBLIC, "": lambda visitor: visitor.sign_in("unit.public"), **INSIDE}.items():
                show(visitor)
                if name:
                    visitor.page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
        chromium.close()
        product.stop()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
