"""A form that comes back: what was written when the session had ended is shown once more, to be confirmed."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import g
from flask_babel import gettext as _

View = TypeVar("View", bound=Callable[..., Any])


def comes_back(view: View) -> View:
    """Mark a view that asks `unsent` before it changes anything."""
    view.comes_back = True  # type: ignore[attr-defined]
    return view


def unsent() -> str | None:
    """What stands beside the field of a form that came back; None for one that was sent just now."""
    if g.get("draft"):
        return _("Your session had ended, so this was not sent. Read it once more, then confirm.")
    return None
