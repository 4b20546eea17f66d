"""A recipient's client: finds, reads, confirms and deletes what it gets, over HTTP."""

from __future__ import annotations

from typing import Any

import requests

from tests.acceptance.uploader import Uploader


class Receiver(Uploader):
    """One party with its token; it downloads as an Uploader does."""

    def find(self, **parameters: str) -> list[str]:
        """The ids of a search."""
        response = self._call("GET", self.url, params={"resourceId": self.resource, **parameters})
        assert response.status_code == 200, response.text
        return list(response.json()["ids"])

    def look(self, letter: str, what: str = "") -> requests.Response:
        """GET the overview, or `details` or `content`."""
        return self._call("GET", f"{self.url}/{letter}" + (f"/{what}" if what else ""))

    def say(self, letter: str, what: str) -> requests.Response:
        """POST `markasread` or `confirm`."""
        return self._call("POST", f"{self.url}/{letter}/{what}")

    def purge(self, letter: str) -> requests.Response:
        return self._call("DELETE", f"{self.url}/{letter}/purge")

    def history(self, letter: str) -> list[str]:
        """The statuses of its history, as this caller is told them."""
        details: dict[str, Any] = self.look(letter, "details").json()
        return [entry["status"] for entry in details["statusHistory"]]
