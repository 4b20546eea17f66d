"""A body as GET …/content answers it: to HTML and back to Markdown (contract http-api.md §7, docs/decisions/0012)."""

from __future__ import annotations

import re
from threading import BoundedSemaphore

from correspondence.markdown import html, targets, writing
from correspondence.markdown.literal import literal_lines
from correspondence.markdown.placeholder import Marks
from correspondence.markdown.reading import Reader

# YAML between two lines of dashes at the very start. A rule before ordinary text is no front matter.
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?=\w[\w .-]*:\s).*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
# Each may take 100 MB for a hostile body, and one after the other they take no longer.
_few_at_once = BoundedSemaphore(2)


def as_markdown(body: str, placeholder: str = "", text: str = "") -> str:
    """Answer the body as plain Markdown, with no HTML but line breaks in tables.

    Where the body says the placeholder, the text is put in, as what it is and no Markdown.
    Links lead to http, https or mailto. The target of such a link that found no place stands on a line of its own at
    the end. A body with more than 19 quotes or 9 lists in each other is answered as plain text. A hostile body of
    30,000 characters takes two seconds (decision 12 has the measurements); so nothing longer is to be given.
    """
    marks = Marks.unused_by(body)
    if placeholder:
        body = body.replace(placeholder, marks.in_text)
    with _few_at_once:
        return marks.put_in(_as_markdown(re.sub(r"\r\n?", "\n", body.replace("\ufeff", "")), marks), text)


def _as_markdown(body: str, marks: Marks) -> str:
    body = _FRONT_MATTER.sub("", body)
    try:
        page, references = html.rendered(body)
    except html.NestedTooDeep:
        return literal_lines(body)
    reader = Reader()
    reader.feed(page)
    reader.close()
    marks.tell_apart(reader.blocks)
    text = writing.written(reader.blocks)
    lost = dict.fromkeys(filter(None, [*reader.met, *map(targets.permitted, references)]))
    at_the_end = (f"<{marks.target(target)}>" for target in lost if target not in reader.kept)
    return "\n\n".join([text, *at_the_end]).strip()
