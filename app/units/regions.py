"""The regions of the served province, by GB/T 2260 (codes of the administrative divisions of China).

A code has six digits, two each for province, city and county. The table is the one python-stdnum ships
(`cn/loc`): it keeps every division there ever was, with the years it was in force; here are those in force.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from stdnum import numdb

from config import PROVINCE

Level = Literal["province", "city", "county"]

# `[1983-1994]郊区,[1995-]晋安区`: names by years; without an end year, or without years, it is in force.
NAME_IN_FORCE = re.compile(r"(?:^|,)(?:\[\d*-\])?([^\[\],]+)")

# Rows that only group the rows below them: nobody governs there.
PLACEHOLDERS = {"市辖区", "县", "市区", "省直辖县级行政单位", "自治区直辖县级行政单位"}


@dataclass(frozen=True)
class Region:
    """One division in force by GB/T 2260; `code` has six digits, `name` is its own name, 鼓楼区."""

    code: str
    name: str
    level: Level


def read_regions(province: str = PROVINCE) -> Mapping[str, Region]:
    """The divisions in force in one province (GB/T 2260), in order of code; none for an unknown province."""
    found = (Region(code, name, _level(code)) for code, name in _names_in_force(province[:2]))
    return MappingProxyType({region.code: region for region in sorted(found, key=lambda region: region.code)})


def _names_in_force(province: str) -> Iterator[tuple[str, str]]:
    for _, prefix, _, _, divisions in numdb.get("cn/loc").prefixes:
        if prefix != province:
            continue
        for _, rest, _, properties, _ in divisions:
            for name in NAME_IN_FORCE.findall(properties["county"]):
                if name not in PLACEHOLDERS:
                    yield prefix + rest, name


def _level(code: str) -> Level:
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


REGIONS: Mapping[str, Region] = read_regions()


def region_bounds(code: str) -> tuple[str, str]:
    """The lowest and highest code of a region (GB/T 2260) and all below it, both included, to filter by.

    Raises KeyError for a region that is not served, so that a scope made of it opens nothing.
    """
    own = {"province": 2, "city": 4, "county": 6}[REGIONS[code].level]
    return code, code[:own].ljust(6, "9")


def regions_in(code: str) -> list[str]:
    """The codes of a region (GB/T 2260) and all below it, the widest first. Raises KeyError for one not served."""
    low, high = region_bounds(code)
    return [each for each in REGIONS if low <= each <= high]


def choices_in(code: str) -> list[tuple[str, str]]:
    """The same as the choices of a select."""
    return [(each, full_name(each)) for each in regions_in(code)]


def path(code: str) -> list[Region]:
    """From the province down to the region itself (GB/T 2260). Raises KeyError for a region not served."""
    region = REGIONS[code]
    above = (f"{code[:2]}0000", f"{code[:4]}00")
    return [REGIONS[each] for each in above if each in REGIONS and each != code] + [region]


def full_name(code: str) -> str:
    """The names of the path, 福建省福州市鼓楼区 (GB/T 2260). Raises KeyError for a region not served."""
    return "".join(region.name for region in path(code))
