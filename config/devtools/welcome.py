"""What a newcomer reads when everything is up."""

from __future__ import annotations

import json
from collections.abc import Mapping

API = "/correspondence/api/v1"
SENDER, RECIPIENT, RESOURCE = "991825827", "01818517641", "demo-correspondence"


def letter() -> str:
    """Give the body of a first letter, in one line."""
    content = {"language": "nb", "messageTitle": "Hei", "messageBody": "Dette er et **første** brev."}
    mailing = {"resourceId": RESOURCE, "sendersReference": "first-letter", "content": content}
    recipients = [f"urn:altinn:person:identifier-no:{RECIPIENT}"]
    return json.dumps({"correspondence": mailing, "recipients": recipients}, ensure_ascii=False)


def curl(base_url: str, token: str) -> str:
    """Give a command line that can be pasted as it stands."""
    return (
        f"curl -sS {base_url}{API}/correspondence \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d '{letter()}'"
    )


def text(base_url: str, token: str, admin_password: str, logs: str, metrics: Mapping[str, int]) -> str:
    """Give all of it, without the line READY. `metrics` are the ports on which each process tells its own."""
    told = "   ".join(f"{name} http://127.0.0.1:{port}/metrics" for name, port in metrics.items())
    return f"""
API        {base_url}{API}
Swagger    {base_url}{API}/docs/
Admin      {base_url}/admin/   user: admin   password: {admin_password}
Health     {base_url}/health/ready
Logs       {logs}/   (warnings and errors also appear here)
Metrics    {told}

Send a first letter from another terminal (the token is good for one hour):

{curl(base_url, token)}

Another token:  .venv/bin/python manage.py token --org {SENDER}
The recipient:  .venv/bin/python manage.py token --person {RECIPIENT}
Ctrl-C ends everything; the data stays.
"""
