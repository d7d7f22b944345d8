"""The HTML report loads nothing, runs nothing, and shows what people typed as text."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mentormatch.delivery.html import report
from tests.insight.people import NASTY, matched

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
TAGS = {"script", "iframe", "object", "embed", "link", "base", "form", "svg", "video", "audio"}


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page() -> str:
    return report(matched(len(NASTY), 14, names=NASTY, mentor_names=NASTY[6:8]), by=["gender"])


def test_nothing_runs_and_nothing_is_loaded(page: str) -> None:
    read = Reader(page)
    assert not TAGS & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    for name, value in read.attributes:
        if name in ("src", "href", "srcset", "action"):
            assert str(value).startswith(("data:image/png;base64,", "#")), (name, value)
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_names_are_shown_as_typed(page: str) -> None:
    text = Reader(page).text
    for name in NASTY[:10]:
        assert name in text or re.sub(r"\s", "", name) in re.sub(r"\s", "", text)


def test_every_section_and_picture_is_there(page: str) -> None:
    read = Reader(page)
    for words in (
        "Matches",
        "Pairs to look at",
        "Unmatched",
        "Loads",
        "Repairs",
        "Column mapping",
        "Settings",
    ):
        assert words in read.text
    assert read.tags.count("img") == 5
    assert all(value for name, value in read.attributes if name == "alt")
    assert "Proven optimal" in read.text


def test_the_same_matching_gives_the_same_page(tmp_path: Path) -> None:
    first = report(matched(), tmp_path / "report.html")
    assert first == report(matched())
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == first


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_a_real_browser_shows_scripts_as_text(page: str, tmp_path: Path) -> None:
    # without the policy, so that escaping alone must hold
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert bare != page
    probe = "<script>document.title='scripts run here'</script></body>"
    for name, content in (
        ("report.html", bare),
        ("probe.html", bare.replace("</body>", probe)),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
    seen = {
        name: subprocess.run(
            [
                str(BROWSER),
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                f"--user-data-dir={tmp_path / 'profile'}",
                "--dump-dom",
                (tmp_path / name).as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for name in ("report.html", "probe.html")
    }
    assert "<title>scripts run here</title>" in seen["probe.html"]  # the check can fail
    assert "<title>Mentoring matches</title>" in seen["report.html"]
    read = Reader(seen["report.html"])
    assert "script" not in read.tags
    assert NASTY[6] in read.text


def test_notebook_reprs_escape_names() -> None:
    matching = matched(10, 14, names=NASTY[:10])
    scores = matching.problem.scores
    for shown in (matching, matching.problem, scores, scores.mentees):
        assert not TAGS & set(Reader(shown._repr_html_()).tags)
    assert "<script>" in Reader(scores.mentees._repr_html_()).text
