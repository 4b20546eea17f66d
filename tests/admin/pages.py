"""Pages of the back-office."""

from typing import Any


def page(response: Any) -> str:
    """The text of a page that opened."""
    assert response.status_code == 200, response
    text: str = response.content.decode()
    return text
