"""A real Chromium before the real product, on a copy of the demo."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import REFUSALS, every_page
from tests.browser.product import Product
from tests.browser.visitor import DESK, Seen, Visitor
from tests.conftest import KEYS, PASSWORD
from tests.provider import StandIn, standing_in

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LOOKS = {"test_words.py", "test_sizes.py", "test_keyboard.py", "test_without_script.py"}
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


@pytest.fixture(scope="session")
def provider() -> Iterator[StandIn]:
    """Who answers for the province's single sign-on."""
    with standing_in() as running:
        yield running


def start(
    engine: Any, database: str, folder: Path, demo_data: Path | None = None, provider: StandIn | None = None
) -> Product:
    """The product on a database, with a DATA_DIR below `folder`: a copy of the demo's, or an empty one."""
    if demo_data is not None:
        shutil.copytree(demo_data, folder / "data")
    environment = {**KEYS, **engine.environment(database), "DATA_DIR": str(folder / "data"), "DEMO": "1"}
    environment |= provider.environment if provider else {}
    return Product(environment, folder / "product.log")


@pytest.fixture(scope="session")
def standing(
    engine: Any, with_demo: str, demo_data: Path, tmp_path_factory: pytest.TempPathFactory, provider: StandIn
) -> Iterator[Product]:
    """One product for all tests that change nothing."""
    engine.copy(with_demo, "standing")
    product = start(engine, "standing", tmp_path_factory.mktemp("standing"), demo_data, provider)
    yield product
    product.stop()
    engine.drop("standing")


@pytest.fixture
def product(
    engine: Any,
    with_demo: str,
    demo_data: Path,
    database: Callable[[str], str],
    tmp_path: Path,
    provider: StandIn,
) -> Iterator[Product]:
    """A product for this test alone."""
    product = start(engine, database(with_demo), tmp_path, demo_data, provider)
    yield product
    product.stop()


def visitors(chromium: Browser, product: Product, cookies: dict[str, Any]) -> Iterator[Visit]:
    """Opens windows, and fails when anything went wrong in one. `cookies` of a sign-in are used again."""
    opened: list[Visitor] = []

    def visit(username: str | None = None, **options: Any) -> Visitor:
        options = {"locale": "zh-CN", "viewport": DESK, **options}
        context = chromium.new_context(storage_state=cookies.get(username), **options)
        visitor = Visitor(context, product.url, PASSWORD)
        visitor.hosts += [product.leads_to] if product.leads_to else []
        opened.append(visitor)
        if username is None:
            return visitor
        if username not in cookies:
            visitor.sign_in(username)
            cookies[username] = context.storage_state()
        return visitor.open("/registrations/list/")

    yield visit
    for visitor in opened:
        visitor.page.context.close()
    complaints = [complaint for visitor in opened for complaint in visitor.complaints()]
    assert not complaints, complaints


@pytest.fixture
def visit(chromium: Browser, product: Product) -> Iterator[Visit]:
    """Opens windows before a product that the test may change: `visit("unit.public")` is signed in."""
    yield from visitors(chromium, product, {})


@pytest.fixture(scope="session")
def cookies(standing: Product) -> dict[str, Any]:
    """The cookies of those who signed in at the standing product."""
    return {}


@pytest.fixture
def look(chromium: Browser, standing: Product, cookies: dict[str, Any]) -> Iterator[Visit]:
    """The same before the standing product: the test must change nothing."""
    yield from visitors(chromium, standing, cookies)


@pytest.fixture(scope="session")
def surveyed(standing: Product) -> dict[Any, dict[str, Seen]]:
    """What was seen at the standing product, so that each page is opened once for all the tests that look at it."""
    return {}


@pytest.fixture
def survey(look: Visit, surveyed: dict[Any, dict[str, Seen]]) -> Callable[[str, str], dict[str, Seen]]:
    """All pages of an account in a language: `survey("unit.public", "English")`."""

    def walk(account: str, language: str) -> dict[str, Seen]:
        if (account, language) not in surveyed:
            reader = look(account)
            if language == "English":
                with reader.answered(200):
                    reader.button("English").click()
            surveyed[account, language] = every_page(reader)
        return surveyed[account, language]

    return walk


@pytest.fixture(params=REFUSALS, ids=lambda refusal: refusal.__name__)
def refusal(request: pytest.FixtureRequest, look: Visit, surveyed: dict[Any, dict[str, Seen]]) -> Seen:
    """An error page, as the administrator of a unit sees it."""
    if request.param not in surveyed:
        school = look("unit.public")
        request.param(school)
        surveyed[request.param] = {"": school.see()}
    return surveyed[request.param][""]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a reader does runs on both engines; how pages look and read is the same on either, so SQLite is enough."""
    looks = [item for item in items if "postgresql" in item.name and item.path.name in LOOKS]
    config.hook.pytest_deselected(items=looks)
    items[:] = [item for item in items if item not in looks]
