"""Pages of the back-office."""

import re
from html import unescape
from typing import Any


def page(response: Any) -> str:
    """The text of a page that opened."""
    assert response.status_code == 200, response
    text: str = response.content.decode()
    return text


def words(html: str) -> str:
    """What a person reads of it."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def tile(text: str, key: str) -> tuple[str, str]:
    """The figure of a tile of the start page, and where it leads; empty where there is no such tile."""
    begins = rf'<(?:a href="([^"]*)"|div) class="bo-card start-tile[^"]*" id="start-tile-{key}">'
    found = re.search(rf"{begins}(.*?)</(?:a|div)>", text, re.DOTALL)
    if found is None:
        return "", ""
    value = re.search(r'<span class="start-value[^"]*">(.*?)</span>', found[2])
    assert value
    return words(value[1]), unescape(found[1] or "")


def card(text: str, key: str) -> str:
    """What a person reads in a part of the start page."""
    found = re.search(rf'<section[^>]* id="start-{key}".*?</section>', text, re.DOTALL)
    assert found, key
    return words(found[0])
