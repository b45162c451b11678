"""What a unit has told of itself, as its pages show it: lines for the macro of facts."""

from collections.abc import Mapping
from typing import Any

from app.forms import Texts
from app.units.information import FACTS, code_label, said
from app.units.models import Unit

Lines = list[dict[str, Any]]


def facts_of(unit: Unit, known: Texts, numbers: Mapping[str, str]) -> dict[str, Lines]:
    """The lines of each part. `known`: what information.known gives; `numbers`: each as the reader may see it."""
    parts: dict[str, Lines] = {"basic": [], "detailed": []}
    for name, fact in FACTS.items():
        parts[fact.part].append(_line(fact.label, numbers.get(name) or said(name, known[name])))
    parts["basic"].insert(1, _line(code_label(unit.code), unit.code))  # after the name
    return parts


def _line(label: Any, value: str) -> dict[str, Any]:
    return {"label": label, "value": value, "kind": "text", "remark": None}
