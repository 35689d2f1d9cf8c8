"""A real browser for the tests: headless Chromium, driven over WebDriver; skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_FLAGS = (
    "--headless=new",
    # Chromium's own sandbox does not start as root, which CI runs as.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
)
_WAIT_S = 60.0


class Browser:
    """One browser window.

    Args:
        driver: selenium's.
    """

    def __init__(self, driver: Any) -> None:  # noqa: ANN401 (selenium is read as untyped)
        self._driver = driver

    def open(
        self,
        path: Path,
        width: int = 1400,
        scheme: str = "light",
        *,
        ready: bool = True,
        fragment: str = "",
    ) -> None:
        """Open a page in a window of this width, for a person who prefers light or dark.

        ``fragment`` is what its address has after ``#``.
        """
        self._command(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        preference = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self._command("Emulation.setEmulatedMedia", preference)
        # A change of the fragment alone would not open the page anew.
        self._driver.get("about:blank")
        self._driver.get(path.resolve().as_uri() + (f"#{fragment}" if fragment else ""))
        if ready:
            self.await_script("return document.documentElement.dataset.ready === 'true'")

    @property
    def fragment(self) -> str:
        """What the address has after ``#``."""
        return str(self._driver.current_url).partition("#")[2]

    def back(self) -> None:
        """Go back, as a reader does with the browser's button."""
        self._driver.back()

    def forward(self) -> None:
        """Go forward again."""
        self._driver.forward()

    def script(self, source: str, *arguments: object) -> Any:  # noqa: ANN401 (whatever the script returns)
        """Run a script in the page and return what it returns."""
        return self._driver.execute_script(source, *arguments)

    def await_script(self, source: str) -> None:
        """Wait until a script returns a true value."""
        from selenium.webdriver.support.wait import WebDriverWait

        WebDriverWait(self._driver, _WAIT_S, 0.02).until(lambda driver: driver.execute_script(source))

    def all(self, selector: str) -> list[Any]:
        """Return the elements that a CSS selector finds."""
        return list(self._driver.find_elements("css selector", selector))

    def one(self, selector: str) -> Any:  # noqa: ANN401
        """Return the element that a CSS selector finds."""
        (found,) = self.all(selector)
        return found

    def texts(self, selector: str) -> list[str]:
        """Return the visible texts of the elements that are shown."""
        return [element.text for element in self.all(selector) if element.is_displayed()]

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        from selenium.webdriver.common.keys import Keys

        for key in keys:
            self._driver.switch_to.active_element.send_keys(getattr(Keys, key, key))

    @property
    def focused(self) -> str:
        """The accessible name of the element with the focus."""
        active = self._driver.switch_to.active_element
        return str(active.accessible_name)

    @property
    def console_messages(self) -> list[str]:
        """The messages of the browser's console since the last call."""
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def _command(self, name: str, arguments: dict[str, Any]) -> None:
        self._driver.execute_cdp_cmd(name, arguments)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, started once."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium, of the extra dev")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in _FLAGS:
        options.add_argument(flag)
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as started:
        yield Browser(started)
