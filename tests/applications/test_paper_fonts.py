"""The fonts of the paper: those that were made from the table, with all that a name is written with."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app.applications.paper.characters import FONTS, is_printable, legible
from config import ROOT

TABLE = tomllib.loads((FONTS / "fonts.toml").read_text("utf-8"))
GENERAL = "".join((Path(__file__).parent / "general_table.txt").read_text("utf-8").splitlines()[1:])
# seldom in print, often enough in names; the last ten from the public security's registers (GIDC, GXM in Unihan)
NAMES = "𠮷㛃喆堃昇珺玥翀旻晞祎璟琇翊頔赟燚犇淼焱垚鑫嫄婠妤姝娉靓竑竣珅珏珞琤瑄璘甯湉昶昉晟暐烜焜煊煜熠"
NAMES += "𬭚𬬻𬳽𫖯𫘧𫍽䶮㑇㴔䏡𫟦𫝦𫝧𫝨𫝪𫝴𱎪𱎫𱎿𱏆𱏩"


@cache
def characters(name: str) -> set[int]:
    with TTFont(FONTS / TABLE["fonts"][name]["file"], lazy=True) as font:
        return set(font.getBestCmap())


def test_the_fonts_are_those_that_were_made():
    command = [sys.executable, ROOT / ".ci" / "vendor.py", "--check", "--folder", FONTS]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", TABLE["fonts"])
def test_each_font_has_its_licence_beside_it_and_a_name_of_its_own(name):
    font = TABLE["fonts"][name]
    source = TABLE["sources"][font["source"]]
    assert source["license"] in {"OFL-1.1", "Arphic-1999"}
    assert (FONTS / source["text"]).stat().st_size > 4000
    with TTFont(FONTS / font["file"], lazy=True) as made:
        assert made["name"].getDebugName(1) == font["family"]


@pytest.mark.parametrize("name", ["song", "head"])
def test_the_whole_general_table_is_in_the_font(name):
    assert len(set(GENERAL)) == 8105
    assert {one for one in GENERAL if ord(one) not in characters(name)} == set()


def test_all_that_gbk_can_say_is_in_the_first_font():
    pairs = (bytes([first, second]) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF))
    han = {text for pair in pairs if len(text := pair.decode("gbk", "ignore")) == 1 and "\u4e00" <= text <= "\u9fff"}
    assert len(han) > 20_000
    assert {one for one in han if ord(one) not in characters("song")} == set()


def test_characters_of_names_are_printable():
    assert [one for one in NAMES if legible(one) != one] == []


def test_what_is_told_to_be_printable_is_in_the_fonts():
    chain = [name for name, font in TABLE["fonts"].items() if font["chain"]]
    held = set().union(*map(characters, chain))
    assert {code for code in range(sys.maxunicode + 1) if is_printable(chr(code))} == held


def test_the_templates_ask_all_fonts_of_the_chain_in_its_order():
    frame = (FONTS.parent / "templates" / "frame.typ").read_text("utf-8")
    asked = re.findall('"([^"]+)"', re.search(r"#let chain = \((.*)\)", frame)[1])
    assert asked == [font["family"] for font in TABLE["fonts"].values() if font["chain"]]
    assert {font["family"] for font in TABLE["fonts"].values()} == set(re.findall('"(Desk [^"]+)"', frame))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("林\U0001f600燕", "林〓U+1F600燕"),
        ("\x07", "〓U+0007"),
        ("\ue863", "〓U+E863"),
        ("\ud800", "〓U+D800"),
        ("བོད", "〓U+0F56〓U+0F7C〓U+0F51"),
        ("林\u202e晓\u200b燕\ufeff", "林晓燕"),
        ("ex\u00adcept", "except"),
        ("葛\U000e0100", "葛"),
        ("一\r\n二\r三\u2028四\x0b五", "一\n二\n三\n四\n五"),
        ("a\u00a0b\tc\u2009d\u3000e", "a b c d\u3000e"),
        ("e\u0301", "é"),
        ("\uf900豈", "\uf900豈"),
    ],
)
def test_what_no_font_has_leaves_a_mark(typed, printed):
    assert legible(typed) == printed
