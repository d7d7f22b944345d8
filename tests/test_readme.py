"""The README's pictures are there, are the ones that a script makes, and stay small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHOWN = re.findall(r"!\[([^\]]+)\]\(([^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
LARGEST = 150_000


@pytest.mark.parametrize(("words", "place"), SHOWN)
def test_a_picture_is_there_and_small(words: str, place: str) -> None:
    data = (ROOT / place).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < LARGEST
    assert len(words) > 20, "words for those who do not see it"


def test_the_readme_shows_what_the_script_makes() -> None:
    script = (ROOT / "docs" / "make_pictures.py").read_text(encoding="utf-8")
    made = {f"docs/pictures/{name}" for name in re.findall(r'"(\w+\.png)"\)\n', script)}
    there = {f"docs/pictures/{path.name}" for path in (ROOT / "docs" / "pictures").iterdir()}
    assert {"docs/pictures/workbook.png", "docs/pictures/report.png"} == made
    assert {place for _, place in SHOWN} == made == there
