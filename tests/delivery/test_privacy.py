"""No output tells anybody's sensitive answer, whoever reads it."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.__main__ import main
from mentormatch.delivery.workbook import write_workbook
from mentormatch.insight.audience import AUDIENCES, Audience, shown_repairs
from mentormatch.insight.explain import reason_texts
from mentormatch.matching.matching import Matching

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.text import Text  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

ORIENTATIONS = ("Zqlesbian", "Zqgay", "Zqbisexual", "Zqqueer")
PLANTED = re.compile(r"zq[a-z]+|\d+\.0077", re.IGNORECASE)
"""Every planted answer has one of these shapes, and nothing else has."""


OTHER = {"mentee": "Mentor", "mentor": "Mentee"}


def people(role: str, count: int) -> pd.DataFrame:
    """Return a roster as people fill it in, every sensitive answer unmistakable."""
    draw = random.Random(f"privacy {role}")
    topics = ("python", "finance", "writing", "law")
    rows = [
        {
            "ID": f"{'E' if role == 'mentee' else 'R'}{k:03d}",
            "Name": f"{role.title()} {k}",
            "Email": f"{role}{k}@example.org",
            "Gender": "Zqagender" if k == 3 else ("Zqwoman", "Zqman")[k % 2],
            "Sexual orientation": ORIENTATIONS[k % 4],
            "Religion": "Zqbahai" if k in (1, 2) else ("Zqmuslim", "Zqjewish")[k % 2],
            "Disability": ("Zqdeaf", "Zqblind")[k % 2]
            if k < 4
            else ("none", "Zqdyslexic")[k // 4 % 2],
            "Identity": "; ".join([ORIENTATIONS[k % 4], *(["Zqcarer"] if k < 3 else [])]),
            "Preferred identity": ORIENTATIONS[(k + 1) % 4],
            "Preferred gender": ("Zqwoman", "no preference")[k % 2],
            "Age": 30.0077 + k,
            "Goals": "; ".join(draw.sample(topics, 2)),
            "Skills": "; ".join(draw.sample(topics, 2)),
            "Site": ("Leeds", "York")[k % 2],
            "Who should you not be matched with?": (
                f"{OTHER[role]} {k} (Zqharassed me)",
                f"{OTHER[role]} {k}, Zqstalker; {OTHER[role]} {k}",
                f"Zqmy Zqex, {OTHER[role].lower()}{k}@other.org",
                f"{OTHER[role]} {k} - Zqfeud over pay",
                f"Zqboss of {OTHER[role]} {k} since 2019",
                "my Zqhusband",
            )[k % 6],
            "Previous matches": f"{OTHER[role]} {k + 40} (Zqawful)" if k % 4 == 0 else "",
            "Line manager": "Zqbully, Zqrude" if k % 5 == 0 else "",
            "Potential conflicts known to HR": f"Zqcase {k}" if k % 7 == 0 else "none",
            "About me": f"I am Zqtransgender. Number {k} likes tea.",
        }
        for k in range(count)
    ]
    rows[5]["Gender"] = "Prefer not to say"
    frame = pd.DataFrame(rows)
    return frame.assign(Capacity=1) if role == "mentor" else frame


CRITERIA = (
    mm.Covers("goals", by="skills", weight=0.4),
    mm.Preference("identity", weight=0.1),
    mm.Preference("gender", weight=0.1),
    mm.Similarity("gender", weight=0.1),
    mm.Similarity("Religion", weight=0.1),
    mm.Overlap("identity", weight=0.1),
    mm.Covers("identity", name="covered identity", weight=0.05),
    mm.Covers("identity", by_text=True, name="identity by words", weight=0.05),
    mm.Covers("about", by_text=True, name="texts by words", weight=0.05),
    mm.Closeness("Age", weight=0.1),
    mm.Similarity("about", weight=0.05),
)
RULES = (
    mm.Different("Disability"),
    mm.Same("Sexual orientation"),
    mm.AtLeast(mm.Overlap("identity"), 0.1),
)


@cache
def planted(strict: bool = False) -> Matching:
    """Return a matching that looks at every sensitive answer that there is."""
    mentees = mm.read_roster(people("mentee", 24), role="mentee")
    mentors = mm.read_roster(people("mentor", 16), role="mentor")
    assert {"gender", "identity", "Religion", "Age", "Disability"} <= mentees.sensitive
    rules = RULES if strict else ()
    return mm.match(mentees, mentors, criteria=CRITERIA, rules=rules)


def told(text: object) -> set[str]:
    """Return the planted answers that a text tells."""
    return set(PLANTED.findall(str(text)))


def frame_text(frame: pd.DataFrame) -> str:
    return frame.to_csv() + " ".join(map(str, frame.columns))


def without_rosters(matching: Matching) -> str:
    """Return the JSON but for `saved`, which holds the rosters so that it can be loaded."""
    text = matching.to_json()
    known = json.loads(text)
    assert told(text) == told(json.dumps(known.pop("saved")))
    return json.dumps(known)


def plain_outputs(matching: Matching) -> Iterator[tuple[str, str]]:
    """Yield what is written for no audience in particular."""
    scores = matching.problem.scores
    mentee, other = scores.mentees.ids[0], scores.mentors.ids[7]
    yield "csv", str(matching.to_csv())
    yield "json", without_rosters(matching)
    yield "chronus", str(matching.to_chronus())
    yield "letters", frame_text(mm.letters.write(matching, "2026-09-07").frame)
    yield "merge", frame_text(mm.letters.write(matching, "2026-09-07").merge_frame())
    yield "check", frame_text(mm.check(matching.problem))
    yield "diagnose", frame_text(mm.diagnose(matching))
    yield "alternatives", frame_text(mm.alternatives(matching, mentee))
    yield "defects", frame_text(matching.defects())
    yield "repairs", frame_text(shown_repairs(scores))
    for mentor in scores.mentors.ids:
        why = mm.why_not(matching, mentee, mentor)
        yield f"why not {mentor}", f"{why!r} {why} {why.rules} {why._repr_html_()}"
    again = mm.rematch(matching, declined=[(mentee, other)])
    yield "rematch", f"{again!r} {again._repr_html_()} {frame_text(again.changes)}"
    for thing in (matching, matching.problem, scores, scores.mentees, scores.mentors):
        html = getattr(thing, "_repr_html_", str)()
        yield f"repr of {type(thing).__name__}", f"{thing!r} {html}"


def held_by_few() -> set[str]:
    """Return the planted answers that fewer than five people of one roster gave, or one alone."""
    few = set(ORIENTATIONS)  # four mentors each
    few |= {"Zqagender", "Zqbahai", "Zqdeaf", "Zqblind", "Zqcarer", "Zqtransgender"}
    return few | {answer for answer in told(people("mentee", 24).to_csv()) if "0077" in answer}


def workbook_sheets(matching: Matching, audience: Audience) -> dict[str, str]:
    buffer = io.BytesIO()
    write_workbook(matching, buffer, audience=audience)
    book = openpyxl.load_workbook(buffer)
    return {
        sheet.title: "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
        for sheet in book
    }


def drawn_text(figure: Any) -> str:
    """Return every text of a picture."""
    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("audience", ["reviewer", "administrator"])
@pytest.mark.parametrize("strict", [False, True])
def test_the_workbook_tells_no_sensitive_answer(audience: Audience, strict: bool) -> None:
    sheets = workbook_sheets(planted(strict), audience)
    groups = told(sheets.pop("Audit", ""))
    assert len(sheets) > 6
    assert not {name: told(text) for name, text in sheets.items() if told(text)}
    assert bool(groups) == (audience == "administrator")
    assert not groups & (held_by_few() - set(ORIENTATIONS))  # six mentees each


@pytest.mark.parametrize("audience", ["reviewer", "administrator"])
def test_the_report_tells_no_sensitive_answer(
    audience: Audience, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures: list[str] = []
    close = plt.close

    def caught(figure: Any) -> None:
        pictures.append(drawn_text(figure))
        close(figure)

    monkeypatch.setattr(plt, "close", caught)
    page = unescape(mm.report(planted(), audience=audience))
    page = re.sub(r"data:image/png;base64,[^\"]+", "", page)
    start, end = page.find('<section id="audit">'), page.find('<section id="repairs">')
    assert (start > 0) == (audience == "administrator")
    if audience == "administrator":
        assert not told(page[start:end]) & (held_by_few() - set(ORIENTATIONS))
        page = page[:start] + page[end:]
    assert not told(page)
    assert len(pictures) >= 4
    groups = told("\n".join(pictures))
    assert bool(groups) == (audience == "administrator")
    assert not groups & (held_by_few() - set(ORIENTATIONS))


def test_no_remark_about_people_to_keep_apart_is_told() -> None:
    scores = planted().problem.scores
    assert {"harassed", "stalker", "feud", "boss", "awful", "bully"} <= {
        word.casefold().removeprefix("zq") for word in told(frame_text(scores.repairs))
    }
    shown = shown_repairs(scores)
    assert not told(frame_text(shown))
    hidden = shown[shown["problem"] == "a repair in a question about people to keep apart"]
    assert {"avoid", "Who should you not be matched with?"} <= set(hidden["column"])
    assert (hidden["value"] == "(not shown)").all()
    assert not told(frame_text(scores.questions))


def test_a_participant_is_sent_neither_workbook_nor_report() -> None:
    for write in (planted().to_excel, lambda path, **more: mm.report(planted(), path, **more)):
        with pytest.raises(mm.errors.ParameterError, match="not a participant's to read"):
            write("never.out", audience="participant")
        with pytest.raises(
            mm.errors.ParameterError, match="groups of people for an administrator only"
        ):
            write("never.out", audience="reviewer", by=["gender"])
        with pytest.raises(mm.errors.ParameterError, match="'audience' parameter"):
            write("never.out", audience="manager")


def test_an_audit_tells_of_no_group_of_few() -> None:
    found = mm.audit(planted())
    texts = [found.text, repr(found), found._repr_html_(), drawn_text(found.plot())]
    texts += [frame_text(getattr(found, name)) for name in ("groups", "gaps", "crossed", "pool")]
    for text in texts:
        assert not told(text) & (held_by_few() - set(ORIENTATIONS))
    mentors = [frame_text(frame[frame["role"] == "mentor"]) for frame in (found.groups, found.pool)]
    assert not told("".join([*mentors, frame_text(found.load)])) & held_by_few()
    assert {"Zqlesbian", "Zqwoman"} <= told(found.groups.to_csv())


@pytest.mark.parametrize("strict", [False, True])
def test_nothing_written_tells_a_sensitive_answer(strict: bool) -> None:
    found = {name: told(text) for name, text in plain_outputs(planted(strict))}
    assert len(found) > 20
    assert not {name: answers for name, answers in found.items() if answers}


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("strict", [False, True])
def test_no_reason_tells_a_sensitive_answer(audience: Audience, strict: bool) -> None:
    matching = planted(strict)
    scores = matching.problem.scores
    rows, columns = (places.ravel() for places in np.indices(scores.shape))
    texts = reason_texts(matching, rows, columns, audience)
    assert not told(" ".join(texts))
    matched = scores.mentees.ids[int(matching.pairs[0][0])]
    for mentee, mentor in (("E000", "R001"), ("E003", "R002"), (matched, None)):
        why = mm.explain(matching, mentee, mentor, audience=audience)
        assert not told(f"{why!r} {why} {why._repr_html_()} {why.contributions} {why.decided}")
        assert why.contributions.sum() == round(why.score * 1_000_000)
    everything = " ".join(texts)
    if audience == "participant":
        assert "identity" not in everything
        assert "wish" not in everything
    else:
        assert "A wish about identity is met." in everything
        assert "A wish about gender is not met." in everything


def test_a_participant_sees_what_sensitive_answers_add_in_one_number() -> None:
    matching = planted()
    by = {a: mm.explain(matching, "E000", "R001", audience=a).contributions for a in AUDIENCES}
    assert "wishes: identity" in by["administrator"]
    for audience in ("participant", "reviewer"):
        assert not [name for name in by[audience].index if "identity" in name or "gender" in name]
        assert "(not shown)" in by[audience]
    assert len({int(points.sum()) for points in by.values()}) == 1


def test_repairs_of_sensitive_questions_are_counted_not_told() -> None:
    repairs = shown_repairs(planted().problem.scores)
    hidden = repairs[repairs["column"] == "Gender"]
    assert list(hidden["problem"]) == ["1 repair in a sensitive question"] * 2
    assert hidden["row"].isna().all()
    assert not hidden["value"].str.contains("Prefer", regex=False).any()


def test_the_command_line_tells_no_sensitive_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for role, count in (("mentee", 24), ("mentor", 16)):
        people(role, count).to_csv(tmp_path / f"{role}s.csv", index=False)
    rosters = [str(tmp_path / "mentees.csv"), str(tmp_path / "mentors.csv")]
    assert main([*rosters, "-o", str(tmp_path / "matches.json")]) == 0
    said = capsys.readouterr()
    assert "16 of 24 mentees" in said.out
    assert not told(said.out + said.err)
    assert "Prefer" not in said.out
