"""The tree of the archive (R12): categories and types, each type with its two counts, from the one statement of
counts that the menu asks anyway."""

from typing import Any

from flask import url_for

from app.archive.catalogue import catalogue
from app.archive.listings import type_label
from app.review.counts import Counts
from app.review.pages import counts_of_request


def beside_list(here: str) -> dict[str, Any]:
    """What the tree's template is given."""
    return {"tree": tree(here), "requests": counts_of_request().of("withdrawal", status="pending")}


def tree(here: str) -> list[dict[str, Any]]:
    """The categories with their types. `all` counts a type's records in any state, `reviewed` those not pending; a
    category is open when `here` is it or one of its types."""
    counts, known = counts_of_request(), catalogue()
    branches = [
        _branch(category.key, str(category.label), [t.key for t in category.types], here, counts)
        for category in known.categories
    ]
    earlier = sorted(counts.types("archive_item") - set(known.types))
    return [*branches, *(_branch(key, type_label(key), [key], here, counts) for key in earlier)]


def _branch(key: str, label: str, types: list[str], here: str, counts: Counts) -> dict[str, Any]:
    return {
        "label": label,
        "url": url_for("ArchiveDesk.list", where=key),
        "here": key == here,
        "open": here in (key, *types),
        "waiting": counts.of("archive_item", types, "pending"),
        "leaves": [_leaf(one, here, counts) for one in types],
    }


def _leaf(key: str, here: str, counts: Counts) -> dict[str, Any]:
    number, waiting = counts.of("archive_item", (key,)), counts.of("archive_item", (key,), "pending")
    return {
        "label": type_label(key),
        "url": url_for("ArchiveDesk.list", where=key),
        "here": key == here,
        "all": number,
        "reviewed": number - waiting,
    }
