"""A real Chromium before the real product, on a copy of the demo."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.product import Product
from tests.browser.visitor import Visitor
from tests.conftest import KEYS, PASSWORD

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def start(engine: Any, database: str, folder: Path) -> Product:
    environment = {**KEYS, **engine.environment(database), "DATA_DIR": str(folder / "data"), "DEMO": "1"}
    return Product(environment, folder / "product.log")


@pytest.fixture(scope="session")
def standing(engine: Any, with_demo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product for all tests that change nothing."""
    engine.copy(with_demo, "standing")
    product = start(engine, "standing", tmp_path_factory.mktemp("standing"))
    yield product
    product.stop()
    engine.drop("standing")


@pytest.fixture
def product(engine: Any, with_demo: str, database: Callable[[str], str], tmp_path: Path) -> Iterator[Product]:
    """A product for this test alone."""
    product = start(engine, database(with_demo), tmp_path)
    yield product
    product.stop()


def visitors(chromium: Browser, product: Product) -> Iterator[Visit]:
    opened: list[Visitor] = []

    def visit(username: str | None = None, **options: Any) -> Visitor:
        context = chromium.new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}, **options})
        visitor = Visitor(context, product.url, PASSWORD)
        opened.append(visitor)
        return visitor.sign_in(username) if username else visitor

    yield visit
    for visitor in opened:
        visitor.page.context.close()
    complaints = [complaint for visitor in opened for complaint in visitor.complaints()]
    assert not complaints, complaints


@pytest.fixture
def visit(chromium: Browser, product: Product) -> Iterator[Visit]:
    """Opens windows before a product that the test may change: `visit("unit.public")` is signed in."""
    yield from visitors(chromium, product)


@pytest.fixture
def look(chromium: Browser, standing: Product) -> Iterator[Visit]:
    """The same before the standing product: the test must change nothing."""
    yield from visitors(chromium, standing)
