"""People to keep apart whom a part of a name, another address or a remark names."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch import read_roster, score
from mentormatch.command.words import as_option
from mentormatch.scoring.across import questions_across

MENTORS = {
    "ID": ["R1", "R2", "R3", "R4", "R5"],
    "Name": ["Quin Elm", "Rae Fir", "Ana Hay", "Ana Maria Lopez-Díaz", "山田 太郎"],
    "Email": ["quin.elm@corp.org", "rfir@corp.org", "hay@corp.org", "aml@corp.org", "yt@corp.org"],
    "Skills": ["Law"] * 5,
}


def kept_apart(*cells, header="Who should we not match you with?"):
    """Return (the mentors kept from each mentee, the questions) of what mentees wrote."""
    ids = [f"E{k}" for k in range(len(cells))]
    frame = pd.DataFrame({"ID": ids, "Name": ids, "Goals": "Law", header: cells})
    mentees, mentors = read_roster(frame, "mentee"), read_roster(pd.DataFrame(MENTORS), "mentor")
    scores = score(mentees, mentors)
    apart = [[m for m in mentors.ids if scores.why_inadmissible(who, m)] for who in ids]
    asked = questions_across(mentees, mentors, ())
    assert scores.repairs["column"].eq("avoid").any() or not any(apart)
    return apart, asked[asked["code"] == "kept_apart"]


@pytest.mark.parametrize(
    ("cell", "who"),
    [
        ("Elm", ["R1"]), ("Rae", ["R2"]), ("Q. Elm", ["R1"]), ("Elm, Q", ["R1"]),
        ("Quin E.", ["R1"]), ("Mr. Elm", ["R1"]), ("Herr Fir", ["R2"]), ("Mme Hay", ["R3"]),
        ("Sra. López", ["R4"]),
        ("Lopez-Diaz", ["R4"]), ("Ana Lopez", ["R4"]), ("A. M. Lopez Diaz", ["R4"]),
        ("A. Hay", ["R3"]), ("山田", ["R5"]), ("quin.elm@gmail.com", ["R1"]),
        ("rfir@home.net", ["R2"]),
        ("ana.maria@home.net", ["R4"]), ("raefir@home.net", ["R2"]), ("Elm / Fir", ["R1", "R2"]),
        ("Quin Elm - we fell out", ["R1"]), ("Fir (a bad experience)", ["R2"]),
        ("I would rather not meet Rae Fir again", ["R2"]), ("Quin Elm, my former boss", ["R1"]),
    ],
)  # fmt: skip
def test_whom_one_name_fits_is_kept_apart(cell, who) -> None:
    apart, asked = kept_apart(cell, None)
    assert apart == [who, []]
    assert not len(asked)


@pytest.mark.parametrize(
    ("cell", "perhaps"),
    [
        ("Ana", ["R3", "R4"]), ("Quin or Rae", ["R1", "R2"]), ("ana@home.net", []),
        ("that Fir was rude to me", ["R2"]), ("Quin's whole team", ["R1"]),
        ("my ex husband", []), ("meine Chefin", []), ("mi marido", []), ("私の上司", []),
        ("anyone from Finance", []), ("toute mon équipe", []),
    ],
)  # fmt: skip
def test_whom_several_fit_or_none_is_asked_about(cell, perhaps) -> None:
    apart, asked = kept_apart(cell, None)
    assert apart == [[], []]
    if cell == "ana@home.net":  # an address of somebody else
        assert not len(asked)
        return
    (question,) = asked.to_dict("records")
    assert question["column"] == "Who should we not match you with?"
    assert all(f"({who})" in question["question"] for who in ["E0", *perhaps])
    assert len(cell) < 4 or cell not in question["question"]
    lines = question["settle"].split("\n")
    each = [f'--forbid "E0:{who}"' for who in perhaps]
    assert [as_option("mentees", line).split("  #")[0] for line in lines[: len(perhaps)]] == each
    assert lines[-1] == "write the id, address or full name there"
    assert (f"forbid={[('E0', who) for who in perhaps]!r}  # all of them" in lines) == (
        len(perhaps) > 1
    )


@pytest.mark.parametrize("cell", ["John Smith", "Ana Smith", "Elms", "j.smith@corp.org", "none"])
def test_who_is_on_no_roster_is_no_question(cell) -> None:
    apart, asked = kept_apart(cell, None)
    assert apart == [[], []]
    assert not len(asked)


def test_many_unclear_answers_are_asked_about_in_few_questions() -> None:
    apart, asked = kept_apart(*["Ana"] * 12)
    assert len(asked) == 6
    assert "E5 (E5)" in asked["question"].iloc[-1]
    assert not any(apart)


def test_a_mentor_who_names_a_mentee_in_part_is_asked_about_alike() -> None:
    mentees = read_roster(pd.DataFrame({"Name": ["Bo Li", "Bo Chan"], "Goals": "Law"}), "mentee")
    frame = pd.DataFrame({"Name": ["Quin Elm"], "Skills": "Law", "Konflikte": ["Bo"]})
    mentors = read_roster(frame, "mentor")
    asked = questions_across(mentees, mentors, ()).set_index("code")
    assert asked.loc["kept_apart", "column"] == "Konflikte"
    assert asked.loc["kept_apart", "settle"].startswith("forbid=[('Bo Li', 'Quin Elm')]")
