"""What HR operations writes of a piece of news: the fields of its form."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import forms
from app.forms import Choices, Field, Problems, Texts, Wrong
from app.home.models import News
from app.typed import is_blank, text_problem
from app.units.regions import REGIONS, full_name, region_bounds

LONGEST = 100_000  # characters of a body
REASON_LENGTH = 500


def _body(text: str) -> str:
    if is_blank(text):
        raise Wrong(_("Fill this in."))
    if problem := text_problem(text, LONGEST):
        raise Wrong(problem)
    return text


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
        _body,
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
    low, high = region_bounds(within)
    return [(code, full_name(code)) for code in REGIONS if low <= code <= high]


def typed(form: Mapping[str, str]) -> Texts:
    """What was typed; a browser sends a line break as two characters."""
    texts = forms.typed(FIELDS, form)
    return texts | {"body": texts["body"].replace("\r\n", "\n").replace("\r", "\n")}


def read(texts: Texts, within: str) -> tuple[dict[str, str], Problems]:
    """The values of what was typed, and what is wrong by field. The region lies in the region `within`."""
    values, problems = forms.read(FIELDS, texts)
    if "region" in values and values["region"] not in dict(choices(within)):
        problems["region"] = _("must lie in your own region")
    return values, problems


def texts_of(row: News) -> Texts:
    return {field.name: getattr(row, field.name) for field in FIELDS}


def reason_problem(reason: str) -> str | None:
    return _("Fill this in.") if is_blank(reason) else text_problem(reason, REASON_LENGTH)
