"""Makes the fonts of the paper anew, as their table, fonts.toml, says: subsets of free fonts in Debian's packages.

usage: python .ci/fonts.py [--packages FOLDER]
for maintainers, on Debian: fetches the packages with `apt-get download` (or takes the .deb files that FOLDER has)
and writes the fonts, characters.txt (what they can print) and SHA256SUMS; the sets of characters come from Unihan
"""

import argparse
import bz2
import hashlib
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont
from vendor import SUMS, kept

FONTS = Path(__file__).resolve().parent.parent / "app" / "applications" / "paper" / "fonts"
TABLE, CHARACTERS = "fonts.toml", "characters.txt"
UNIHAN = ("Unihan_IRGSources", "Unihan_OtherMappings", "Unihan_DictionaryIndices", "Unihan_Readings", "Unihan_Variants")

LATIN = [(0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x2030, 0x203A), (0x20AC, 0x20AC), (0x2116, 0x2122)]
# Latin with the tones of pinyin, Greek, Cyrillic, punctuation, units, numbers in circles, frames, kana, full width;
# no accents by themselves: a letter that this font lacks would be put together from two
SYMBOLS = [
    *[(0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2FF), (0x370, 0x45F), (0x1E00, 0x1EFF)],
    *[(0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x27BF), (0x3000, 0x312F), (0x3200, 0x33FF)],
    *[(0xFE10, 0xFE1F), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF)],
]
# Latin of all Europe and of Vietnam, Greek, Cyrillic
LETTERS = [(0xA0, 0x24F), (0x2B0, 0x36F), (0x370, 0x52F), (0x1E00, 0x1FFF)]
HAN = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x323AF)]
# Where China's sources of a character are people, places and living words: registers of the public security (ID, XM),
# place names (DM), modern dictionaries (FC, HC, CH, ZFY), the general table (GFZ), Singapore (S)
NAMES = {"GIDC", "GXM", "GDM", "GFC", "GHC", "GCH", "GZFY", "GGFZ", "GPGLG", "GXC", "GS", "G4K"}


def unihan(package: Path) -> dict[str, dict[int, str]]:
    """Property → character → value."""
    properties: dict[str, dict[int, str]] = defaultdict(dict)
    for name in UNIHAN:
        with bz2.open(package / "usr" / "share" / "unicode" / f"{name}.txt.bz2", "rt", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("U+"):
                    code, field, value = line.rstrip("\n").split("\t")
                    properties[field][int(code[2:], 16)] = value
    return properties


def spread(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


def decoded(codec: str) -> set[int]:
    """What a codec of two bytes can say; not its private use."""
    pairs = (bytes([first, second]) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF))
    found = {ord(text) for pair in pairs if len(text := pair.decode(codec, "ignore")) == 1}
    return found - spread([(0, 0xFF), (0xE000, 0xF8FF)])


def sets_of(properties: dict[str, dict[int, str]]) -> dict[str, set[int]]:
    source = properties["kIRG_GSource"]
    kangxi = {code for code, value in source.items() if value.startswith("GKX-")}
    return {
        "latin": spread(LATIN),
        "letters": spread(LETTERS),
        "symbols": spread(SYMBOLS),
        "gb2312": decoded("gb2312"),
        "gbk": decoded("gbk"),
        "general": set(properties["kTGH"]),
        "han": spread(HAN),
        "names": {code for code, value in source.items() if value.partition("-")[0] in NAMES},
        "simplified": set(properties["kTraditionalVariant"]),
        # a name is called: of the Kangxi dictionary, what has a reading
        "kangxi": kangxi & set(properties["kMandarin"]),
    }


def opened(source: dict[str, str], path: Path, face: str | None) -> TTFont:
    """The font as the package has it, checked against the table; face: which one of a collection."""
    sums = hashlib.sha256(path.read_bytes()).hexdigest()
    if sums != source["sha256"]:
        sys.exit(f"{path.name}: sha256 is {sums}, not as listed")
    if face is None:
        return TTFont(path)
    return next(font for font in TTCollection(path).fonts if font["name"].getDebugName(1) == face)


def reduced(font: TTFont, wanted: set[int]) -> None:
    """Outlines and widths of these characters, and how Latin pairs stand; nothing for columns or for screens."""
    options = subset.Options(layout_features=["kern"], hinting=False, notdef_outline=True, name_IDs=[0, 13, 14])
    options.drop_tables += ["BASE", "DSIG", "FFTM", "VORG", "meta", "vhea", "vmtx"]
    tool = subset.Subsetter(options)
    tool.populate(unicodes=wanted)
    tool.subset(font)


def named(font: TTFont, entry: dict[str, Any], source: dict[str, str]) -> None:
    """A changed font has a name of its own, and says so."""
    family, made = entry["family"], entry["made"]
    compact = family.replace(" ", "")
    notice = f"A subset of {Path(source['path']).name} {source['version']}, renamed; changed on {made}."
    values = {1: family, 2: "Regular", 3: f"{family}, {made}", 4: family, 5: f"Version {source['version']}, {made}"}
    for number, value in (values | {6: compact, 10: notice}).items():
        font["name"].setName(value, number, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [compact]
        cff[0].FullName = cff[0].FamilyName = family
        cff[0].Weight = "Regular"
    # each is a family of its own: a weight that one of them lacks is not looked for in another
    font["OS/2"].usWeightClass, font["OS/2"].fsSelection, font["head"].macStyle = 400, 0x40, 0


def ranges(codes: set[int]) -> Iterator[str]:
    """A line for each run: 4E00-9FFF."""
    ordered = sorted(codes)
    starts = [code for code in ordered if code - 1 not in codes]
    ends = [code for code in ordered if code + 1 not in codes]
    return (f"{first:04X}-{last:04X}\n" for first, last in zip(starts, ends, strict=True))


def unpacked(versions: dict[str, str], folder: Path | None, scratch: Path) -> None:
    """Each package's files, under its name."""
    if folder is None:
        names = [f"{name}={version}" for name, version in versions.items()]
        subprocess.run(["apt-get", "download", *names], check=True, cwd=scratch)
    for name in versions:
        (archive,) = (folder or scratch).glob(f"{name}_*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, scratch / name], check=True)


def make(folder: Path | None) -> None:
    table = tomllib.loads((FONTS / TABLE).read_text("utf-8"))
    printable: set[int] = set()
    with tempfile.TemporaryDirectory() as scratch:
        unpacked(table["packages"], folder, Path(scratch))
        sets = sets_of(unihan(Path(scratch, "unicode-data")))
        for entry in table["fonts"].values():
            source = table["sources"][entry["source"]]
            font = opened(source, Path(scratch, source["package"], source["path"]), entry.get("face"))
            wanted = set().union(*(sets[name] for name in entry["holds"])) & set(font.getBestCmap())
            if entry["chain"]:
                wanted -= printable
                printable |= wanted
            reduced(font, wanted)
            named(font, entry, source)
            font.save(FONTS / entry["file"])
            print(f"{entry['file']}: {len(wanted)} characters, {(FONTS / entry['file']).stat().st_size:,} bytes")
    (FONTS / CHARACTERS).write_text("".join(ranges(printable)), "utf-8", newline="\n")
    (FONTS / SUMS).write_text("".join(f"{sums}  {name}\n" for name, sums in kept(FONTS)), "utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="makes the fonts of the paper anew")
    parser.add_argument("--packages", type=Path, help="a folder with the .deb files")
    make(parser.parse_args().packages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
