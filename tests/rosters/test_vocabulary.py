"""The words of each language, and what the pages say of them."""

from __future__ import annotations

import re
from pathlib import Path

from mentormatch.rosters.vocabulary import covered, languages

DOCS = Path(__file__).parents[2] / "docs"
NAMES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fa": "Persian",
    "fr": "French", "it": "Italian", "ja": "Japanese", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "zh": "Chinese",
}  # fmt: skip


def test_the_page_counts_the_words_of_every_language() -> None:
    page = (DOCS / "howto" / "map_columns.md").read_text(encoding="utf-8")
    section = page.split("## Other languages")[1].split("\n## ")[0]
    said = {name: int(count) for name, count in re.findall(r"(\w+)\s+\((?:about )?(\d+)", section)}
    counts = {NAMES[code]: count for code, count in covered().items()}
    assert said.keys() == counts.keys()
    assert all(0.93 * counts[name] <= said[name] <= counts[name] for name in said), counts


def test_every_language_has_words_of_every_kind() -> None:
    kinds = {kind for kind in languages()["de"] if kind != "leads"}
    for code, words in languages().items():
        assert kinds <= words.keys(), code
