"""Addresses that exist for some grants only (R31): for everybody else nothing is there, whatever he sends."""

from flask import abort, g

from app.accounts.roles import OF_INSTITUTION

PLACES = frozenset(view for views in OF_INSTITUTION.values() for view in views)


def refuse_absent(path: str) -> None:
    """404 for an address that the grant worn does not have, before any other answer to it."""
    place = path.lstrip("/").split("/")[0]  # the router, too, looks past more slashes than one
    held = g.get("held")
    if place in PLACES and place not in (held.places if held else ()):
        abort(404)
