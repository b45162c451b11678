"""What each type of field takes and refuses, as values of a table of one field.

Numbers of persons and units are invented; their check digits are right.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.intake.fields import Field, validate
from app.intake.readers import Reader, code, long, text, whole

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 10 o'clock in the province
ROMAN = chr(0x2160)  # a letter to Unicode, no letter of a document

TAKEN: list[tuple[str | Reader, Any, Any]] = [
    ("text", "张三", "张三"),
    ("text", " \u3000张三\u00a0", "张三"),
    ("text", "e\u0301", "e\u0301"),
    ("text", "x" * 200, "x" * 200),
    ("text", " " + "\U00020000" * 200, "\U00020000" * 200),
    (text(3), "abc", "abc"),
    ("long", "一\n二\r\n三\n", "一\n二\r\n三"),
    ("long", "x" * 5000, "x" * 5000),
    (long(100_000), "x" * 100_000, "x" * 100_000),
    (code({"1": "one", "2": "two"}), "2", "2"),
    ("whole", 0, 0),
    ("whole", 2_147_483_647, 2_147_483_647),
    (whole(1, 5), 5, 5),
    ("number", 0, 0),
    ("number", Decimal("103.0"), 103),
    ("number", Decimal("0.1"), 0.1),
    ("number", 0.5, 0.5),
    ("number", Decimal("-0.0"), 0),
    ("number", Decimal("1e-999999"), 0),
    ("money", 372000, Decimal("372000.00")),
    ("money", Decimal("0.10"), Decimal("0.10")),
    ("money", Decimal("1.500"), Decimal("1.50")),
    ("money", 0.1, Decimal("0.10")),
    ("money", "372000.5", Decimal("372000.50")),
    ("money", "0", Decimal("0.00")),
    ("bool", False, False),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("date", "2099-01-01", date(2099, 1, 1)),
    ("month", "2024-12", "2024-12"),
    ("year", 1900, 1900),
    ("year", 2100, 2100),
    ("time", "2026-11-25T10:00:00+08:00", NOW),
    ("time", "2026-11-25T02:00:00Z", NOW),
    ("time", "2026-11-25t02:00:00.000z", NOW),
    ("time", "2026-11-24T22:00:00-04:00", NOW),
    ("time", "2026-01-01T00:00:00.123456789Z", datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
    ("region", "350000", "350000"),
    ("region", "350102", "350102"),
    ("unit_code", "123501023AGYGLUY3Q", "123501023AGYGLUY3Q"),
    ("unit_code", "91110000600037341L", "91110000600037341L"),
    ("unit_code", "N2350102MA00000014", "N2350102MA00000014"),
    ("unit_code", "NZ00000007", "NZ00000007"),
    ("resident_id", "350102199303030020", "350102199303030020"),
    ("resident_id", "35080220000503801X", "35080220000503801X"),
    ("resident_id", "99010219930303002X", "99010219930303002X"),
    ("resident_id", "350102202611250011", "350102202611250011"),
    ("other_document", "H82821948", "H82821948"),
    ("other_document", "a1234", "a1234"),
    ("other_document", "A" * 20, "A" * 20),
    ("mobile", "13800138000", "13800138000"),
    ("mobile", "19912345678", "19912345678"),
    ("email", "rsk@example.cn", "rsk@example.cn"),
    ("email", "First.Last+x@Example.CN", "First.Last+x@Example.CN"),
    ("postal_code", "350001", "350001"),
    ("telephone", "0591-87556301 转 8", "0591-87556301 转 8"),
    ("ref", "闽/2026 №1", "闽/2026 №1"),
    ("ref", "x" * 64, "x" * 64),
]


@pytest.mark.parametrize(("kind", "value", "expected"), TAKEN)
def test_a_good_value_is_taken(kind: str | Reader, value: Any, expected: Any) -> None:
    assert validate([Field("it", kind)], {"it": value}, NOW) == ({"it": expected}, {})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", Decimal("103.0")),
        ("whole", 3),
        ("money", 3),
        ("bool", True),
        ("time", "2026-01-01T00:00:00Z"),
    ],
)
def test_a_value_has_one_python_type(kind: str, value: Any) -> None:
    clean, _ = validate([Field("it", kind)], {"it": value}, NOW)
    types = {"number": int, "whole": int, "money": Decimal, "bool": bool, "time": datetime}
    assert type(clean["it"]) is types[kind]


REFUSED: list[tuple[str | Reader, list[Any]]] = [
    ("text", [1, True, [], {}, "a\nb", "a\n", "\ta", "a\x00", "a\x7f", "a\x85b", "a\u2028b", "x" * 201]),
    (text(3), ["abcd"]),
    ("long", [1, "a\tb", "a\x00", "a\x1b[31m", "a\x85b", "x" * 5001]),
    (code({"1": "one", "2": "two"}), [2, "3", "one", True, ["1"], {"1": 1}]),
    ("whole", [-1, True, False, "1", Decimal("1.5"), 1.0, 2_147_483_648, [], {}]),
    (whole(1, 5), [0, 6]),
    (
        "number",
        [-1, Decimal("-0.1"), True, "1", "many", float("nan"), float("inf"), 10**13 + 1, Decimal("1e999999")],
    ),
    (
        "money",
        [-1, "-1", "1.234", Decimal("1.234"), Decimal("1e-999999"), 1e300, "1e3", "+1", "1,000", "１", "1."],
    ),
    ("money", [True, [], {}, "NaN", float("inf"), " 1 2 "]),
    ("bool", [0, 1, "true", []]),
    ("date", ["2025-02-30", "2023-02-29", "20250101", "2025-W01-1", "2025-1-1", "2025-01", "0000-01-01"]),
    ("date", ["2025-01-01T00:00:00Z", "２０２５-01-01", 20250101, True, []]),
    ("month", ["2025-13", "2025-00", "2025-1", "202501", "2025-01-01", "0000-01", 202501]),
    ("year", [1899, 2101, 1234567890123, "2020", Decimal("2020.5"), True]),
    (
        "time",
        [
            "2026-11-01T09:00:00",
            "2026-11-01",
            "2026-11-01 09:00:00Z",
            "2026-11-01T09:00Z",
            "20261101T090000Z",
        ],
    ),
    (
        "time",
        ["2026-02-30T09:00:00Z", "2026-11-01T24:00:00Z", "2026-11-01T09:60:00Z", "2026-11-01T09:00:00+8"],
    ),
    ("time", ["2026-11-01T09:00:00+0800", "2026-11-01T09:00:00+24:00", "2026-11-01T09:00:00+08:60"]),
    ("time", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", 1700000000, True]),
    ("time", ["2026-11-25T10:00:01+08:00", "2026-11-25T02:00:00.000001Z", "2027-01-01T00:00:00Z"]),
    ("region", ["350101", "350403", "110000", "35", "福州市", 350102, "350102 350103", ["350102"]]),
    ("unit_code", ["913501026C8BXBRCP9", "913501026c8bxbrcpt", "9135 01026C8BXBRCPT", "12345", "NZ0000000"]),
    (
        "unit_code",
        ["NZ000000007", "nz00000007", "NZ0000000７", "A1110000600037341L", "9111000060003734IL", 7],
    ),
    ("resident_id", ["350102199303030021", "35080220000503801x", "350102930303002", "3501021993030300200"]),
    ("resident_id", ["350102199302300025", "350102199300030025", "35010219930303002０", 350102199303030020]),
    ("resident_id", ["350102202611260017", "350102000003030028", "3501021993_3030020"]),
    (
        "other_document",
        ["H123", "H" * 21, "H-1234", "H 1234", "护照12345", "１２３４５", f"{ROMAN}1234", 12345, True],
    ),
    ("mobile", ["12345", "12345678901", "138001380001", "+8613800138000", "138-0013-8000", "059187556301"]),
    (
        "mobile",
        ["08613800138", "00861380013", "1380013800０", 13800138000, "10086", "00000000000", "11000003537"],
    ),
    ("email", ["no-at-sign", "a@", "@example.cn", "a@b", "a b@example.cn", "a@example.cn, b@example.cn", 1]),
    (
        "email",
        ["a@example.cn\nBcc: b@example.cn", "张三 <a@example.cn>", "a" * 65 + "@example.cn", "a@-x.cn"],
    ),
    ("postal_code", ["35000", "3500011", "35000a", "３５０００１", 350001]),
    ("telephone", ["1" * 41, 87556301, "1\n2"]),
    ("ref", [" A1", "A1 ", "\u3000A1", "A\n1", "A\x001", "x" * 65, 1, True, ["A1"]]),
]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in REFUSED for value in values])
def test_a_bad_value_is_one_error_of_its_field(kind: str | Reader, value: Any) -> None:
    clean, errors = validate([Field("it", kind)], {"it": value}, NOW)
    assert (clean, [(path, len(messages)) for path, messages in errors.items()]) == ({}, [("it", 1)])


def test_birth_is_judged_by_the_day_in_the_province() -> None:
    evening = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # half past midnight of the 25th there
    assert validate([Field("it", "resident_id")], {"it": "350102202611250011"}, evening)[1] == {}
