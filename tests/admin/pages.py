"""Pages of the back-office."""

import re
from typing import Any


def page(response: Any) -> str:
    """The text of a page that opened."""
    assert response.status_code == 200, response
    text: str = response.content.decode()
    return text


def figure(text: str, label: str) -> str:
    """What the queue's page says beside this label."""
    return re.sub(r"<[^>]*>", "", text.split(label)[1].split("</tr>", maxsplit=1)[0]).strip()
