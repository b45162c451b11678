"""Invented values: names and numbers of people, and what the fields of an item type say, by the kind of each field."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from stdnum import ean, issn
from stdnum.cn import ric

from app.archive.catalogue import PAIRS, Catalogue, Field, ItemType

BORN = date(1960, 1, 1)
DAYS = 16_000  # of birth, to the end of 2003
SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄吕江何罗高萧潘朱简钟彭游詹胡施沈余卢梁"
GIVEN = "志明建国秀英丽华文雅静怡晓峰海燕小芳美玲家豪淑贞俊杰婷宗翰佳颖冠宇思远子涵欣然"
TOPICS = ("数学", "语文", "护理", "桥梁", "软件", "茶叶", "海洋", "林业", "建筑", "档案", "电力", "陶瓷")
REMARKS = ("按规定提交，原件已核对。", "附有主管部门的证明。", "本人承诺材料真实。", "与团队共同完成。")
FILLED = 0.7  # of the fields that may be left out


Thing = TypeVar("Thing")


def pick(chance: random.Random, things: Sequence[Thing]) -> Thing:
    """One of them: `random.choice` for those who ask millions of times."""
    return things[int(chance.random() * len(things))]


def person_name(chance: random.Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))


def mobile(chance: random.Random) -> str:
    return f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"


def id_number(n: int, area: str = "110101") -> str:
    """The n-th resident ID number of an area outside the province, so that it is nobody's of the demo."""
    born = BORN + timedelta(days=n // 1000 % DAYS)
    body = f"{int(area) + n // 1000 // DAYS}{born:%Y%m%d}{n % 1000:03d}"
    return body + ric.calc_check_digit(body + "0")


# ---- what a field says -----------------------------------------------------------------------------------------------


class Drawn(NamedTuple):
    """What the values of one item are made of: `serial` tells it from others, `code` its numbers of certificates."""

    chance: random.Random
    serial: int
    code: int  # another item's serial in a planted duplicate
    file: str  # an attachment's id


def _text(field: Field, drawn: Drawn) -> str:
    if field.unique:
        return f"闽{2000 + drawn.code % 26}-{drawn.code:08d}"
    words = f"{pick(drawn.chance, TOPICS)}{field.zh}"
    return f"{words}{drawn.serial}" if field.title else words


def _day(drawn: Drawn) -> str:
    return (date(2005, 1, 1) + timedelta(days=int(drawn.chance.random() * 7600))).isoformat()


def _isbn(drawn: Drawn) -> str:
    body = f"9787{drawn.code % 10**8:08d}"
    return body + ean.calc_check_digit(body)


def _issn(drawn: Drawn) -> str:
    body = f"{drawn.code % 10**7:07d}"
    return f"{body[:4]}-{body[4:]}{issn.calc_check_digit(body)}"


# kind of a field → a value as a version keeps it
INVENTED: Mapping[str, Callable[[Field, Drawn], Any]] = {
    "text": _text,
    "long": lambda _field, drawn: pick(drawn.chance, REMARKS),
    "date": lambda _field, drawn: _day(drawn),
    "month": lambda _field, drawn: _day(drawn)[:7],
    "year": lambda _field, drawn: 2005 + drawn.serial % 21,
    "number": lambda _field, drawn: 1 + int(drawn.chance.random() * 120),
    "money": lambda _field, drawn: f"{1 + int(drawn.chance.random() * 500_000)}.00",
    "bool": lambda _field, drawn: drawn.chance.random() < 0.5,
    "file": lambda _field, drawn: drawn.file,
    "files": lambda _field, drawn: [drawn.file],
    "doi": lambda _field, drawn: f"10.3969/j.{drawn.code:08d}",
    "isbn": lambda _field, drawn: _isbn(drawn),
    "issn": lambda _field, drawn: _issn(drawn),
}


def inventor(item_type: ItemType, catalogue: Catalogue) -> Callable[[Drawn], dict[str, Any]]:
    """What invents the data of an item of this type."""
    makers: Sequence[tuple[Field, Any]] = [(field, _maker(field, catalogue)) for field in item_type.fields]
    keys = {field.key for field in item_type.fields}
    pairs = [pair for pair in PAIRS if keys.issuperset(pair)]

    def invent(drawn: Drawn) -> dict[str, Any]:
        random_number = drawn.chance.random
        data = {f.key: make(f, drawn) for f, make in makers if f.required or random_number() < FILLED}
        for first, last in pairs:
            if first in data and last in data and data[last] < data[first]:
                data[first], data[last] = data[last], data[first]
        return data

    return invent


def _maker(field: Field, catalogue: Catalogue) -> Callable[[Field, Drawn], Any]:
    if field.kind != "code":
        return INVENTED[field.kind]
    choices = list(catalogue.codes[field.codes])
    return lambda _field, drawn: pick(drawn.chance, choices)
