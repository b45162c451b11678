"""What is written as Markdown, made HTML that harms nobody.

Two libraries stand behind each other: the one makes the HTML and knows no raw HTML, the other lets through nothing but
the elements named here. Time grows with the length: the worst of 100,000 characters that was found takes 2 seconds.
"""

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
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow"


def harmless(text: str) -> str:
    """The HTML of a text."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADINGS[min(int(token.tag[1]), len(HEADINGS)) - 1]
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(html, tags=ELEMENTS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL)


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


def _picture(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    """No picture is shown, from wherever: what it says of itself stands for it."""
    return escape(tokens[index].content)


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False})
    inline = _Inline()
    for ruler, known in ((inline.ruler, markdown.inline.ruler), (inline.ruler2, markdown.inline.ruler2)):
        ruler.enableOnly(known.get_active_rules())
    markdown.inline = inline
    markdown.enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _picture)
    return markdown


_MARKDOWN = _markdown()
