"""Tells what the product says from what it only repeats: names, addresses, numbers and opinions of the demo's data."""

import json
import re

from app.archive.catalogue import load
from app.codes import CATALOGUE
from app.operations.demo.load import ACCOUNTS, FEED, NEW, NEW_FACTS
from app.review.phrases import STARTERS
from app.units.regions import REGIONS

TYPES = load(CATALOGUE).types
# Latin letters on a Chinese page, but for the formats and sizes of files, which Chinese officials write so too, and the
# names of a browser and its system.
NAMES_OF_THINGS = "PDF|PNG|JPE?G|[KMG]B|Chrome|Linux"
LATIN = re.compile(rf"(?<![A-Za-z])(?!(?:{NAMES_OF_THINGS})(?![A-Za-z]))[A-Za-z]")
HAN = re.compile(r"[\u3400-\u9fff]")
# The fields of the feed's lines that pages repeat.
NAMES = (
    *("ref", "name", "code", "email", "id_number", "mobile", "opinion", "by", "committee"),
    *("title", "specialty", "current_title", "statement", "document_number", "authority"),
    *("legal_representative", "contact", "address", "industry", "competent_department"),
)
_MASKED = re.compile(r"\b[0-9A-Z]{1,4}\*{3,}[0-9A-Z]{2,4}\b|\{n\}")


def _data() -> set[str]:
    found = {account.name for account in ACCOUNTS} | {region.name for region in REGIONS.values()}
    found |= {account.username for account in ACCOUNTS} | {NEW, *NEW_FACTS.values()}
    found |= {phrase for _verdict, phrase in STARTERS}  # in the language of the opinions
    for line in map(json.loads, FEED.read_text().splitlines()):
        facts = line | line.get("person", {})
        found |= {facts[name] for name in NAMES if name in facts}
        found |= {part for part in facts.get("body", "").splitlines() if part}  # of news, as paragraphs
        if line["kind"] == "archive_item" and (item_type := TYPES.get(line["type"])):
            found.add(str(facts["data"].get(item_type.title_field.key, "")))  # what a list calls an item
    return found - {""}


_DATA = re.compile("|".join(map(re.escape, sorted(_data(), key=len, reverse=True))))


def strange(texts: list[str], letters: re.Pattern[str], allowed: str) -> list[str]:
    """The texts with such letters outside of data; `allowed` is the button that leads to the other language."""
    return [text for text in texts if text != allowed and letters.search(_MASKED.sub("", _DATA.sub("", text)))]
