"""申报评审简表 of an application: what its page shows, as the form to print (B13)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app import clock
from app.applications.material import APPLICATION, in_order
from app.applications.paper.press import Foot, Pair
from app.applications.paper.sheet import (
    Category,
    Cited,
    Heading,
    Item,
    Opinion,
    Opinions,
    Part,
    Recommendation,
    ReviewForm,
    review_form,
)
from app.applications.recommend import said_before, said_section
from app.archive.catalogue import catalogue
from app.archive.listings import type_label
from app.archive.material import ID_NUMBER, SUBMITTED, material_of
from app.attachments import Attachment
from app.codes import label
from app.review import facts
from app.review.labels import NODE, signed, step_label
from app.staff.views import MATERIAL as PERSON
from app.units.regions import full_name

Files = Mapping[str, Attachment]


def form_pdf(loaded: Any, registration: Any) -> bytes:
    """The form as a PDF; numbers are masked. `loaded` is the record as its page has it, `registration` the version in
    force."""
    row, locale = loaded.row, str(get_locale())
    content = loaded.versions[0].data
    plan = row.plan
    person = _part(PERSON, registration.data if registration is not None else {}, {}, _("Applicant"))
    series = (label("series", plan.series, locale), label("title_level", plan.level, locale))
    return review_form(
        ReviewForm(
            language="zh" if locale.startswith("zh") else "en",
            heading=Heading(
                _("Review form of a title application"),
                plan.name,
                (
                    Pair(_("Year"), str(plan.year)),
                    Pair(_("Series and level"), " · ".join(series)),
                    Pair(_("Committee"), plan.committee),
                ),
            ),
            unit=_unit(row.unit, locale),
            person=person,
            application=_part((APPLICATION,), content, loaded.files, told=person),
            cited=_cited(content.get("cited", {}), loaded.files),
            recommendation=_recommendation(loaded),
            opinions=Opinions(_("Opinions of the review nodes"), tuple(map(_opinion, _standing(loaded.history)))),
            seal=_("(seal of the unit)"),
            foot=Foot(
                page=_("Page {page} of {pages}"),
                made=clock.now(),
                reference=_("Reference: %(ref)s", ref=row.ref),
                printed=_("Printed at %(at)s", at=clock.shown(clock.now())),
            ),
        )
    )


def _unit(unit: Any, locale: str) -> Part:
    pairs = {
        _("Unit"): unit.name,
        _("Code"): unit.code,
        _("Nature"): label("unit_nature", unit.nature, locale),
        _("Region"): full_name(unit.region),
        _("Competent department"): unit.competent_department,
        _("Industry"): unit.industry,
    }
    return Part(_("Unit"), tuple(Pair(name, value) for name, value in pairs.items()))


def _part(
    material: facts.Material, content: Mapping[str, Any], files: Files, title: str = "", told: Part | None = None
) -> Part:
    """The only part of a material, as labels and values, without those that were `told` already."""
    if not content:
        return Part(title, ())
    ((own, lines),) = facts.sections(material, content, facts.Reading({}, files=files))
    pairs = (Pair(line["label"], _value(line)) for line in lines)
    return Part(title or own, tuple(pair for pair in pairs if told is None or pair not in told.pairs))


def _value(line: Mapping[str, Any], between: str = "\n") -> str:
    """What a line says; of files, their names."""
    if line["kind"] != "files":
        return str(line["value"])
    return between.join(file.name for file in line["files"]) or "—"


def _cited(cited: Mapping[str, Any], files: Files) -> Cited:
    """The items by the categories of the catalogue, in its order."""
    of = {item_type.key: category for category in catalogue().categories for item_type in category.types}

    def category_of(item: Mapping[str, Any]) -> str:
        category = of.get(item["type"])
        return str(category.label) if category else _("Other records")

    items = [item for _key, item in in_order(cited)]
    categories = tuple(
        Category(name, tuple(_item(item, files) for item in group)) for name, group in groupby(items, category_of)
    )
    columns = (_("No."), _("Type"), _("Title and facts"), _("Verdict"))
    return Cited(_("Cited records"), columns, categories)


def _item(item: Mapping[str, Any], files: Files) -> Item:
    parts = material_of(item["type"], item["data"])
    shown = [fact for part in parts for fact in part.facts if fact not in (ID_NUMBER, SUBMITTED)]
    lines = facts.sections((facts.Part("", tuple(shown)),), {"data": item["data"]}, facts.Reading({}, files=files))[0][
        1
    ]
    told = [(line["label"], _value(line, "、")) for line in lines]
    return Item(
        type_label(item["type"]),
        item["title"],
        _joined(
            _("%(label)s: %(value)s", label=name, value=value)
            for name, value in told
            if value not in ("—", item["title"])
        ),
        step_label("archive_item", "pass"),
        _day(datetime.fromisoformat(item["verdict"]["at"])),
    )


def _joined(texts: Iterable[str]) -> str:
    return ("；" if str(get_locale()).startswith("zh") else "; ").join(texts)


def _recommendation(loaded: Any) -> Recommendation | None:
    """What the unit said with its pass; None while that does not stand."""
    passes = [entry for entry in said_before(loaded.history) if entry.node == "unit" and entry.step == "pass"]
    found = said_section(loaded.row, loaded.files)
    if not passes or not found:
        return None
    title, lines = found[0]
    told = {line["path"]: line for line in lines}
    text = told.pop("text", {"label": title, "value": ""})
    pairs = tuple(Pair(line["label"], _value(line)) for line in told.values())
    entry = passes[-1]
    by = signed(entry.by_name, entry.for_name)
    return Recommendation(title, pairs, text["label"], text["value"], by, _day(entry.at))


def _standing(history: Sequence[Any]) -> list[Any]:
    """The verdicts that stand; what was sent back to the unit is none any more once the unit has passed it again."""
    said = said_before(history)
    passed = any(entry.step == "pass" for entry in said)
    return [entry for entry in said if entry.step == "pass" or not passed]


def _opinion(entry: Any) -> Opinion:
    verdict = step_label("application", entry.step)
    return Opinion(str(NODE[entry.node]), verdict, entry.opinion, signed(entry.by_name, entry.for_name), _day(entry.at))


def _day(at: datetime | date) -> str:
    """2026年11月20日, or as English has it."""
    on = at.astimezone(clock.ZONE).date() if isinstance(at, datetime) else at
    return str(format_date(on, "long"))
