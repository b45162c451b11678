import io
from decimal import Decimal

import pytest

from app.intake.lines import LIMIT, LineError, canonical, parse_object, read_lines

BOM = b"\xef\xbb\xbf"


class Endless(io.RawIOBase):
    """One line that never ends within `size` bytes, and the most that was asked of it at once."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.largest = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None and size >= 0, "an unbounded read"
        piece = min(size, self.left)
        self.left -= piece
        self.largest = max(self.largest, piece)
        return b"x" * piece


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        (b"", []),
        (b"{}", [(1, b"{}")]),
        (b"{}\n", [(1, b"{}")]),
        (b"a\r\nb\r\n", [(1, b"a"), (2, b"b")]),
        (b"a\n\n \t\r\nb", [(1, b"a"), (4, b"b")]),
        (BOM + b"a\nb", [(1, b"a"), (2, b"b")]),
        (BOM + b"\na", [(2, b"a")]),
        (b"a\n" + BOM + b"b", [(1, b"a"), (2, b"b")]),
        (b"a\rb\n", [(1, b"a\rb")]),
    ],
)
def test_lines_are_numbered_as_an_editor_numbers_them(feed: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert list(read_lines(io.BytesIO(feed))) == expected


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_line_of_the_limit_is_whole(end: bytes) -> None:
    line = b"x" * LIMIT
    assert list(read_lines(io.BytesIO(BOM + line + end + b"y"))) == (
        [(1, line), (2, b"y")] if end else [(1, (line + b"y")[: LIMIT + 1])]
    )


@pytest.mark.parametrize("over", [1, 2, 6, LIMIT, 3 * LIMIT])
def test_the_line_after_one_that_is_too_long_keeps_its_number(over: int) -> None:
    feed = io.BytesIO(b"x" * (LIMIT + over) + b"\n\n{}\n")
    assert [(number, len(line)) for number, line in read_lines(feed)] == [(1, LIMIT + 1), (3, 2)]


def test_a_line_of_any_length_is_read_in_pieces() -> None:
    stream = Endless(64 * LIMIT)
    list(read_lines(stream))  # type: ignore[arg-type]
    assert stream.largest < LIMIT + 10


def test_a_line_over_the_limit_is_refused_though_it_is_json() -> None:
    ((_, line),) = read_lines(io.BytesIO(b'{"a": 1}' + b" " * LIMIT))
    with pytest.raises(LineError):
        parse_object(line)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"{}", {}),
        (b' \t{"a": [1, "b", null, true]}\r\n', {"a": [1, "b", None, True]}),
        (BOM + b'{"a": 1}', {"a": 1}),
        ('{"姓名": "张三"}'.encode(), {"姓名": "张三"}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": 12345678901234567890}', {"a": 12345678901234567890}),
        (b'{"a": 0.1}', {"a": Decimal("0.1")}),
        (b'{"a": {"x": 1}, "b": {"x": 1}}', {"a": {"x": 1}, "b": {"x": 1}}),
    ],
)
def test_an_object_is_read(raw: bytes, expected: dict[str, object]) -> None:
    assert parse_object(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'{"kind": "unit",',
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": 1} {}',
        b'{"a": 01}',
        b'{"a": +1}',
        b'{"a": .5}',
        b'{"a": 1.}',
        b"// no\n{}",
        b'{"a": "\t"}',
        b'{"a": True}',
        b"[{}]",
        b"null",
        b'"text"',
        b"1",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": [{"c": 1, "c": 2}]}}',
        rb'{"a": 1, "\u0061": 2}',
        b'{"a": 1e400}',
        b'{"a": -1e400}',
        b'{"a": 1e-99999999999999999999}',
        b'{"a": ' + b"9" * 400 + b"}",
        b'{"a": ' + b"9" * 100_000 + b"}",
        rb'{"a": "\ud800"}',
        rb'{"a": ["\udc00\ud800"]}',
        rb'{"\ud800": 1}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\xc0\x80"}',
        '{"a": 1}'.encode("utf-16"),
        nested(33),
        nested(100_000),
        b"[" * 500_000,
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_what_is_not_one_strict_object_is_an_error_of_the_line(raw: bytes) -> None:
    with pytest.raises(LineError) as caught:
        parse_object(raw)
    assert [(field, len(messages)) for field, messages in caught.value.errors.items()] == [("line", 1)]


def test_nesting_within_the_limit_is_read() -> None:
    assert parse_object(nested(32))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1, "b": {"c": 2, "d": 3}}', b'{"b": {"d": 3, "c": 2}, "a": 1}'),
        (b'{"a": 1}', b'{ "a" :1.0 }'),
        (b'{"a": 100}', b'{"a": 1e2}'),
        (b'{"a": 0}', b'{"a": -0.0}'),
        (b'{"a": 0.10}', b'{"a": 0.1}'),
        (b'{"a": 1e300}', b'{"a": 10e299}'),
        ('{"a": "é"}'.encode(), rb'{"a": "\u00e9"}'),
    ],
)
def test_equal_json_values_give_the_same_bytes(one: bytes, other: bytes) -> None:
    assert canonical(parse_object(one)) == canonical(parse_object(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1}', b'{"a": true}'),
        (b'{"a": 0}', b'{"a": false}'),
        (b'{"a": 1}', b'{"a": "1"}'),
        (b'{"a": 1}', b'{"a": -1}'),
        (b'{"a": null}', b"{}"),
        (b'{"a": null}', b'{"a": ""}'),
        (b'{"a": [1, 2]}', b'{"a": [2, 1]}'),
        (b'{"a": [1, 2]}', b'{"a": [12]}'),
        (b'{"a": []}', b'{"a": {}}'),
        (b'{"a": "b\\",\\"c"}', b'{"a": "b", "c": ""}'),
        (b'{"a": 0.1}', b'{"a": 0.1000000000000000055511151231257827}'),
        (b'{"a": 9007199254740993}', b'{"a": 9007199254740992}'),
        (rb'{"a": "\u00e9"}', rb'{"a": "e\u0301"}'),
    ],
)
def test_different_json_values_give_different_bytes(one: bytes, other: bytes) -> None:
    assert canonical(parse_object(one)) != canonical(parse_object(other))


def test_a_float_counts_as_json_writes_it() -> None:
    assert canonical({"a": 0.1}) == canonical({"a": Decimal("0.1")})


@pytest.mark.parametrize(
    ("value", "error"),
    [(float("nan"), ValueError), (float("inf"), ValueError), (Decimal("NaN"), ValueError), (b"x", TypeError)],
)
def test_what_is_no_json_has_no_bytes(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        canonical([value])
