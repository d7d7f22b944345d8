"""The HTML report loads nothing, runs its own script only, and shows what people typed as text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mentormatch.delivery.cells import legal_text
from mentormatch.delivery.html import _page, report
from mentormatch.delivery.matches import matches_table
from mentormatch.delivery.page.tables import browsed
from tests.insight.people import NASTY, matched

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
TAGS = {"iframe", "object", "embed", "link", "base", "form", "svg", "video", "audio"}


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


def test_only_its_own_script_may_run_and_nothing_is_loaded(page: str) -> None:
    read = Reader(page)
    assert not TAGS & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    for name, value in read.attributes:
        if name in ("src", "href", "srcset", "action"):
            assert str(value).startswith(("data:image/png;base64,", "#")), (name, value)
    assert "@import" not in page
    assert "url(" not in page
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(scripts) == 1  # the policy names it by its digest, so that no other one runs
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = next(str(v) for k, v in read.attributes if k == "content" and "default-src" in str(v))
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert f"script-src 'sha256-{digest}'" in policy
    assert not any(word in scripts[0] for word in ("innerHTML", "eval", "fetch", "document.write"))


def test_a_long_table_has_all_its_rows_as_data_that_ends_no_script() -> None:
    rng = np.random.default_rng(0)
    names = [f"{NASTY[k % len(NASTY)]} {k}" for k in range(250)]
    frame = pd.DataFrame(
        {
            "Mentee": pd.Series(names, dtype=object),  # halves of surrogate pairs among them
            "Mentor": [f"</script><b>{k % 7}" for k in range(250)],
            "Score": rng.random(250).round(6),
            "Rank": np.arange(250),
            "Why": [None] * 200 + ["because"] * 50,
        }
    )
    text = browsed(frame, "matches", "none")
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', text, re.S)
    assert not set("<>&") & set(data)
    columns = json.loads(data)
    read = {
        name: [None if v is None else column["words"][v] for v in column["values"]]
        if "words" in column
        else column["values"]
        for name, column in zip(frame.columns, columns, strict=True)
    }
    assert read["Mentee"] == [legal_text(name) for name in names]
    assert read["Mentor"] == frame["Mentor"].tolist()
    assert len(columns[1]["words"]) == 7  # written once
    assert read["Score"] == frame["Score"].round(3).tolist()
    assert read["Rank"] == list(range(250))
    assert read["Why"] == [None] * 200 + ["because"] * 50
    assert Reader(text).tags.count("tr") == 1 + 100
    assert "Without scripts: the first 100 of 250 rows" in text
    short = browsed(frame.head(100), "matches", "none")
    assert "<script" not in short
    assert Reader(short).tags.count("tr") == 1 + 100


def test_matches_come_before_pictures_and_the_worst_first(page: str) -> None:
    places = [page.index(f"<h2>{name}</h2>") for name in
              ("To check before sending", "Matches", "Unmatched", "Pictures")]  # fmt: skip
    assert places == sorted(places)


def test_only_the_worst_of_very_many_pairs_have_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mentormatch.delivery.html.MANY", 10)
    monkeypatch.setattr("mentormatch.delivery.html.REASONS", 3)
    matching = matched(14, 20)
    table = matches_table(matching, reasons=3)
    whole = matches_table(matching)
    assert table["Why"].tolist() == [*whole["Why"][:3], *[""] * (len(whole) - 3)]
    assert table["Alternates"].tolist() == [*whole["Alternates"][:3], *[""] * (len(whole) - 3)]
    text = Reader(report(matching)).text
    assert "Reasons and alternates stand beside the first 3 pairs" in text
    assert whole["Why"][0] in text
    assert whole["Why"][5] not in text


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


def dumped(page: Path, folder: Path) -> str:
    """Return the document as the browser has it after its scripts ran."""
    return subprocess.run(
        [
            str(BROWSER),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout


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
    seen = {name: dumped(tmp_path / name, tmp_path) for name in ("report.html", "probe.html")}
    assert "<title>scripts run here</title>" in seen["probe.html"]  # the check can fail
    assert "<title>Mentoring matches</title>" in seen["report.html"]
    read = Reader(seen["report.html"])
    assert read.tags.count("script") == page.count("<script")
    assert NASTY[6] in read.text


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_a_real_browser_sorts_filters_and_pages(tmp_path: Path) -> None:
    names = [f"Person {k:03}" for k in range(150)]
    frame = pd.DataFrame({"Mentee": names, "Score": [(k * 37 % 150) / 150 for k in range(150)]})
    made = _page("t", "", [("Matches", browsed(frame, "matches", "none"))])
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", made)
    for doing, first, told in (
        ("", "Person 000", "rows 1 to 100 of 150"),
        ("buttons[1].click();", "Person 100", "rows 101 to 150 of 150"),
        ("heads[1].click();", "Person 000", "rows 1 to 100 of 150"),
        ("heads[1].click(); heads[1].click();", "Person 077", "rows 1 to 100 of 150"),
        ("filter('person 14');", "Person 014", "rows 1 to 12 of 12"),
        ("filter('nobody');", "", "no rows"),
    ):
        probe = (
            "<script>const heads = document.querySelectorAll('th button');"
            "const buttons = document.querySelectorAll('.tools button');"
            "function filter(text) { const field = document.querySelector('input');"
            f" field.value = text; field.dispatchEvent(new Event('input')); }} {doing}</script>"
        )
        place = tmp_path / "page.html"
        place.write_text(bare.replace("</body>", f"{probe}</body>"), encoding="utf-8")
        shown = dumped(place, tmp_path)
        body = shown.split("<tbody>")[1].split("</tbody>")[0]
        cells = re.findall(r"<td[^>]*>(.*?)</td>", body)
        assert (cells[0] if cells else "") == first, doing
        assert told in shown, doing


def test_notebook_reprs_escape_names() -> None:
    matching = matched(10, 14, names=NASTY[:10])
    scores = matching.problem.scores
    for shown in (matching, matching.problem, scores, scores.mentees):
        assert not TAGS & set(Reader(shown._repr_html_()).tags)
    assert "<script>" in Reader(scores.mentees._repr_html_()).text
