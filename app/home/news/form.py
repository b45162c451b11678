"""What HR operations writes of a piece of news: the fields of its form."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import forms
from app.forms import Choices, Field, Problems, Texts
from app.home.models import News
from app.units.regions import REGIONS, choices_in

LONGEST = 100_000  # characters of a body


FIELDS = (
    Field("title", _l("Headline"), forms.line()),
    Field(
        "region",
        _l("Aimed at"),
        forms.one_of(lambda: REGIONS),
        "select",
        hint=_l("All units of it and below read it. What is for the whole province stands on the public page too."),
    ),
    Field(
        "body",
        _l("Text"),
        forms.long(LONGEST),
        "long",
        LONGEST,
        hint=_l(
            "Markdown: an empty line begins a paragraph, ## a heading, - an item of a list; **bold**, "
            "[words](https://address), tables with |. Pictures are not shown."
        ),
    ),
)


def choices(within: str) -> Choices:
    """The regions that news of a region may be aimed at."""
    return choices_in(within)


def typed(form: Mapping[str, str]) -> Texts:
    """What was typed; a browser sends a line break as two characters. Chinese blanks before the first line stay."""
    body = form.get("body", "").replace("\r\n", "\n").replace("\r", "\n")
    return forms.typed(FIELDS, form) | {"body": body.strip(" \t\n")}


def read(texts: Texts, within: str) -> tuple[dict[str, str], Problems]:
    """The values of what was typed, and what is wrong by field. The region lies in the region `within`."""
    values, problems = forms.read(FIELDS, texts)
    if "region" in values and values["region"] not in dict(choices(within)):
        problems["region"] = _("must lie in your own region")
    return values, problems


def texts_of(row: News) -> Texts:
    return {field.name: getattr(row, field.name) for field in FIELDS}
