"""The review workbook that comes back: edits are read right, or the cell is named."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch as mm
from mentormatch.delivery.workbook import write_workbook
from mentormatch.insight.swaps import swaps
from mentormatch.matching.matching import Matching
from tests.insight.people import matched

Edit = Callable[["Sheet"], None]


class Sheet:
    """Sheet Matches (or another) as a reviewer sees it: by header and mentee."""

    def __init__(self, page: Any, key: str = "Mentee id") -> None:
        self.page, self.key = page, key

    def column(self, header: str) -> int:
        return next(c.column for c in self.page[1] if c.value == header)

    def row(self, mentee: str) -> int:
        cells = self.page.iter_rows(min_row=2)
        place = self.column(self.key) - 1
        return next(row[place].row for row in cells if row[place].value == mentee)

    def set(self, mentee: str, header: str, value: object) -> str:
        cell = self.page.cell(self.row(mentee), self.column(header))
        cell.value = value
        return f"{self.page.title}!{cell.coordinate}"

    def get(self, mentee: str, header: str) -> Any:
        return self.page.cell(self.row(mentee), self.column(header)).value

    def shuffle(self, seed: int = 1) -> None:
        rows = [[cell.value for cell in row] for row in self.page.iter_rows(min_row=2)]
        random.Random(seed).shuffle(rows)
        for number, row in enumerate(rows, 2):
            for place, value in enumerate(row, 1):
                self.page.cell(number, place).value = value


def edited(matching: Matching, *edits: Edit, sheet: str = "Matches") -> bytes:
    buffer = io.BytesIO()
    write_workbook(matching, buffer)
    book = openpyxl.load_workbook(buffer)
    for edit in edits:
        edit(Sheet(book[sheet], "Mentee id" if sheet == "Matches" else "Id"))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def review_of(matching: Matching, *edits: Edit) -> mm.Review:
    return mm.read_review(edited(matching, *edits), matching)


@pytest.fixture(scope="module")
def matching() -> Matching:
    """20 mentees, 9 mentors with several seats, all of one seed."""
    return matched(20, 14, seed=3)


def pairs(matching: Matching) -> list[tuple[str, str]]:
    frame = matching.to_frame()
    return list(zip(frame["mentee"], frame["mentor"], strict=True))


def test_a_workbook_that_nobody_touched_decides_nothing(matching: Matching) -> None:
    review = review_of(matching)
    assert len(review.decisions) == len(matching.pairs[0]) + len(matching.unmatched)
    assert set(review.decisions["decision"]) == {""}
    assert (len(review.changes), len(review.broken), len(review.affected)) == (0, 0, 0)
    assert (review.insist, review.declined, review.missing, review.cost) == ((), (), (), 0.0)
    assert review.rematch().n_changes == 0


def test_three_swaps_a_reject_a_comment_rows_sorted_one_deleted_a_column_inserted(
    matching: Matching, tmp_path: Path
) -> None:
    held = pairs(matching)
    (a, to_a), (b, to_b), (c, to_c), (d, to_d), (e, _), (f, to_f) = _different(held, 6)
    third = next(j for j in matching.problem.scores.mentors.ids if j not in (to_c, to_d))

    def edit(sheet: Sheet) -> None:
        mentor = {one: sheet.get(one, "Mentor") for one in (a, b)}
        sheet.set(a, "Mentor", mentor[b])  # two exchange mentors by name
        sheet.set(b, "Mentor", mentor[a])
        sheet.set(c, "Decision", "swap")
        sheet.set(c, "New mentor", third)
        sheet.set(d, "Decision", " Reject ")
        sheet.set(e, "Comment", "asked for him\nby phone")
        sheet.page.delete_rows(sheet.row(f))
        sheet.shuffle()
        sheet.page.insert_cols(3)
        sheet.page.cell(1, 3).value = "My notes"
        sheet.page.insert_rows(1)
        sheet.page.cell(1, 1).value = "Reviewed on Monday"

    path = tmp_path / "matches.xlsx"
    path.write_bytes(edited(matching, edit))
    review = mm.read_review(path, matching)
    changes = review.changes.set_index("mentee")
    assert dict(changes["after"]) == {a: to_b, b: to_a, c: third, d: None}
    assert dict(changes["why"]) == {a: "by hand", b: "by hand", c: "swap", d: "reject"}
    assert review.missing == ((f, to_f),)
    comments = review.decisions.set_index("mentee")["comment"]
    assert comments[e] == "asked for him\nby phone"
    scores = matching.problem.scores
    at = scores.mentees.position, scores.mentors.position
    three = [(a, to_a), (b, to_b), (c, to_c), (a, to_b), (b, to_a), (c, third)]
    total = {pair: scores.total[at[0](pair[0]), at[1](pair[1])] for pair in three}
    lost = total[a, to_a] + total[b, to_b] + total[c, to_c]
    lost -= total[a, to_b] + total[b, to_a] + total[c, third]
    assert review.cost == pytest.approx(float(lost), abs=1e-6)
    assert {a, b, c, d, to_a, to_b, to_c, to_d, third} <= set(review.affected["person"])
    for text in (str(review), repr(review), review._repr_html_()):
        assert "1 reject" in text
        assert "1 pair has no row any more" in text


def _different(held: list[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """Return pairs of different mentors."""
    by_mentor = {mentor: (mentee, mentor) for mentee, mentor in held}
    assert len(by_mentor) >= count
    return list(by_mentor.values())[:count]


def test_the_next_matching_goes_around_what_was_decided(matching: Matching) -> None:
    (a, to_a), (b, to_b), (c, to_c), (d, to_d) = _different(pairs(matching), 4)

    def edit(sheet: Sheet) -> None:
        sheet.set(a, "Mentor id", to_b)
        sheet.set(b, "Mentor id", to_a)
        sheet.set(c, "Decision", "reject")
        sheet.set(d, "Decision", "keep")

    review = review_of(matching, edit)
    assert set(review.insist) == {(a, to_b), (b, to_a), (d, to_d)}
    assert review.declined == ((c, to_c),)
    after = pairs(review.rematch().matching)
    assert {(a, to_b), (b, to_a), (d, to_d)} <= set(after)
    assert (c, to_c) not in after
    untouched = [p for p in pairs(matching) if p[0] not in (a, b, c) and p[1] != to_c]
    assert len(set(untouched) - set(after)) <= 2, "the others stay where they can"
    free = review.rematch(max_changes=None).matching
    assert free.objective >= review.rematch().matching.objective - 1e-9


def test_a_swap_without_a_name_takes_the_first_alternate(matching: Matching) -> None:
    found = swaps(matching)
    pair = int(np.flatnonzero((found.mentor[:, 0] >= 0) & (found.partner[:, 0] >= 0))[0])
    mentee, mentor = pairs(matching)[pair]
    scores = matching.problem.scores
    target = scores.mentors.ids[int(found.mentor[pair, 0])]
    partner = scores.mentees.ids[int(found.partner[pair, 0])]
    shown: list[str] = []

    def edit(sheet: Sheet) -> None:
        shown.append(sheet.get(mentee, "Alternates").split("\n")[0])
        sheet.set(mentee, "Decision", "SWAP")

    review = review_of(matching, edit)
    changes = review.changes.set_index("mentee")
    assert dict(changes["after"]) == {mentee: target, partner: mentor}
    assert changes["why"][partner] == "makes room"
    assert f"{abs(review.cost):.3f}" in shown[0], "it costs what the workbook said"
    assert review.broken.empty
    assert set(pairs(review.rematch().matching)) >= {(mentee, target), (partner, mentor)}

    def keep_her(sheet: Sheet) -> None:
        edit(sheet)
        sheet.set(partner, "Decision", "keep")

    with pytest.raises(mm.RosterError, match="would have to move, whose row says keep"):
        review_of(matching, keep_her)


def test_what_the_changes_break_is_told_in_words(matching: Matching) -> None:
    scores = matching.problem.scores
    load = matching.load.set_index("mentor")
    held = pairs(matching)
    full = next(j for j in load.index if load["slack"][j] == 0 and load["capacity"][j] > 0)
    mover = next(mentee for mentee, mentor in held if mentor != full)
    nobody = next((j for j in load.index if load["capacity"][j] == 0), None)
    review = review_of(matching, lambda sheet: sheet.set(mover, "New mentor", full))
    mine = [mentee for mentee, mentor in held if mentor == full]
    seats = int(load["capacity"][full])
    words = f"would have {seats + 1} mentees, and is to have at most {seats}"
    assert words in review.broken["rule"].iloc[0]
    assert words in str(review)
    may = review.affected[review.affected["what"].str.startswith("may have to leave")]
    assert set(may["person"]) == set(mine)
    again = pairs(review.rematch().matching)
    assert (mover, full) in again
    assert sum(mentor == full for _, mentor in again) == seats
    if nobody is not None:
        broken = review_of(matching, lambda sheet: sheet.set(mover, "New mentor", nobody)).broken
        assert any("no seat to offer" in words for words in broken["rule"])
    rules = [mm.Forbid([(mover, full)])]
    barred = mm.solve(mm.Problem(_with_rules(scores, rules)))
    broken = review_of(barred, lambda sheet: sheet.set(mover, "New mentor", full)).broken
    assert broken["mentee"].iloc[0] == mover
    assert "was forbidden" in broken["rule"].iloc[0]
    assert broken["cell"].iloc[0].startswith("Matches!H")


def _with_rules(scores: mm.Scores, rules: list[Any]) -> mm.Scores:
    return mm.score(scores.mentees, scores.mentors, criteria=list(scores.criteria), rules=rules)


def test_somebody_unmatched_is_given_a_mentor_by_hand() -> None:
    matching = matched(20, 6)
    mentee = matching.unmatched[0]
    mentor = pairs(matching)[0][1]
    content = edited(
        matching, lambda sheet: sheet.set(mentee, "New mentor", mentor), sheet="Unmatched"
    )
    review = mm.read_review(content, matching)
    assert review.changes[["mentee", "before", "after"]].values.tolist() == [[mentee, None, mentor]]
    assert review.insist == ((mentee, mentor),)
    assert (mentee, mentor) in pairs(review.rematch().matching)


def test_every_cell_that_cannot_be_understood_is_named_at_once(matching: Matching) -> None:
    held = _different(pairs(matching), 6)
    (a, to_a), (b, _), (c, _), (d, _), (e, _), (f, _) = held
    cells: list[str] = []

    def edit(sheet: Sheet) -> None:
        cells.append(sheet.set(a, "Decision", "perhaps"))
        cells.append(sheet.set(b, "New mentor", "Nobody Atall"))
        cells.append(sheet.set(b, "Mentee", "Somebody Else"))
        sheet.set(c, "Decision", "keep")
        cells.append(sheet.set(c, "New mentor", to_a))
        sheet.set(d, "Decision", "reject")
        cells.append(sheet.set(d, "Mentor id", to_a))
        cells.append(sheet.set(e, "Mentor", None))
        cells.append(sheet.set(f, "Mentee id", "mentee-9999"))

    with pytest.raises(mm.RosterError) as caught:
        review_of(matching, edit)
    told = str(caught.value)
    assert not [cell for cell in cells if cell not in told]
    assert "Write keep (they stay together)" in told
    assert len(caught.value.issues) >= len(cells)
    assert set(caught.value.issues["column"]) >= {"Decision", "New mentor", "Mentor", "Mentee id"}


def test_two_new_mentors_or_the_same_pair_twice_are_named(matching: Matching) -> None:
    (a, _), (_, to_b), (_, to_c), (d, _) = _different(pairs(matching), 4)

    def two(sheet: Sheet) -> None:
        sheet.set(a, "Mentor id", to_b)
        sheet.set(a, "New mentor", to_c)

    with pytest.raises(mm.RosterError, match=r"Matches!H\d+: Matches!O\d+ names another mentor"):
        review_of(matching, two)

    def twice(sheet: Sheet) -> None:
        sheet.page.append([cell.value for cell in sheet.page[sheet.row(d)]])

    with pytest.raises(mm.RosterError, match="is about the same pair"):
        review_of(matching, twice)

    def another_column(sheet: Sheet) -> None:
        sheet.page.insert_cols(1)
        sheet.page.cell(1, 1).value = "decision"

    with pytest.raises(mm.RosterError, match="Matches!A1 is called so as well"):
        review_of(matching, another_column)


def test_names_that_two_people_have_need_an_id() -> None:
    matching = matched(12, 8, seed=3, mentor_names=["Ana Twin", "Ana Twin"])
    mentee = next(m for m, j in pairs(matching) if j not in ("mentor-0000", "mentor-0001"))
    with pytest.raises(mm.RosterError, match="2 mentors are called 'Ana Twin'"):
        review_of(matching, lambda sheet: sheet.set(mentee, "New mentor", "Ana Twin"))
    review = review_of(matching, lambda sheet: sheet.set(mentee, "New mentor", "mentor-0001"))
    assert review.changes["after"].tolist() == ["mentor-0001"]


def test_another_workbook_is_refused_in_words(matching: Matching, tmp_path: Path) -> None:
    other = matched(20, 14, seed=4)
    with pytest.raises(mm.RosterError, match="was written for another matching"):
        mm.read_review(edited(other), matching)
    with pytest.raises(mm.RosterError, match="cannot open"):
        mm.read_review(tmp_path / "missing.xlsx", matching)
    with pytest.raises(mm.RosterError, match="not a readable workbook"):
        mm.read_review(b"no workbook", matching)

    def renamed(sheet: Sheet) -> None:
        sheet.page.title = "Pairs"

    with pytest.raises(mm.RosterError, match="there is no sheet 'Matches'"):
        review_of(matching, renamed)

    def without(sheet: Sheet) -> None:
        sheet.page.delete_cols(sheet.column("Mentor id"))

    with pytest.raises(mm.RosterError, match="has no column 'Mentor id'"):
        review_of(matching, without)


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_any_edits_of_any_rows_in_any_order_read_back(data: st.DataObject) -> None:
    """What is written into cells comes back, whatever becomes of rows and columns."""
    matching = matched(14, 9, seed=5)
    mentors = matching.problem.scores.mentors
    held = pairs(matching)
    words = data.draw(st.lists(st.sampled_from(["", "keep", "reject", "new"]), min_size=len(held),
                               max_size=len(held)))  # fmt: skip
    gone = data.draw(st.sets(st.integers(0, len(held) - 1), max_size=3))
    where = data.draw(st.sampled_from(["New mentor", "Mentor", "Mentor id"]))
    expected: dict[str, str | None] = {}

    def edit(sheet: Sheet) -> None:
        for place, ((mentee, mentor), word) in enumerate(zip(held, words, strict=True)):
            if place in gone:
                sheet.page.delete_rows(sheet.row(mentee))
            elif word == "new":
                other = data.draw(st.sampled_from([j for j in mentors.ids if j != mentor]))
                spelt = data.draw(st.sampled_from([other, f"{other}@EXAMPLE.org"]))
                sheet.set(mentee, where, spelt)
                expected[mentee] = other
            elif word:
                sheet.set(mentee, "Decision", word)
                if word == "reject":
                    expected[mentee] = None
        sheet.shuffle(data.draw(st.integers(0, 99)))
        for _ in range(data.draw(st.integers(0, 2))):
            sheet.page.insert_cols(data.draw(st.integers(1, 8)))

    emails = [f"{i}@example.org" for i in mentors.ids]
    assert list(mentors.emails) == emails
    review = review_of(matching, edit)
    changes = review.changes.set_index("mentee")["after"]
    assert dict(changes) == expected
    kept = {
        p for k, (p, w) in enumerate(zip(held, words, strict=True)) if w == "keep" and k not in gone
    }
    assert kept <= set(review.insist)
    assert set(review.missing) == {held[k] for k in gone}


def test_a_constraint_that_the_changes_break_is_told_in_words() -> None:
    matching = matched(12, 8, seed=3)
    scores = matching.problem.scores
    (a, _), (_, to_b) = _different(pairs(matching), 2)
    apart = mm.Apart([a, next(m for m, j in pairs(matching) if j == to_b)])
    held = mm.solve(mm.Problem(scores, constraints=[apart]))
    other = dict(pairs(held))[apart.people[1]]
    assert dict(pairs(held))[a] != other
    review = review_of(held, lambda sheet: sheet.set(a, "New mentor", other))
    told = review.broken["rule"].tolist()
    assert any(words.startswith("not kept: ") and "different mentors" in words for words in told)
    assert not any(words.startswith("not kept") for words in review_of(held).broken["rule"])


@pytest.mark.parametrize(("word", "near"), [("ok", ""), ("kep", "'keep'"), ("reject!", "'reject'")])
def test_what_is_no_decision_is_answered_with_what_may_be_written(matching, word, near) -> None:
    (mentee, _), *_ = pairs(matching)
    with pytest.raises(mm.errors.RosterError) as caught:
        review_of(matching, lambda sheet: sheet.set(mentee, "Decision", word))
    said = str(caught.value)
    assert f"{word!r} is no decision" in said
    assert (f"Did you mean {near}?" in said) == bool(near)
    assert all(allowed in said for allowed in ("keep (", "swap (", "reject (", "or nothing"))


def test_what_cannot_be_matched_again_names_the_cells_that_decided_it(matching: Matching) -> None:
    held = pairs(matching)
    mentor = held[0][1]
    others = [(mentee, own) for mentee, own in held if own != mentor]
    seats = int(matching.problem.scores.mentors.capacity[
        matching.problem.scores.mentors.position(mentor)
    ])  # fmt: skip
    moved = [mentee for mentee, _ in others[: seats + 1]]

    def edit(sheet: Sheet) -> None:
        for mentee in moved:
            sheet.set(mentee, "New mentor", mentor)

    review = review_of(matching, edit)
    with pytest.raises(mm.errors.MentormatchError) as caught:
        review.rematch(max_changes=None)
    said = str(caught.value)
    assert "Decided in" in said
    cells = [change.cell for change in review.decided.changes if change.why == "by hand"]
    assert len(cells) == seats + 1
    assert any(cell in said for cell in cells)
