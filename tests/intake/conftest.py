"""An application with no more than a locale, for the messages; the tables and lines need none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel, force_locale


@pytest.fixture
def chinese(tmp_path: Path) -> Iterator[None]:
    """Within the test the caller reads Chinese, and one message is translated."""
    catalog = Catalog(locale="zh")
    catalog.add("is required", "必填")
    folder = tmp_path / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with open(folder / "messages.mo", "wb") as file:
        write_mo(file, catalog)
    app = Flask(__name__)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    Babel(app)
    with app.app_context(), force_locale("zh"):
        yield
