"""Make the pictures of the HTML report in docs/images, from a real run of the package's own model.

    pip install -e ".[dev,embedded]"
    python docs/make_pictures.py

It needs chromium and chromedriver, no network, and some minutes. Arguments replace the experiments of the
run, and are pytest's: with ``--humaneval-samples=FILE`` the pictures show recorded samples instead.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any
from urllib.parse import quote

_IMAGES = Path(__file__).parent / "images"

# Outcomes of samples that have a program.
_FAILED = ("wrong_answer", "exception", "syntax_error")
# Three ways to ask one model: its likeliest answers, four drawn for each problem, answers cut short.
_EXPERIMENTS = """
[experiments.greedy]
provider = "embedded"
model = "memoriser"
threads = 1
api = "chat"
strategy = "fewshot_v1"
postprocess = "auto"
temperature = 0.0
max_tokens = 400

[experiments.sampled]
extends = "greedy"
temperature = 1.0
n = 4
seed = 1

[experiments.short]
extends = "greedy"
max_tokens = 80
"""


@dataclass(frozen=True)
class Picture:
    """A picture: what the browser shows, in a window of this size (CSS pixels).

    Attributes:
        name: of the file, without its suffix.
        scheme: ``light`` or ``dark``.
        fragment: what the page's address has after ``#``.
        shown: a CSS selector of what must be there.
        place: the id of what is at the top of the picture; empty for the page's own top.
    """

    name: str
    width: int
    height: int
    scheme: str = "light"
    fragment: str = ""
    shown: str = "[data-ready=true]"
    place: str = ""


def main(arguments: Sequence[str]) -> None:
    """Run the experiments and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        page, report = _run(Path(folder), arguments)
        pictures = list(_pictures(report))
        _IMAGES.mkdir(exist_ok=True)
        with _browser() as driver:
            for picture in pictures:
                _take(driver, page, picture)


def _run(folder: Path, arguments: Sequence[str]) -> tuple[Path, dict[str, Any]]:
    """Run pytest in a folder; return the HTML report's path and the content of the JSON report."""
    (folder / "experiments.toml").write_text(_EXPERIMENTS, encoding="utf-8")
    page, report = folder / "report.html", folder / "report.json"
    given = [_absolute(argument) for argument in arguments] or ["--humaneval-experiment=all"]
    outputs = [f"--humaneval-html={page}", f"--humaneval-report={report}"]
    command = [sys.executable, "-m", "pytest", "--tb=no", "-q", "-rN", *given, *outputs]
    # That problems fail is what the pictures show.
    subprocess.run(command, cwd=folder, check=False)  # noqa: S603 (the arguments are the user's own)
    return page, json.loads(report.read_text("utf-8"))


def _absolute(argument: str) -> str:
    """Return an argument that names a file so that it does from any folder."""
    flag, equals, value = argument.partition("=")
    return f"{flag}={Path(value).resolve()}" if equals and Path(value).exists() else argument


def _pictures(report: dict[str, Any]) -> Iterator[Picture]:
    yield Picture("report", 1280, 1000)
    yield Picture("report_dark", 1280, 1000, "dark", place="problems")
    yield Picture("report_narrow", 400, 860)
    if found := _differing(report["experiments"]):
        task_id, first, second, number = found
        fragment = f"problem={quote(task_id)}&experiment={quote(first)}&beside={number}:{quote(second)}"
        yield Picture("side_by_side", 1280, 900, "light", fragment, "#card-body table")


def _differing(experiments: dict[str, Any]) -> tuple[str, str, str, int] | None:
    """Return a problem, an experiment that solves it, another one, and its most similar sample that fails."""
    found = [
        (_likeness(solved["samples"][0], failed), solved["task_id"], first, second, number)
        for first, one in experiments.items()
        for second, other in experiments.items()
        for solved, result in zip(one["results"], other["results"], strict=True)
        for number, failed in enumerate(result["samples"])
        if solved["samples"][0]["outcome"] == "passed" and failed["outcome"] in _FAILED
    ]
    return max(found)[1:] if found else None


def _likeness(one: dict[str, Any], other: dict[str, Any]) -> float:
    return SequenceMatcher(None, one["solution"], other["solution"]).ratio()


def _browser() -> Any:  # noqa: ANN401 (selenium has no types that are read here)
    from selenium import webdriver

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise SystemExit("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    return webdriver.Chrome(options, webdriver.ChromeService(chromedriver))


def _take(driver: Any, page: Path, picture: Picture) -> None:  # noqa: ANN401
    """Open the page and write its picture."""
    from selenium.webdriver.support.wait import WebDriverWait

    size = {"width": picture.width, "height": picture.height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"features": [{"name": "prefers-color-scheme", "value": picture.scheme}]}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme)
    # A change of the fragment alone would not open the page anew.
    driver.get("about:blank")
    driver.get(f"{page.as_uri()}#{picture.fragment}" if picture.fragment else page.as_uri())
    WebDriverWait(driver, 60).until(lambda each: each.find_elements("css selector", picture.shown))
    if picture.place:
        driver.execute_script("document.getElementById(arguments[0]).scrollIntoView()", picture.place)
    path = _IMAGES / f"{picture.name}.png"
    driver.save_screenshot(str(path))
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
