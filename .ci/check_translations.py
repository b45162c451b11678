"""Every text of app/ is translated. English is the msgid; translations/zh says it in Chinese.

Of translations/zh: every msgid of the code is there with a msgstr, none fuzzy, none that the code no longer
has, and placeholders agree. Of translations/en: what is there obeys the same rules (it may be empty).
Exit 1 with FILE:LINE of each fault.

usage: python .ci/check_translations.py [--update]
--update   writes the catalogues: adds what is missing (empty, beside its neighbour in the code), drops what
           is obsolete, keeps the order of the rest; no dates, no line numbers, no wrapping
"""

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import PoFileError, generate_po, read_po

ROOT = Path.cwd()
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "lazy_npgettext": ((1, "c"), 2, 3),
}
COMPLETE = {"zh": True, "en": False}
PLURALS = {"zh": "nplurals=1; plural=0;", "en": "nplurals=2; plural=(n != 1);"}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0+]?(?:\*|\d+)?(?:\.(?:\*|\d+))?[diouxXeEfFgGcrsa]|\{\w*\}")

Key = tuple[str, str | None]  # msgid (the singular), context


@dataclass
class Text:
    """One msgid as the code has it, and where."""

    id: str | tuple[str, ...]
    context: str | None
    places: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def key_of(message_id: str | tuple[str, ...] | list[str], context: str | None) -> Key:
    return (message_id if isinstance(message_id, str) else message_id[0]), context


def extract() -> tuple[dict[Key, Text], list[str]]:
    """The texts of the code in the order of files and lines, and what is wrong with them."""
    with open(ROOT / "babel.cfg", encoding="utf-8") as file:
        mapping, options = parse_mapping_cfg(file, "babel.cfg")
    found: dict[Key, Text] = {}
    faults: list[str] = []
    rows = extract_from_dir(ROOT / "app", _below_app(mapping), _below_app(options), KEYWORDS, comment_tags=("NOTE:",))
    for name, line, message_id, comments, context in sorted(rows, key=lambda row: (row[0], row[1])):
        place = f"app/{name}:{line}"
        key = key_of(message_id, context)
        if not key[0].strip():
            faults.append(f"{place}: an empty text is the catalogue's header, not a message")
            continue
        text = found.setdefault(key, Text(message_id, context))
        if isinstance(message_id, tuple):
            if isinstance(text.id, tuple) and text.id != message_id:
                faults.append(f"{place}: {key[0]!r} has another plural at {text.places[0]}")
            text.id = message_id
        text.places.append(place)
        text.comments += [comment for comment in comments if comment not in text.comments]
    return found, faults


def _below_app(mapping: Any) -> Any:
    """babel.cfg speaks of `app/…`, as pybabel at the root needs; here app/ itself is walked."""
    if isinstance(mapping, dict):
        return {pattern.removeprefix("app/"): value for pattern, value in mapping.items()}
    return [(pattern.removeprefix("app/"), value) for pattern, value in mapping]


def placeholders(text: str) -> Counter[str]:
    return Counter(PLACEHOLDER.findall(text.replace("%%", "")))


def disagree(message: Message) -> str:
    """What is wrong with the placeholders of a translated message; empty when nothing is.

    Named ones may be repeated or change places; unnamed ones are taken in order. The singular of a plural
    may leave its number out ("one item").
    """
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    whole, singular = placeholders(ids[-1]), placeholders(ids[0])
    for number, string in enumerate(strings):
        if not string:
            continue
        has = placeholders(string)
        named = all("(" in name or name.startswith("{") for name in whole | has | singular)
        if named and has.keys() == whole.keys():
            continue
        if not named and PLACEHOLDER.findall(string.replace("%%", "")) == PLACEHOLDER.findall(
            ids[-1].replace("%%", "")
        ):
            continue
        if len(ids) > 1 and len(strings) > 1 and number == 0 and has.keys() == singular.keys():
            continue
        return f"has {sorted(has) or 'none'}, the text has {sorted(whole) or 'none'}"
    return ""


