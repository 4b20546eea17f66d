"""Our additions to mdformat, in the form of one of its extensions: what it does not know, or does in another way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markdown_it.token import Token
from mdformat.renderer import MDRenderer, RenderContext, RenderTreeNode
from mdformat.renderer.typing import Postprocess, Render

_RULES = {"left": ":--", "right": "--:", "center": ":-:"}
_REFERENCE = re.compile(r"&(?=#?\w+;)")
_MAIL = re.compile(r"[\w.+-]+@[a-z\d-]+(\.[a-z\d-]+)+", re.ASCII | re.IGNORECASE)


def _inside(node: RenderTreeNode, context: RenderContext, between: str = "") -> str:
    return between.join(child.render(context) for child in node.children)


def _hardbreak(node: RenderTreeNode, context: RenderContext) -> str:
    """A row of a table is one line, where only HTML breaks."""
    while node.parent and node.type != "td":
        node = node.parent
    return "<br>" if node.type == "td" else "\\\n"


def _strikethrough(node: RenderTreeNode, context: RenderContext) -> str:
    return f"~~{_inside(node, context)}~~"


def _without_markup(text: str, node: RenderTreeNode, context: RenderContext) -> str:
    """Escape what mdformat does not: the second of two `<`, so that `<<script>` was HTML again, and strikethrough."""
    if text.endswith("!") and node.meta.get("before_link"):
        text = text[:-1] + "\\!"  # or the link would be an image
    return re.sub("(?<=<)<|~(?=~|$)|(?<=~)~|^~", r"\\\g<0>", text)


def _without_table(text: str, node: RenderTreeNode, context: RenderContext) -> str:
    """Keep a line of dashes, bars and colons from making a table of the line before it."""
    return re.sub(r"^([|: ]*)-(?=[|: -]*$)", r"\1\\-", text, flags=re.MULTILINE)


def _link(node: RenderTreeNode, context: RenderContext) -> str:
    target, inside = str(node.attrs["href"]), node.children
    if len(inside) == 1 and inside[0].type == "text" and _reads_as(target, inside[0].content):
        return f"<{inside[0].content}>"
    return f"[{_inside(node, context)}]({_destination(target, node, context)})"


def _reads_as(target: str, text: str) -> bool:
    return text == target or (target == f"mailto:{text}" and bool(_MAIL.fullmatch(text)))


def _image(node: RenderTreeNode, context: RenderContext) -> str:
    return f"![{_inside(node, context)}]({_destination(str(node.attrs['src']), node, context)})"


def _destination(target: str, node: RenderTreeNode, context: RenderContext) -> str:
    target = _REFERENCE.sub("&amp;", target)
    target = f"<{target}>" if "(" in target or ")" in target else target
    title = " ".join(str(node.attrs["title"]).split())
    return f'{target} "{_escaped(title)}"' if title else target


def _escaped(title: str) -> str:
    return re.sub(r'[\\"<&]', r"\\\g<0>", title)


def _blockquote(node: RenderTreeNode, context: RenderContext) -> str:
    return _hanging(_inside(node, context, "\n\n"), "> ", "> ")


def _list(node: RenderTreeNode, context: RenderContext) -> str:
    between = "\n" if all(map(_is_tight, node.children)) else "\n\n"
    items = []
    for number, item in enumerate(node.children, int(node.meta["start"])):
        marker = f"{number}{node.markup} " if node.type == "ordered_list" else f"{node.markup} "
        items.append(_hanging(_inside(item, context, between), marker, " " * len(marker)))
    return between.join(items)


def _is_tight(item: RenderTreeNode) -> bool:
    """Tell whether an item needs no blank line: it is one block, or one with a list of dots below."""
    kinds = [child.type for child in item.children]
    loose = "loose" in item.meta and "paragraph" in kinds
    return not loose and (len(kinds) < 2 or kinds == ["paragraph", "bullet_list"])


def _hanging(text: str, first: str, rest: str) -> str:
    lines = [rest + line if line else rest.rstrip() for line in text.split("\n")]
    return "\n".join([first + lines[0][len(rest) :], *lines[1:]])


def _table(node: RenderTreeNode, context: RenderContext) -> str:
    """The first row is the head: a table in Markdown has one, whatever the HTML said."""
    rows = [[cell.render(context) for cell in row.children] for row in node.children]
    rules = [_RULES.get(cell.info, "---") for cell in node.children[0].children]
    width = max(map(len, rows))
    head = rows[0] + [""] * (width - len(rows[0]))
    rules += ["---"] * (width - len(rules))
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rules, *rows[1:]])


def _cell(node: RenderTreeNode, context: RenderContext) -> str:
    return _inside(node, context).replace("|", "\\|").replace("\n", " ")


class _Extension:
    RENDERERS: Mapping[str, Render] = {
        "blockquote": _blockquote,
        "bullet_list": _list,
        "hardbreak": _hardbreak,
        "hr": lambda node, context: node.markup,
        "image": _image,
        "link": _link,
        "ordered_list": _list,
        "s": _strikethrough,
        "table": _table,
        "td": _cell,
    }
    POSTPROCESSORS: Mapping[str, Postprocess] = {"paragraph": _without_table, "text": _without_markup}


class _Node(RenderTreeNode):
    """One that does not look for its next sibling: mdformat asks for it at each text, and counts from the first."""

    next_sibling = None


def written(blocks: Sequence[Token]) -> str:
    """Answer the blocks as Markdown."""
    return MDRenderer().render_tree(_Node(blocks), {"parser_extension": [_Extension]}, {}, finalize=False)
