"""The words of each language, and what the pages say of them."""

from __future__ import annotations

from docs import words_page

from mentormatch.rosters.vocabulary import covered, languages


def test_the_page_counts_the_languages_and_words_of_every_kind() -> None:
    counts = covered()
    assert counts.keys() == words_page.LANGUAGES.keys()
    assert {kind for kinds in counts.values() for kind in kinds} == words_page.KINDS.keys()
    page = words_page.PAGE.read_text(encoding="utf-8")
    assert words_page.lines() in page, "run python -m docs.words_page"
    assert words_page.written() == page


def test_every_language_has_words_of_every_kind() -> None:
    kinds = {kind for kind in languages()["de"] if kind != "leads"}
    for code, words in languages().items():
        assert kinds <= words.keys(), code
