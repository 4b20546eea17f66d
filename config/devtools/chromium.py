"""A real Chromium without a window, steered over its own pipe: no driver, no port."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SECONDS = 30.0
# Chromium reads commands from 3 and writes to 4. Both are first moved out of the way of each other.
_PLACE_PIPES = """
import fcntl, os, sys
there = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
os.dup2(there[0], 3)
os.dup2(there[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class NoChromium(Exception):
    """There is none on this machine."""


def executable() -> str:
    """Where Chromium is.

    Raises:
        NoChromium: as it says.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise NoChromium("There is no Chromium here (apt-get install chromium)")
    return found


class Browser:
    """One tab. `complaints` holds what its console said: policy violations, errors, uncaught exceptions."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._number, self._buffer = 0, b""
        self._loaded = 0
        self.complaints: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> Any:
        """The answer to one command of the DevTools protocol."""
        return self._ask(method, session=self._session, **parameters)

    def open(self, url: str) -> None:
        """Come back when the page and what it loads are there."""
        loaded = self._loaded
        self.ask("Page.navigate", url=url)
        self._wait_for_load(loaded)

    def run(self, script: str) -> Any:
        """What an expression in the page amounts to; a promise is waited for."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def submit(self, script: str) -> None:
        """Run what leads to another page, and come back when that one is there."""
        loaded = self._loaded
        self.run(script)
        self._wait_for_load(loaded)

    def press(self, key: str, code: int, text: str = "") -> None:
        """One key down and up, as a person presses it: `press("Tab", 9)`."""
        facts = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **facts)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **facts)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.ask("Input.insertText", text=text)

    def resize(self, width: int, height: int) -> None:
        """The window, in CSS pixels."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme: str) -> None:
        """As a machine that is set to `light` or `dark`."""
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def speak(self, language: str) -> None:
        """As a browser whose user reads this language."""
        agent = self.run("navigator.userAgent")
        self.ask("Network.setUserAgentOverride", userAgent=agent, acceptLanguage=language)

    def picture(self, most: int) -> bytes:
        """The page as a PNG; of a longer one the first so many pixels."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": 1}
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(answer["data"])

    def wait_for(self, script: str) -> Any:
        """What an expression amounts to once it is true."""
        deadline = time.monotonic() + _SECONDS
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f"not in {_SECONDS} s: {script}; {self.complaints}"
            time.sleep(0.1)
        return value

    def _wait_for_load(self, loaded: int) -> None:
        deadline = time.monotonic() + _SECONDS
        while self._loaded == loaded:
            assert time.monotonic() < deadline, "the page did not load"
            self.ask("Runtime.evaluate", expression="0")
            time.sleep(0.05)

    def _ask(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._from, 65536)
            assert piece, "Chromium ended"
            self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\0")
        told: dict[str, Any] = json.loads(line)
        return told

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Page.loadEventFired":
                self._loaded += 1
            case "Log.entryAdded":
                entry = parameters["entry"]
                self.complaints.append(f"{entry['level']}: {entry['text']} ({entry.get('url', '')})")
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.complaints.append(str([each.get("value") for each in parameters["args"]]))
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(parameters["exceptionDetails"])[:500])


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser that ends with this block."""
    read_there, write_here = os.pipe()
    read_here, write_there = os.pipe()
    command = [
        *(sys.executable, "-c", _PLACE_PIPES, str(read_there), str(write_there)),
        executable(),
        "--headless=new",
        "--no-sandbox",  # root has none
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--remote-debugging-pipe",
        f"--user-data-dir={profile}",
    ]

    process = subprocess.Popen(
        command,
        pass_fds=(read_there, write_there),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(read_there)
    os.close(write_there)
    try:
        yield Browser(write_here, read_here)
    finally:
        process.kill()
        process.wait()
        os.close(write_here)
        os.close(read_here)
