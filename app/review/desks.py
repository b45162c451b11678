"""The desk of each kind, for the pages that gather what several of them have."""

from flask import current_app

from app.review.desk import Desk


def desks() -> dict[str, Desk]:
    """Kind → its desk, in the order of the menu: those that the reader may read."""
    views = current_app.extensions["appbuilder"].baseviews
    return {view.kind: view for view in views if isinstance(view, Desk) and view.may("read")}
