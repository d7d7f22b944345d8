"""Write the table of what is known in how many languages, from the words themselves.

Run ``python -m docs.words_page`` after words were added; a test holds that page and words agree.
"""

from __future__ import annotations

import re
from pathlib import Path

from mentormatch.rosters.vocabulary import covered

PAGE = Path(__file__).parent / "howto" / "map_columns.md"
LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fa": "Persian",
    "fr": "French", "it": "Italian", "ja": "Japanese", "nl": "Dutch", "pl": "Polish",
    "pt": "Portuguese", "zh": "Chinese",
}  # fmt: skip
KINDS = {
    "names": "headers that name a field", "asks": "questions that ask for a field",
    "leads": "words before the name of a field", "roles": "mentee, mentor, both, neither",
    "polarity": "what is not wanted", "answers": "yes, no, nobody, other",
    "seats": "seats in words", "joins": "words that join answers", "grades": "grades and titles",
    "sensitive": "sensitive attributes", "choices": "first, second, third choice",
    "lists": "numbered columns of a list", "people": "people, counts and numbers of people",
    "consent": "consent", "gender": "gender", "wishes": "wishes about the other side",
    "grow": "records of goals", "rows": "totals, footers, headers of surveys",
    "status": "who has left", "survey": "states of a survey", "likert": "answers on a scale",
    "welcome": "how welcome a site is", "units": "units behind a number", "hours": "days and hours",
    "language_names": "names of languages",
}  # fmt: skip
"""Section of the words -> what the page calls it."""


def lines() -> str:
    """Return the words per language and the table per kind, as the page has them."""
    counts = covered()
    total = {code: sum(kinds.values()) for code, kinds in counts.items()}
    ranked = sorted(total, key=lambda code: (-total[code], code))
    told = ", ".join(f"{LANGUAGES[code]} ({total[code]:,})" for code in ranked)
    rows = ["| kind | languages | words and patterns |", "|---|---|---|"]
    for kind, name in KINDS.items():
        known = [code for code in ranked if counts[code].get(kind)]
        missing = ", ".join(LANGUAGES[code] for code in ranked if code not in known)
        which = str(len(known)) if len(known) < 3 or not missing else f"{len(known)}, not {missing}"
        rows.append(f"| {name} | {which} | {sum(counts[c].get(kind, 0) for c in known):,} |")
    return f"{told}.\n\n" + "\n".join(rows) + "\n"


_BLOCK = re.compile(r"^English \(.*?\n\n\| kind .*?\n(?!\|)", re.S | re.M)


def written() -> str:
    """Return the page with the table that the words give."""
    return _BLOCK.sub(lambda _: lines(), PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
