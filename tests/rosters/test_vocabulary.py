"""The words of each language, and what the pages say of them."""

from __future__ import annotations

from docs import coverage

from mentormatch.rosters.vocabulary import covered, languages


def test_the_page_counts_the_languages_and_words_of_every_kind() -> None:
    counts = covered()
    assert counts.keys() == coverage.LANGUAGES.keys()
    assert {kind for kinds in counts.values() for kind in kinds} == coverage.KINDS.keys()
    page = coverage.PAGE.read_text(encoding="utf-8")
    assert coverage.lines() in page, "run python -m docs.coverage"
    assert coverage.written() == page


def test_every_language_has_words_of_every_kind() -> None:
    kinds = {kind for kind in languages()["de"] if kind != "leads"}
    for code, words in languages().items():
        assert kinds <= words.keys(), code
