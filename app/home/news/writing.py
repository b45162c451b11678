"""What is written as Markdown, made HTML that harms nobody.

Two libraries stand behind each other: the one makes the HTML and knows no raw HTML, the other lets through nothing but
the elements named here. Time and size grow with the length: the worst of 100,000 characters that was found takes 2
seconds, and becomes HTML of 10 times its length.
"""

import re
import unicodedata
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.state_inline import Scanned, StateInline

HEADINGS = ("h2", "h3", "h4", "h5", "h6")  # the page's own is the h1
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
ELEMENTS = {
    "p",
    "br",
    "hr",
    "strong",
    "em",
    "s",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    *HEADINGS,
    *TABLES,
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow"
SCROLLS = {"table": {"tabindex": "0"}, "pre": {"tabindex": "0"}}  # by its keys too, where it is wider than the page

# Whole, and without a name before the host: https://www.gov.cn@elsewhere.example/ leads elsewhere.
_ADDRESS = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#].*)?|mailto:.+", re.IGNORECASE)
_BLANK_LINE = re.compile(r"^[ \t\u3000]+$", re.MULTILINE)
_INDENT = re.compile(r"^\u3000+", re.MULTILINE)
_HELD = "\ue000"  # stands for a Chinese blank that begins a line, which Markdown would take away
# Marks of direction make a text read otherwise than it was written. Chinese needs none.
_LAST = dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))) | {ord(_HELD): "\u3000"}


def harmless(text: str) -> str:
    """The HTML of a text."""
    text = _INDENT.sub(lambda found: _HELD * len(found[0]), _BLANK_LINE.sub("", text))
    tokens = _MARKDOWN.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = HEADINGS[min(int(token.tag[1]) - highest, len(HEADINGS) - 1)]
    for token in tokens:
        if aligned := token.attrs.pop("style", None):  # of a table's cell: a style would need a weaker policy
            token.attrs["align"] = str(aligned).removeprefix("text-align:")
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    html = nh3.clean(
        html,
        tags=ELEMENTS,
        attributes=ATTRIBUTES,
        set_tag_attribute_values=SCROLLS,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=REL,
    )
    return html.translate(_LAST)


class _Chinese(StateInline):
    """Chinese sets no blanks between words, so that `**注意：**请` is what CommonMark does not take for bold."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        found = super().scanDelims(start, canSplitWord)
        end = start + found.length
        before, after = self.src[start - 1 : start], self.src[end : end + 1]
        if not canSplitWord or not (_is_wide(before) or _is_wide(after)):
            return found
        return Scanned(not _is_blank(after), not _is_blank(before), found.length)


def _is_wide(char: str) -> bool:
    return bool(char) and unicodedata.east_asian_width(char) in "WF"


def _is_blank(char: str) -> bool:
    return not char or char.isspace()


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: Any) -> Any:
        # Overridden, as it stands, for the class of its state.
        state = _Chinese(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _picture(renderer: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """No picture is shown, from wherever: what it says of itself stands for it."""
    return escape(renderer.renderInlineAsText(tokens[index].children, options, env))


def _is_address(url: str) -> bool:
    """Whether a link may lead there. One that may not stays as it was typed, so that its author sees it."""
    return _ADDRESS.fullmatch(url) is not None


def _markdown() -> MarkdownIt:
    """As people write who know little of it: a line ends where it was ended, blanks before it are no code. Addresses
    that are named once and meant often are not known: 100,000 characters of them became 400 MB."""
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
    markdown.disable(["code", "reference"])
    markdown.validateLink = _is_address  # type: ignore[method-assign]
    inline = _Inline()
    for ruler, known in ((inline.ruler, markdown.inline.ruler), (inline.ruler2, markdown.inline.ruler2)):
        ruler.enableOnly(known.get_active_rules())
    markdown.inline = inline
    markdown.enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _picture)
    return markdown


_MARKDOWN = _markdown()
