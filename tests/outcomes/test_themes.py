"""Themes of what people wrote: of at least five people, about nobody, in no order of rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from tests.outcomes.answers import ABLE

LEAD = ("lead", "team", "meeting", "delegate", "feedback")
JOB = ("career", "promotion", "salary", "interview", "negotiate")
BALANCE = ("family", "balance", "evening", "stress", "sleep")


def written(per_theme: int = 12, *, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [
        "I think that " + " and ".join(rng.permutation(words)[:4]) + " was what helped me most."
        for words in (LEAD, JOB, BALANCE)
        for _ in range(per_theme)
    ]


def survey(texts: list[str], *, ids: list[str] | None = None) -> mm.Survey:
    people = ids or [f"p{k}@x.example" for k in range(len(texts))]
    frame = pd.DataFrame({"Email": people, "I feel able": 4, "What helped?": texts})
    return mm.read_survey(
        frame, wave="after", scales=[ABLE], columns={"reflection": "What helped?"}
    )


def test_words_that_go_together_are_found() -> None:
    found = mm.themes(survey(written()), "reflection", k=3)
    assert found.people == 36
    assert found.table["people"].to_list() == [12, 12, 12]
    told = {frozenset(words.split(", ")) for words in found.table["words"]}
    assert told == {frozenset(LEAD), frozenset(JOB), frozenset(BALANCE)}
    assert found.table["share"].sum() == pytest.approx(1)
    assert "quotations" not in found.table
    assert "Words are counted, not meanings" in found.text
    assert str(found) == found.text


def test_the_order_of_rows_and_the_names_of_people_do_not_matter() -> None:
    texts = written()
    one = mm.themes(survey(texts), "reflection", k=3)
    order = np.random.default_rng(4).permutation(len(texts))
    again = mm.themes(
        survey([texts[k] for k in order], ids=[f"z{k}@y.example" for k in range(36)]),
        "reflection", k=3,
    )  # fmt: skip
    assert one.table.equals(again.table)


def test_small_themes_and_rare_words_are_never_shown() -> None:
    texts = written() + ["The accident changed everything about my hospital"] * 4
    found = mm.themes(survey(texts), "reflection", k=6, quotations=2)
    assert (found.table["people"] >= 5).all()
    assert "hospital" not in " ".join(found.table["words"])
    assert "accident" not in str(found.table.to_dict())


def test_names_are_never_words() -> None:
    texts = [f"{text} Thanks to Raj, who asked Ximena about it." for text in written()]
    found = mm.themes(survey(texts), "reflection", k=3)
    assert not {"raj", "ximena"} & set(", ".join(found.table["words"]).split(", "))
    low = [text.replace("Raj", "raj").replace("Ximena", "ximena") for text in texts]
    rare = [t if k % 3 else t.replace("raj", "").replace("ximena", "") for k, t in enumerate(low)]
    ids = ["raj.rao@x.example", *(f"p{k}@x.example" for k in range(1, 36))]
    mentors = mm.read_roster(pd.DataFrame({"id": ["M1"], "name": ["Ximena Ek"]}), role="mentor")
    plain = mm.themes(survey(rare), "reflection", k=3)
    assert "ximena" in ", ".join(plain.table["words"])  # nobody said that it is a name
    known = mm.themes(
        survey(rare, ids=ids), "reflection", k=3, people=mentors, leave_out=["asked"], quotations=1
    )
    told = ", ".join(known.table["words"])
    assert not [word for word in ("raj", "ximena", "asked") if word in told]
    quoted = " ".join(text for texts in known.table["quotations"] for text in texts)
    assert "ximena" not in quoted
    assert "@" not in quoted


def test_what_a_language_writes_large_is_no_name() -> None:
    rng = np.random.default_rng(0)
    nouns = ("Führung", "Team", "Besprechung", "Rückmeldung", "Gespräch")
    texts = [
        f"Mir hat die {' und die '.join(rng.permutation(nouns)[:3])} geholfen" for _ in "x" * 20
    ]
    found = mm.themes(survey(texts), "reflection", k=1)
    assert "besprechung" in found.table.loc[0, "words"]


def test_too_little_is_said_in_words() -> None:
    few = mm.themes(survey(written(3)), "reflection")
    assert few.table.empty
    assert few.text == (
        "9 people answered 'reflection' in words, fewer than the 10 that themes take."
    )
    apart = [
        f"{chr(97 + k % 26) * 4}{chr(97 + k // 26) * 3} {chr(98 + k % 25) * 5}" for k in range(40)
    ]
    assert "no words that 5 of them share" in mm.themes(survey(apart), "reflection").text
    assert "<table" in few._repr_html_()


def test_questions_and_scripts_are_checked() -> None:
    made = survey(written())
    assert mm.themes(made, "reflec", k=2).people == 36
    with pytest.raises(mm.MentormatchError, match="no answers in words to 'reflektion'"):
        mm.themes(made, "reflektion")
    with pytest.raises(mm.MentormatchError, match="without spaces"):
        mm.themes(survey(["我学会了如何带领团队并且更好地沟通"] * 12), "reflection")
    with pytest.raises(mm.MentormatchError, match="smallest"):
        mm.themes(made, "reflection", smallest=1)
