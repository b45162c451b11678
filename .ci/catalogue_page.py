"""Writes docs/catalogue.md, the guide's list of item types, fields and codes, from the archive's catalogue.

usage: python .ci/catalogue_page.py [--check] [--catalogue FILE] [--page FILE]
--check   writes nothing; exit 1 when the page is not up to date
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.archive.catalogue import KINDS, Catalogue, Category, Field, ItemType, load  # noqa: E402
from app.codes import CATALOGUE  # noqa: E402

HEAD = """\
# 业绩档案目录 · The archive's catalogue

<!-- Written by .ci/catalogue_page.py from app/archive/catalogue.toml: change that file, then run the script. -->

What the staff of a unit submit: {categories} categories, {types} types of item. A record's `data` has the fields of
its type, by key. *Required* fields may not be absent; the *title* names the record in lists (and is required); a
*column* stands in the type's list; *unique* values are looked for among all other records of the province; *whole*
numbers have no decimals. `from` and `to` may be equal, never reversed; a missing `to` means "to date"."""

# kind → what a value of it is
MEANING = {
    "text": "one line, at most 200 characters",
    "long": "text with line breaks, at most 5000 characters",
    "date": "`YYYY-MM-DD`",
    "month": "`YYYY-MM`",
    "year": "a whole number from 1900 to 2100",
    "number": "a JSON number, 0 or more",
    "money": "CNY, 0 or more: a JSON number, or text with at most two decimals",
    "bool": "`true` or `false`",
    "code": "a key of the code list named beside it",
    "file": "the id of an attachment",
    "files": "ids of attachments, at most 10",
    "doi": "a DOI (ISO 26324)",
    "issn": "an ISSN (ISO 3297)",
    "isbn": "an ISBN (ISO 2108)",
}
FLAGS = {"required": "required", "title": "title", "listed": "column", "unique": "unique", "whole": "whole"}


def page(catalogue: Catalogue) -> str:
    parts = [HEAD.format(categories=len(catalogue.categories), types=len(catalogue.types))]
    parts += table(("kind", "value"), ((f"`{kind}`", MEANING[kind]) for kind in KINDS))
    for category in catalogue.categories:
        parts += [f"\n## {category.zh} · {category.en}", f"\nKey: `{category.key}`", *types(category)]
    parts.append("\n## 代码表 · Code lists")
    for name, codes in catalogue.codes.items():
        parts += [f"\n### {name}", *table(("code", "中文", "English"), ((f"`{key}`", *codes[key]) for key in codes))]
    return "\n".join(parts) + "\n"


def types(category: Category) -> Iterator[str]:
    for item_type in category.types:
        yield f"\n### {item_type.zh} · {item_type.en}"
        yield f"\nKey: `{item_type.key}`"
        yield from fields(item_type)


def fields(item_type: ItemType) -> Iterator[str]:
    head = ("中文", "English", "key", "kind", "")
    return table(head, ((f.zh, f.en, f"`{f.key}`", kind(f), flags(f)) for f in item_type.fields))


def kind(field: Field) -> str:
    return f"code: [{field.codes}](#{field.codes})" if field.codes else field.kind


def flags(field: Field) -> str:
    return ", ".join(word for flag, word in FLAGS.items() if getattr(field, flag))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "\n" + line(head)
    yield line(["---"] * len(head))
    yield from map(line, rows)


def line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description="writes docs/catalogue.md from the archive's catalogue")
    parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "catalogue.md")
    args = parser.parse_args()
    text = page(load(args.catalogue))
    if not args.check:
        args.page.write_text(text, "utf-8", newline="\n")
    elif not args.page.exists() or args.page.read_text("utf-8") != text:
        print(f"{args.page}: not up to date; run python .ci/catalogue_page.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
