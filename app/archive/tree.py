"""The tree of the archive (R12): categories and types, each type with its two counts, from the one statement of
counts that the menu asks anyway."""

from collections.abc import Collection
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.archive.catalogue import EVERY, catalogue
from app.archive.listings import type_label
from app.review.pages import counts_of_request

KIND = "archive_item"
KINDS = (KIND, "withdrawal")  # what the archive's pages count


def beside_list(here: str) -> dict[str, Any]:
    """What the templates beside the tree are given: the tree's nodes, how the place `here` is called and within what it
    stands. `here`: the key of a type or category, `all`, `withdrawals`, or empty on the start page."""
    branches = tree(here)
    every = _node(EVERY, _("All records"), counts_of_request(KINDS).types(KIND), here)
    requests = {
        "label": _("Withdrawal requests"),
        "url": url_for("WithdrawalDesk.list"),
        "here": here == "withdrawals",
        "waiting": counts_of_request(KINDS).waiting("withdrawal"),
    }
    above = next((branch["label"] for branch in branches if branch["open"] and not branch["here"]), None)
    within = _("Record management") if requests["here"] else above
    leaves = (leaf for branch in branches for leaf in branch["leaves"])
    named = (node["label"] for node in (*branches, *leaves, every, requests) if node["here"])
    return {
        "tree": branches,
        "every": every,
        "requests": requests,
        "here": next(named, _("Categories")),
        "within": [_("Archive"), *([within] if within else [])],
    }


def tree(here: str) -> list[dict[str, Any]]:
    """The categories with their types. `all` counts records in any state, `reviewed` those not pending; a category is
    open when `here` is it or one of its types."""
    return [_branch(*group, here) for group in groups()]


def groups() -> list[tuple[str, str, list[str]]]:
    """(key, label, types) of each category, and of each type that left the catalogue while records of it are there."""
    known = catalogue()
    earlier = sorted(counts_of_request(KINDS).types(KIND) - set(known.types))
    categories = [(c.key, str(c.label), [t.key for t in c.types]) for c in known.categories]
    return [*categories, *((key, type_label(key), [key]) for key in earlier)]


def _branch(key: str, label: str, types: list[str], here: str) -> dict[str, Any]:
    leaves = [_node(one, type_label(one), (one,), here) for one in types]
    return _node(key, label, types, here) | {"open": here in (key, *types), "leaves": leaves}


def _node(key: str, label: str, types: Collection[str], here: str) -> dict[str, Any]:
    counts = counts_of_request(KINDS)
    number = counts.of(KIND, types)
    return {
        "key": key,
        "label": label,
        "url": url_for("ArchiveDesk.list", where=key),
        "here": key == here,
        "all": number,
        "reviewed": number - counts.of(KIND, types, "pending"),
    }