def catalogue_path(locale: str) -> Path:
    return ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    with open(catalogue_path(locale), "rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def check(locale: str, texts: dict[Key, Text]) -> list[str]:
    path = catalogue_path(locale)
    shown = path.relative_to(ROOT)
    if not path.exists():
        return [f"{shown}:1: missing; make it with python .ci/check_translations.py --update"]
    try:
        catalogue = read(locale)
    except (PoFileError, UnicodeDecodeError) as error:
        return [f"{shown}:{getattr(error, 'lineno', 0) + 1}: cannot be read: {error}"]
    here = {key_of(message.id, message.context): message for message in catalogue if message.id}
    faults = []
    for key, text in texts.items():
        message = here.get(key)
        plural = isinstance(text.id, tuple)
        if message is None:
            if COMPLETE[locale]:
                faults.append(f"{text.places[0]}: {key[0]!r} is not in {shown}")
            continue
        at = f"{shown}:{message.lineno}"
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if plural != isinstance(message.id, (tuple, list)) or (plural and tuple(message.id) != text.id):
            faults.append(f"{at}: the plural of {key[0]!r} is not that of {text.places[0]}")
        elif not all(string and string.strip() for string in strings):
            faults.append(f"{text.places[0]}: {key[0]!r} is not translated ({at})")
        if message.fuzzy:
            faults.append(f"{at}: {key[0]!r} is fuzzy")
        if fault := disagree(message):
            faults.append(f"{at}: placeholders of {key[0]!r} differ: the translation {fault}")
    for key, message in here.items():
        if key not in texts:
            faults.append(f"{shown}:{message.lineno}: {key[0]!r} is obsolete: no file of app/ has it")
    for message in catalogue.obsolete.values():
        faults.append(f"{shown}: {key_of(message.id, message.context)[0]!r} is kept as obsolete (#~)")
    return faults


def header(locale: str) -> str:
    return "\n".join(
        (
            'msgid ""',
            'msgstr ""',
            f'"Language: {locale}\\n"',
            f'"Plural-Forms: {PLURALS[locale]}\\n"',
            '"MIME-Version: 1.0\\n"',
            '"Content-Type: text/plain; charset=utf-8\\n"',
            '"Content-Transfer-Encoding: 8bit\\n"',
            "",
            "",
        )
    )


def update(locale: str, texts: dict[Key, Text]) -> str:
    """Writes the catalogue anew; says how many were added and dropped."""
    path = catalogue_path(locale)
    old = read(locale) if path.exists() else Catalog(locale=locale)
    here = {key_of(message.id, message.context): message for message in old if message.id}
    order = [key for key in here if key in texts]
    added = 0
    if COMPLETE[locale]:
        before: Key | None = None
        for key in texts:
            if key not in here:
                order.insert(order.index(before) + 1 if before in order else 0, key)
                added += 1
            before = key
    new = Catalog(locale=locale)
    for key in order:
        text, message = texts[key], here.get(key)
        string: Any = message.string if message else ""
        # a text that got a plural, or lost it, keeps its first form
        if isinstance(text.id, tuple):
            forms = [string] if isinstance(string, str) else list(string)
            string = tuple((forms + [""] * new.num_plurals)[: new.num_plurals])
        elif not isinstance(string, str):
            string = string[0]
        flags = {flag for flag in (message.flags if message else ()) if not flag.startswith("python-")}
        new.add(
            text.id,
            string,
            flags=flags,
            auto_comments=text.comments,
            user_comments=message.user_comments if message else (),
            context=text.context,
        )
    body = "".join(generate_po(new, omit_header=True, no_location=True, ignore_obsolete=True, width=0))
    whole = (header(locale) + body).rstrip("\n") + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != whole:
        path.write_text(whole, "utf-8", newline="\n")
    dropped = len(here) - len(order) + added
    return f"{path.relative_to(ROOT)}: {len(order)} texts, {added} added, {dropped} dropped"


def main() -> int:
    parser = argparse.ArgumentParser(description="checks that every text of app/ is translated")
    parser.add_argument("--update", action="store_true", help="write the catalogues")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    args = parser.parse_args()
    global ROOT
    ROOT = args.root.resolve()
    texts, faults = extract()
    if args.update:
        for locale in COMPLETE:
            print(update(locale, texts))
    for locale in COMPLETE:
        faults += check(locale, texts)
    for fault in faults:
        print(fault)
    if faults:
        print(f"translations: {len(faults)} faults in {len(texts)} texts", file=sys.stderr)
        return 1
    print(f"translations: {len(texts)} texts complete")
    return 0


if __name__ == "__main__":
    sys.exit(main())
