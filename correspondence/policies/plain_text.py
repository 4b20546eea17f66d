"""What counts as plain text in titles, sender names and forwarding texts: contract/validation.md §6.

The original renders the text as Markdown (markdig, lists off, common extensions on) and demands the same characters
back. Nothing is rendered here: each cell of the right column of the contract's table is one named test.

Every test is linear in the length of the text. Pairs are therefore sought with an atomic group: there is one if
anything closes after the first opener, so no second opener needs a try.
"""

import html
import re
from collections.abc import Callable

_Tests = tuple[tuple[str, Callable[[str], object]], ...]

_DROPPED = str.maketrans("", "", "`\\")
_BLANKS = re.compile(r"[ \t\n\v\f\r]+")


def markup_in(text: str) -> str | None:
    """A short phrase naming the first thing in `text` that is not plain text ("a heading"); None if all is plain."""
    folded = _BLANKS.sub(" ", text.translate(_DROPPED)).lstrip(" ")
    return _first_found(_TESTS, folded) or _first_found(_SPAN_TESTS, _WEB_ADDRESS.sub("x", folded))


def _first_found(tests: _Tests, text: str) -> str | None:
    return next((phrase for phrase, found_in in tests if found_in(text)), None)


_LETTER = r"[^\W\d_]"
_WORD = r"[^\W_]"  # a letter or digit; the underscore is punctuation to Markdown


# --- Tags, references, whole lines and links ---

_NUMERIC_REFERENCE = re.compile(r"&#(?:[0-9]|[xX][0-9a-fA-F])")


def _has_character_reference(text: str) -> bool:
    """True for `&amp;`, `&nbsp`, `&copy=` and `&#39;`; not for `AT&T` or `&unknown;`.

    Numbers are looked for first: html.unescape() raises ValueError for those of more than 4300 digits.
    """
    return _NUMERIC_REFERENCE.search(text) is not None or html.unescape(text) != text


_LINK_TITLE = r"""(?:"[^"]*"|'[^']*'|\([^()]*\))"""
_LINK_TARGET = rf"\]\( ?[^ ()]*(?:\([^ ()]*\)[^ ()]*)*(?: {_LINK_TITLE})? ?\)"

# Markdown allows only a title after the address, so "[Viktig]: møte i morgen" defines no link and passes. The contract
# says "starts with", though; so an address that cannot be anything else is refused whatever follows it.
_LINK_DEFINITION = rf"\[[^\[\]]+\]: ?(?:[^ ]+(?: {_LINK_TITLE})? ?\Z|[^ ]*//)"

# In this order; the first that finds something names the fault.
_TESTS: _Tests = (
    ("an HTML tag", re.compile(rf"<(?:{_LETTER}|[/!?])").search),
    ("a character reference", _has_character_reference),
    ("a heading", re.compile(r"#{1,6} ").match),
    ("a horizontal rule", re.compile(r"(?:- ?){3,}\Z").match),
    ("a fenced block", re.compile(r"~~~|:::").match),
    ("a footer", re.compile(r"\^\^").match),
    ("a footnote", re.compile(r"\[\^[^\[\]]+\]:").match),
    ("a link definition", re.compile(_LINK_DEFINITION).match),
    ("a link", re.compile(rf"(?>.*?\[).*?{_LINK_TARGET}").match),
    ("a mail link", re.compile(r"(?<!\w)mailto:[^ @:]+@[^ @]").search),
    ("a telephone link", re.compile(r"(?<!\w)tel:[^ ]").search),
)


# --- Spans inside a line ---

# A bare web address passes whatever is in it; marks at its end belong to the text around it.
_WEB_ADDRESS = re.compile(r"(?<!\w)(?:(?:https?|ftp)://|www\.)[^ <]*[^ <~^+=\":$]")


def _pair(mark: str, least: int, *, inside_words: bool = True, signs: str = "") -> Callable[[str], object]:
    """A test for text between two runs of at least `least` marks that open and close as CommonMark's emphasis does.

    A run opens before a non-blank and closes after one; with punctuation other than `signs` on its inner side it must
    not touch a word on the outer side. Unless `inside_words` it must never do that.
    """
    one = re.escape(mark)
    run = rf"(?<!{one}){one}{{{least},}}+"
    opener = rf"(?<!{_WORD}){run}(?=\S)"
    closer = rf"(?<=\S){run}(?!{_WORD})"
    if inside_words:
        inner = rf"(?:{_WORD}|[{re.escape(signs)}])" if signs else _WORD
        opener += rf"|{run}(?={inner})"
        closer += rf"|(?<={inner}){run}"
    return re.compile(rf"(?>.*?(?:{opener})).*?(?:{closer})").match


# Braces are excluded from all parts, so that `{{recipientName}}` never matches and no scan passes the next brace.
_ATTRIBUTE_VALUE = r"""(?:"[^"{}]*"|'[^'{}]*'|[^ {}]+)"""
_ATTRIBUTE = rf"(?>[.#][^ {{}}]*|(?:{_LETTER}|[_:])[\w:.-]*(?: ?= ?{_ATTRIBUTE_VALUE})?)"

_SIGNS = "-−+†‡"  # what people raise and lower: 10^-18^, navn^†^

_SPAN_TESTS: _Tests = (
    ("text between pairs of ~", _pair("~", 1, signs=_SIGNS)),
    ("text between pairs of ^", _pair("^", 1, signs=_SIGNS)),
    ("text between pairs of ++", _pair("+", 2)),
    ("text between pairs of ==", _pair("=", 2)),
    ('text between pairs of ""', _pair('"', 2, inside_words=False)),
    ("text between pairs of ::", _pair(":", 2)),
    # Prices are no formulas: `$` opens neither after a word nor before a digit or a blank.
    ("a formula between $ signs", re.compile(r"(?<![$\w])\$+(?![$\s0-9])[^$]*(?<!\s)\$+(?![$\w])").search),
    ("attributes in braces", re.compile(rf"(?<!\{{)\{{ ?(?:{_ATTRIBUTE}(?: |(?=\}})))*\}}").search),
)
