"""What can be printed, and what stands for the rest."""

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"

# what ends a line on other systems
PLAIN = {"\r\n": "\n", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " "}
# a letter and its accents in two or more characters, as some systems type them: fonts have one
ACCENTED = re.compile("[A-Za-z][\u0300-\u036f]+")


@cache
def printable() -> tuple[list[int], list[int]]:
    """First and last of each run of characters that the fonts hold (characters.txt, made with them)."""
    lines = (FONTS / "characters.txt").read_text("ascii").split()
    firsts, lasts = zip(*(line.split("-") for line in lines), strict=True)
    return [int(first, 16) for first in firsts], [int(last, 16) for last in lasts]


def is_printable(character: str) -> bool:
    firsts, lasts = printable()
    place = bisect_right(firsts, ord(character)) - 1
    return place >= 0 and ord(character) <= lasts[place]


def shown(character: str) -> str:
    """The character, or what is printed in its place: 〓U+1F600 for one that no font holds."""
    category = unicodedata.category(character)
    # a wide space is one; others would hold words together
    if category == "Zs" and character != "\u3000":
        return " "
    # no ink of their own: joiners, soft hyphens, choices of a variant; directions, which would turn a name round
    if category == "Cf" or "VARIATION SELECTOR" in unicodedata.name(character, ""):
        return ""
    if character == "\n" or is_printable(character):
        return character
    return f"〓U+{ord(character):04X}"


def legible(text: str) -> str:
    """The text as it can be printed: nothing of it is lost, nothing turns it round."""
    for found, plain in PLAIN.items():
        text = text.replace(found, plain)
    text = ACCENTED.sub(lambda letter: unicodedata.normalize("NFC", letter[0]), text)
    return text.translate({ord(one): shown(one) for one in set(text)})
