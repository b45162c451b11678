"""One running product for all tests of this folder: each works in a unit of its own, so it meets no other's rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.conftest import Visit, start, visitors
from tests.browser.desk.unit import OwnUnit
from tests.browser.product import Product
from tests.conftest import PASSWORD, build, release
from tests.factories import Make


@pytest.fixture(scope="session")
def shared(engine: Any, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Product]]:
    """The product, and the same app in this process, which takes the feed in."""
    folder = tmp_path_factory.mktemp("shared")
    engine.copy(migrated, "shared")
    app, product = build(engine, "shared", folder / "data"), start(engine, "shared", folder)
    yield app, product
    product.stop()
    release(app)
    engine.drop("shared")


@pytest.fixture
def visit(chromium: Browser, shared: tuple[Flask, Product]) -> Iterator[Visit]:
    """Opens windows before the shared product."""
    yield from visitors(chromium, shared[1], {})


@pytest.fixture
def unit(shared: tuple[Flask, Product], visit: Visit) -> OwnUnit:
    """A unit of this test's own."""
    return OwnUnit(Make(shared[0], PASSWORD), visit)
