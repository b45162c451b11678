"""The desk of each kind, for the pages that gather what several of them have."""

from flask import current_app, g

from app.review.desk import Desk


def desks() -> dict[str, Desk]:
    """Kind → its desk, in the order of the menu: those that the reader may read. Looked up once for a request."""
    if "desks" not in g:
        views = current_app.extensions["appbuilder"].baseviews
        g.desks = {view.kind: view for view in views if isinstance(view, Desk) and view.may("read")}
    found: dict[str, Desk] = g.desks
    return found
