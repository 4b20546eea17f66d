"""A caseworker at the back-office of a running service, by HTTP."""

from __future__ import annotations

import re

import requests

from tests.acceptance.service import Service


class BackOffice:
    """Logged in as the administrator that a new service has."""

    def __init__(self, service: Service) -> None:
        self.url = f"{service.base_url}/admin"
        self._session = requests.Session()
        password = (service.run_dir / "admin-password").read_text().strip()
        self.post("/login/?next=/admin/", username="admin", password=password)

    def get(self, path: str) -> str:
        answer = self._session.get(path if path.startswith("http") else self.url + path, timeout=20)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    def post(self, path: str, **form: str) -> requests.Response:
        """The page that a form leads to; its token is that of the page that holds it."""
        address = path if path.startswith("http") else self.url + path
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(address))
        assert token, path
        data = {**form, "csrfmiddlewaretoken": token[1]}
        answer = self._session.post(address, data=data, headers={"Referer": address}, timeout=20)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer

    def act(self, letter: str, act: str, reason: str) -> str:
        """The page that tells what became of it."""
        return self.post(f"/correspondence/bulkjob/letter/{letter}/{act}/", reason=reason).text

    def act_on_all(self, act: str, query: str, one: str, reason: str) -> requests.Response:
        """With all letters that match; one of them is ticked."""
        form = {"action": act, "_selected_action": one, "select_across": "1"}
        asked = self.post(f"/correspondence/correspondence/?{query}", **form)
        return self.post(asked.url, reason=reason)
