"""What the review page of an application shows of a version: the application, then each cited item as it was."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.archive.catalogue import catalogue
from app.archive.listings import type_label
from app.archive.material import ID_NUMBER, SUBMITTED, material_of
from app.review.facts import Fact, Material, Part, read_time
from app.review.labels import signed

APPLICATION = Part(
    _l("Application"),
    (
        Fact("title", _l("Title applied for")),
        Fact("specialty", _l("Specialty")),
        Fact("current_title", _l("Current title")),
        Fact("statement", _l("Applicant's statement"), kind="long"),
        Fact("attachments", _l("Attachments"), kind="files"),
        Fact("submitted_at", _l("Submission time"), read_time, kind="number", written=False),
    ),
)


def application_material(content: Mapping[str, Any] | None) -> Material:
    """The parts of a version's content. A cited item can be ticked as a whole: its fields are another record's."""
    cited = (content or {}).get("cited", {})
    return (APPLICATION, *(_cited(key, item) for key, item in in_order(cited)))


def in_order(cited: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The cited items in the order of the catalogue, then of their titles."""
    known = [*catalogue().types]

    def place(one: tuple[str, Any]) -> Any:
        _key, item = one
        return known.index(item["type"]) if item["type"] in known else len(known), item["type"], item["title"]

    return sorted(cited.items(), key=place)


def cited_heads(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """How each cited item is headed, by the path of its verdict: its category and type, its title, and the path of the
    field that says the title."""
    types, labels = catalogue().types, {category.key: category.label for category in catalogue().categories}
    heads = {}
    for key, item in in_order(content.get("cited", {})):
        known = types.get(item["type"])
        heads[f"cited.{key}"] = {
            "category": str(labels[known.category]) if known else "",
            "type": type_label(item["type"]),
            "title": item["title"],
            "said_by": f"cited.{key}.data.{known.title_field.key}" if known else "",
        }
    return heads


def _cited(key: str, item: Mapping[str, Any]) -> Part:
    """One cited item: its verdict first, then its fields with their paths below `cited.<id>`."""
    base = f"cited.{key}"
    title = _("%(type)s: %(title)s", type=type_label(item["type"]), title=item["title"])
    whole = Fact(base, title, read_verdict, kind="verdict", compare=lambda one: one and one["version"])
    parts = material_of(item["type"], item["data"])
    facts = [fact for part in parts for fact in part.facts if fact not in (ID_NUMBER, SUBMITTED)]
    return Part(title, (whole, *(_under(base, fact) for fact in facts)))


def _under(base: str, fact: Fact) -> Fact:
    return Fact(f"{base}.{fact.path}", fact.label, fact.read, fact.kind, written=False)


def read_verdict(item: Mapping[str, Any]) -> str:
    """The verdict by which a cited item passed, and where."""
    verdict = item["verdict"]
    at = clock.shown(datetime.fromisoformat(verdict["at"]))
    return _(
        "Passed at %(at)s by %(by)s (%(unit)s): %(opinion)s",
        at=at,
        by=signed(verdict["by_name"], verdict.get("for_name")),
        unit=item["unit"],
        opinion=verdict["opinion"],
    )
