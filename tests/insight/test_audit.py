"""Audits counted by hand and recounted in plain loops; what they never say."""

from __future__ import annotations

import copy
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentormatch.errors import ColumnError, ParameterError
from mentormatch.insight.audit import Audit, audit
from mentormatch.insight.held_back import held_back
from mentormatch.matching.matching import Matching
from mentormatch.matching.problem import Problem
from mentormatch.matching.solving import solve
from mentormatch.rosters.columns import Categories, Column, Labels, Numbers, Texts
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.scores import Scores


def roster(role: Role, n: int, capacity: object = 1, **columns: Column) -> Profiles:
    nothing, nobody = pd.DataFrame(), (None,) * n
    return Profiles(
        role=role,
        ids=tuple(f"secret-{role}-{k:03d}" for k in range(n)),
        names=tuple(f"Private {role} Person{k}" for k in range(n)),
        emails=nobody,
        columns=columns,
        capacity=np.broadcast_to(np.asarray(capacity), n),
        mapping=nothing,
        repairs=nothing,
        sensitive=frozenset({"gender"}),
    )


def matched(
    matrix: np.ndarray, mentees: Profiles, mentors: Profiles, admissible: object = None
) -> Matching:
    scores = Scores.from_matrix(matrix, admissible=admissible, mentees=mentees, mentors=mentors)
    return solve(Problem(scores))


def hand_example(**more: Column) -> Matching:
    """12 mentees, 6 women and 6 men; one mentor with 9 seats, who suits men better."""
    gender = Categories.of(["woman"] * 6 + ["man"] * 6)
    matrix = np.array([[0.4 + 0.01 * k] for k in range(6)] + [[0.8 + 0.01 * k] for k in range(6)])
    return matched(matrix, roster("mentee", 12, gender=gender, **more), roster("mentor", 1, 9))


def row(frame: pd.DataFrame, **where: object) -> pd.Series:
    for name, value in where.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def test_the_hand_example() -> None:
    found = audit(hand_example(), by="gender")
    women = row(found.groups, attribute="gender", group="woman")
    men = row(found.groups, attribute="gender", group="man")
    assert (women["people"], women["matched"], women["matched_share"]) == (6, 3, 0.5)
    assert (men["people"], men["matched"], men["matched_share"]) == (6, 6, 1.0)
    assert women["mean_score"] == pytest.approx(0.44)  # the three best of the women: .43 .44 .45
    assert men["mean_score"] == pytest.approx(0.825)
    # the median of the nine scores is .81: of six men, .82 .83 .84 .85 lie above it
    assert (women["above_median"], men["above_median"]) == (0, 4 / 6)
    gap = row(found.gaps, measure="matched_share", role="mentee")
    assert (gap["lowest"], gap["highest"]) == ("woman", "man")
    assert (gap["gap"], gap["ratio"]) == (0.5, 0.5)
    assert not gap["four_fifths"]
    assert gap["gap_low"] < 0.5 < gap["gap_high"]
    # all ways to deal 9 matches to 12: a gap as large needs 3 or 6 women among them
    assert gap["chance"] == pytest.approx(2 * 20 / 220, abs=0.04)
    assert "below four fifths" in found.text
    zero = audit(hand_example(), by="gender", unmatched="zero")
    women = row(zero.groups, attribute="gender", group="woman")
    assert women["mean_score"] == pytest.approx(0.22)


def test_unknown_is_shown_and_not_judged_unless_asked_for() -> None:
    gender = Categories.of(["woman"] * 6 + ["man"] * 6 + [None] * 6)
    matrix = np.full((18, 1), 0.5)
    matrix[:12] = 0.9
    matching = matched(matrix, roster("mentee", 18, gender=gender), roster("mentor", 1, 12))
    judged = audit(matching, by="gender", unknown="group")
    assert row(judged.groups, group="unknown")["status"] == "judged"
    assert row(judged.gaps, measure="matched_share")["gap"] == 1
    without = audit(matching, by="gender")
    assert row(without.gaps, measure="matched_share")["gap"] == 0
    unknown = row(without.groups, group="unknown")  # still listed
    assert (unknown["people"], unknown["matched_share"]) == (6, 0)
    assert unknown["status"] == "not judged"
    assert "unknown" not in without.text


def of_genders(**people: int) -> Matching:
    """So many mentees of each gender, "unknown" for no answer; every other one is matched."""
    answers = [None if g == "unknown" else g for g, count in people.items() for _ in range(count)]
    mentees = roster("mentee", len(answers), gender=Categories.of(answers))
    matrix = np.linspace(0, 1, len(answers))[:, None]
    return matched(matrix, mentees, roster("mentor", 1, len(answers) // 2))


def test_small_groups_are_held_back_without_a_name() -> None:
    found = audit(of_genders(woman=6, man=4, other=2), by="gender")
    for frame in (found.groups, found.pool):
        held = row(frame, attribute="gender", group="2 groups held back")
        assert (held["status"], held["people"]) == ("held back", 6)
        assert held.drop(["role", "attribute", "group", "people", "status"]).isna().all()
        assert set(frame["group"]) == {"everybody", "woman", "2 groups held back"}
    assert found.gaps.empty
    assert "Held back, so that nothing is told of fewer than 5 people" in found.text
    assert "other" not in found.text + found._repr_html_()
    assert len(audit(of_genders(woman=6, man=4, other=2), by="gender", smallest=2).gaps) > 0


@pytest.mark.parametrize(
    ("people", "shown"),
    [
        # two would be everybody less women and men: so the smaller of these is held back as well
        ({"woman": 20, "man": 12, "other": 2}, {"woman": 20, "2 groups held back": 14}),
        # those who did not answer suffice to hide behind; their number would tell that of the two
        (
            {"woman": 20, "man": 12, "other": 2, "unknown": 3},
            {"woman": 20, "man": 12, "unknown": None, "1 group held back": None},
        ),
        # few who did not answer are counted, and nobody is held back for them
        ({"woman": 20, "man": 12, "unknown": 2}, {"woman": 20, "man": 12, "unknown": 2}),
        ({"woman": 20, "other": 2}, {"2 groups held back": 22}),
    ],
)  # fmt: skip
def test_a_subtraction_gives_nobody_away(
    people: dict[str, int], shown: dict[str, int | None]
) -> None:
    groups = audit(of_genders(**people), by="gender").groups
    groups = groups[(groups["role"] == "mentee") & (groups["attribute"] == "gender")]
    told = groups["people"].astype(object).where(groups["people"].notna(), None)
    assert dict(zip(groups["group"], told, strict=True)) == shown
    without = groups[groups["people"].isna() | groups["group"].str.contains("held")]
    assert without["matched_share"].isna().all()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=4),
    st.lists(st.integers(0, 5), min_size=2, max_size=4),
    st.integers(2, 5),
)
def test_no_cell_held_back_follows_from_the_sums(
    rows: list[int], columns: list[int], small: int
) -> None:
    """An oracle by linear programming: what the published sums leave open about each cell."""
    from scipy.optimize import linprog

    people = np.add.outer(rows, columns).astype(np.int64)
    a, b = people.shape
    across = np.repeat(np.eye(a, dtype=bool), b, axis=1)
    down = np.tile(np.eye(b, dtype=bool), (1, a))
    sums = np.concatenate((across, down, np.ones((1, a * b), dtype=bool)))
    counts = people.ravel()
    first = (counts < small) & (counts > 0)
    hidden = held_back(counts, sums, first, small, np.zeros(a * b, dtype=bool))
    assert (hidden >= first).all()
    if not first.any():
        assert not hidden.any()
    places = np.flatnonzero(hidden)
    if not len(places):
        return
    # outcomes are real numbers of any sign here: what a mean score times people is
    equations = sums[:, places].astype(float)
    rest = equations @ counts[places]
    for k, place in enumerate(places):
        ends = [
            linprog(sign * np.eye(len(places))[k], A_eq=equations, b_eq=rest, bounds=(-100, 100))
            for sign in (1, -1)
        ]
        spread = -ends[1].fun - ends[0].fun
        alone = all(not (counts[line & ~hidden] > 0).any() for line in sums[sums[:, place]])
        assert spread > 1 or alone, "no sum has a cell left to hide behind"
    for line in sums:
        inside = line & hidden
        if inside.any() and (counts[line & ~hidden] > 0).any():
            assert counts[inside].sum() >= small
            assert inside.sum() >= 2


def test_crossed_cells_hide_behind_others_of_their_row_and_column() -> None:
    gender = ["woman"] * 30 + ["man"] * 30
    site = (["x"] * 10 + ["y"] * 10 + ["z"] * 10) + (["x"] * 2 + ["y"] * 14 + ["z"] * 14)
    mentees = roster("mentee", 60, gender=Categories.of(gender), site=Categories.of(site))
    found = audit(
        matched(np.linspace(0, 1, 60)[:, None], mentees, roster("mentor", 1, 30)),
        by=["gender", "site"],
        draws=0,
    )
    assert "man x x" not in set(found.crossed["group"])
    assert row(found.crossed, status="held back")["group"] == "4 cells held back"
    shown = found.crossed[found.crossed["status"] == "judged"]
    assert len(shown) == 2
    assert not shown["group"].str.endswith(" x x").any()


def test_a_column_that_names_people_is_not_spelt_out() -> None:
    badge = Categories.of([f"badge of person {k}" for k in range(30)])
    mentees = roster("mentee", 30, badge=badge, gender=Categories.of(["a", "b"] * 15))
    matching = matched(np.full((30, 1), 0.5), mentees, roster("mentor", 1, 20))
    found = audit(matching, by=["badge", "gender"])
    everything = found.text + found._repr_html_() + found.groups.to_csv() + found.crossed.to_csv()
    assert "30 groups held back" in everything
    assert "badge of person" not in everything
    assert row(found.crossed, attribute="badge x gender")["status"] == "held back"


def test_nobody_is_named_and_html_is_escaped() -> None:
    gender = Categories.of(["<script>alert(1)</script>"] * 6 + ["man & co"] * 6)
    matching = matched(
        np.full((12, 1), 0.5), roster("mentee", 12, gender=gender), roster("mentor", 1, 6)
    )
    found = audit(matching)
    page = found._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "man &amp; co" in page
    for text in (page, found.text, repr(found)):
        assert "secret-" not in text
        assert "Private" not in text


def test_words_promise_nothing() -> None:
    text = audit(hand_example(), by="gender").text
    assert "assess" in text
    assert "mitigate" in text
    assert not re.search(r"unbiased|bias-free|is fair|solves", text)


def test_rules_that_leave_a_group_out_are_a_finding() -> None:
    site = Categories.of(["north"] * 6 + ["south"] * 6)
    admissible = np.zeros((12, 2), dtype=bool)
    admissible[6:, 0] = True
    matching = matched(
        np.tile([0.5, 0.9], (12, 1)),
        roster("mentee", 12, site=site),
        roster("mentor", 2, 6, site=Categories.of(["north", "south"])),
        admissible,
    )
    found = audit(matching, by="site", smallest=1)
    north = row(found.pool, role="mentee", group="north")
    south = row(found.pool, role="mentee", group="south")
    assert (north["reachable_share"], north["without_any"], north["admissible_share"]) == (0, 6, 0)
    assert (south["reachable_share"], south["admissible_share"]) == (1, 0.5)
    assert (south["best_score"], south["best_score_without_rules"]) == (0.5, 0.9)
    assert north["best_score_without_rules"] == 0.9
    assert "Nobody in north (site of mentees) is admissible for anyone" in found.text
    assert "that comes from the rules" in found.text
    assert "Nobody in south (site of mentors) is admissible" in found.text


def test_load_of_mentors_per_group() -> None:
    gender = Categories.of(["woman", "woman", "man", "man"])
    matrix = np.zeros((4, 4))
    matrix[:, 0] = 1
    mentors = roster("mentor", 4, [3, 1, 2, 2], gender=gender)
    matching = matched(matrix, roster("mentee", 4), mentors)
    found = audit(matching, by="gender", smallest=2)
    women = row(found.load, group="woman")
    seats = {0: 3, 1: 1, 2: 2, 3: 2}
    loads = np.bincount(matching.pairs[1], minlength=4)
    assert (women["seats"], women["load"]) == (seats[0] + seats[1], loads[0] + loads[1])
    assert women["load_share"] == women["load"] / women["seats"]
    total = row(found.load, group="everybody")
    assert (total["seats"], total["load"], total["load_share"]) == (8, 4, 0.5)
    assert found.load["role"].unique().tolist() == ["mentor"]


def test_numbers_are_binned_at_quantiles_and_labels_overlap() -> None:
    age = Numbers(np.array([*range(20, 39), np.nan]))
    speaks = Labels.of([["en", "de"]] * 10 + [["de"]] * 5 + [[]] * 4 + [None])
    grade = Numbers(np.array([0.0, 1.0] * 10), ("junior", "senior"))
    mentees = roster("mentee", 20, age=age, speaks=speaks, grade=grade)
    found = audit(
        matched(np.full((20, 1), 0.5), mentees, roster("mentor", 1, 10)),
        by=["age", "speaks", "grade"],
        smallest=1,
    )
    bins = found.groups[found.groups["attribute"] == "age"]
    assert bins["group"].tolist() == [
        "below 25", "25 to below 29", "29 to below 34", "34 or more", "unknown",
    ]  # fmt: skip
    assert bins["people"].sum() == 20
    labels = found.groups[found.groups["attribute"] == "speaks"].set_index("group")["people"]
    assert labels.to_dict() == {"de": 15, "en": 10, "none named": 4, "unknown": 1}
    grades = found.groups[found.groups["attribute"] == "grade"]["group"].tolist()
    assert grades == ["junior", "senior"]


def random_matching(seed: int) -> Matching:
    rng = np.random.default_rng(seed)
    n, m = 60, 25

    def columns(k: int) -> dict[str, Column]:
        def drawn(options: list[str | None]) -> Categories:
            return Categories.of([options[c] for c in rng.integers(0, len(options), k)])

        return {"gender": drawn(["woman", "man", None]), "site": drawn(["x", "y", "z"])}

    return matched(
        rng.random((n, m)).round(3),
        roster("mentee", n, **columns(n)),
        roster("mentor", m, rng.integers(1, 4, m), **columns(m)),
        rng.random((n, m)) < 0.7,
    )


def recount(matching: Matching, role: str, cell: dict[str, str]) -> tuple[int, int, float]:
    """People, matched people and mean score of a cell, one person after another."""
    scores = matching.problem.scores
    people = scores.mentees if role == "mentee" else scores.mentors
    values = {name: people.columns[name].to_list() for name in cell}
    inside = [
        k
        for k in range(len(people))
        if all((values[name][k] or "unknown") == group for name, group in cell.items())
    ]
    pairs = list(zip(*(side.tolist() for side in matching.pairs), strict=True))
    mine = [p for p in pairs if p[role == "mentor"] in inside]
    hit = {p[role == "mentor"] for p in mine}
    mean = float(np.mean([scores.total[p] for p in mine])) if mine else np.nan
    return len(inside), len(hit), mean


@pytest.mark.parametrize("seed", [0, 1])
def test_every_cell_equals_a_recount(seed: int) -> None:
    matching = random_matching(seed)
    found = audit(matching, by=["gender", "site"], smallest=1, draws=50)
    checked = 0
    for frame in (found.groups, found.crossed):
        for _, line in frame[frame["status"] != "held back"].iterrows():
            if line["attribute"] == "everybody":
                cell = {}
            else:
                names, groups = line["attribute"].split(" x "), line["group"].split(" x ")
                cell = dict(zip(names, groups, strict=True))
            people, hit, mean = recount(matching, line["role"], cell)
            assert (line["people"], line["matched"]) == (people, hit)
            assert line["mean_score"] == pytest.approx(mean, nan_ok=True, abs=1e-6)
            checked += 1
    assert checked > 30


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10**6))
def test_laws_of_gaps_and_intervals(seed: int) -> None:
    found = audit(
        random_matching(seed),
        by=["gender", "site"],
        smallest=1,
        draws=100,
        seed=seed,
        unknown="group",
    )
    judged = found.groups[found.groups["status"] == "judged"]
    for value, low, high in (
        ("matched_share", "matched_low", "matched_high"),
        ("above_median", "above_low", "above_high"),
    ):
        assert (judged[low] <= judged[value]).all()
        assert (judged[value] <= judged[high]).all()
    gaps = found.gaps
    assert (gaps["gap"] >= 0).all()
    assert ((gaps["ratio"].dropna() >= 0) & (gaps["ratio"].dropna() <= 1)).all()
    assert (gaps["gap"] - (gaps["high"] - gaps["low"])).abs().max() == 0
    single = gaps[~gaps["attribute"].str.contains(" x ")]
    assert single["chance"].between(0, 1, inclusive="right").all()
    # the overall share lies between the extreme groups
    for _, gap in single[single["measure"] == "matched_share"].iterrows():
        overall = row(found.groups, role=gap["role"], attribute="everybody")["matched_share"]
        assert gap["low"] - 1e-12 <= overall <= gap["high"] + 1e-12


def test_the_order_of_the_rosters_plays_no_part() -> None:
    matching = random_matching(5)
    scores = matching.problem.scores
    rng = np.random.default_rng(0)
    order, across = rng.permutation(60), rng.permutation(25)
    shuffled = Scores.from_matrix(
        scores.total[np.ix_(order, across)].astype(float).round(6),
        admissible=scores.admissible[np.ix_(order, across)],
        mentees=scores.mentees.take(order),
        mentors=scores.mentors.take(across),
    )
    one = audit(matching, by=["gender", "site"])
    other = audit(solve(Problem(shuffled)), by=["gender", "site"])
    for name in ("groups", "gaps", "crossed", "load", "pool"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.text == other.text


def test_it_pickles_and_copies() -> None:
    found = audit(random_matching(1), by="gender", draws=20)
    again: Audit = pickle.loads(pickle.dumps(found))
    assert again.text == found.text
    assert copy.deepcopy(found).gaps.equals(found.gaps)
    with pytest.raises(AttributeError):
        found.text = "other"  # type: ignore[misc]


def test_wrong_columns_are_all_named_at_once() -> None:
    about = Texts(("hello",) * 12)
    matching = hand_example(about=about)
    with pytest.raises(ColumnError, match=r"'gendr'.*Did you mean 'gender'.*'about' holds text"):
        audit(matching, by=["gendr", "about"])
    bare = matched(np.full((2, 1), 0.5), roster("mentee", 2), roster("mentor", 1))
    with pytest.raises(ColumnError, match="Name what to compare"):
        audit(bare)
    for wrong in (
        {"smallest": 0}, {"unmatched": "x"}, {"unknown": "x"}, {"confidence": 1.0}, {"draws": -1},
        {"quantiles": (0.0,)},
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=f"'{next(iter(wrong))}' parameter of audit"):
            audit(matching, by="gender", **wrong)


def test_nobody_matched_and_empty_rosters_are_audited_too() -> None:
    gender = Categories.of(["woman"] * 6 + ["man"] * 6)
    nobody = matched(
        np.full((12, 1), 0.5), roster("mentee", 12, gender=gender), roster("mentor", 1, 0)
    )
    found = audit(nobody, by="gender", smallest=1)
    gap = row(found.gaps, measure="matched_share", role="mentee")
    assert gap["gap"] == 0
    assert np.isnan(gap["ratio"])
    assert "0 of 12 mentees (0.0 %)" in found.text
    found._repr_html_()
    found.plot()


def test_the_plot_shows_every_group_once_per_panel() -> None:
    found = audit(random_matching(2), by=["gender", "site"], draws=50)
    figure = found.plot()
    figure.canvas.draw()
    assert len(figure.axes) == 4
    shown = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    groups = found.groups[found.groups["role"] == "mentee"]
    for _, line in groups.iterrows():
        assert f"{line['group']}  (n = {line['people']})" in shown


def test_shares_are_marked_at_whole_per_cents() -> None:
    figure = audit(random_matching(2), by="gender", draws=0).plot()
    for axes in (figure.axes[0], figure.axes[2]):
        marks = 100 * axes.get_xticks()
        assert np.allclose(marks, np.round(marks))
        assert len(marks) > 2


def test_a_dollar_in_a_group_is_not_a_formula() -> None:
    gender = Categories.of(["$\\frac$"] * 6 + ["man $2$"] * 6)
    matching = matched(
        np.full((12, 1), 0.5), roster("mentee", 12, gender=gender), roster("mentor", 1, 6)
    )
    audit(matching, by="gender", draws=0).plot().canvas.draw()


@pytest.mark.slow
def test_time_grows_with_the_people_and_not_with_their_square() -> None:
    """Cells, draws and groups go into sparse products: twice the people, about twice the time."""
    from time import process_time

    def seconds(n: int) -> float:
        rng = np.random.default_rng(0)
        names = [f"a{k}" for k in range(6)]
        columns = {name: Categories.of([str(v) for v in rng.integers(0, 5, n)]) for name in names}
        matching = matched(
            rng.random((n, 3)), roster("mentee", n, **columns), roster("mentor", 3, n)
        )
        audit(matching, by=names[:1], draws=10)
        begun = process_time()
        audit(matching, by=names)
        return process_time() - begun

    assert seconds(2000) < 6 * seconds(1000)


@pytest.mark.parametrize("count", [1, 3, 4])
def test_a_few_mentees_with_a_gender_are_written(count, tmp_path):
    """With pyarrow beside pandas, a lookup in nothing is text, which no number compares with."""
    from mentormatch import match, read_roster, report

    people = [
        {"ID": f"E{k}", "Name": f"Ana L{k}", "Topics": "Law", "Gender": "WM"[k % 2]}
        for k in range(count)
    ]
    mentors = [{**one, "ID": f"M{k}", "Name": f"Bo C{k}"} for k, one in enumerate(people)]
    matching = match(read_roster(people, "mentee"), read_roster(mentors, "mentor"))
    assert "held back" in audit(matching, by="gender").groups["status"].tolist()
    matching.to_excel(tmp_path / "matches.xlsx")
    assert report(matching)


def test_a_mean_over_one_or_two_people_is_held_back() -> None:
    gender = Categories.of(["woman"] * 6 + ["man"] * 6 + ["other"] * 6)
    matrix = np.array([[0.5] + [0.1] * 5 + [0.9] * 6 + [0.7] * 6]).T
    mentees = roster("mentee", 18, gender=gender)
    found = audit(matched(matrix, mentees, roster("mentor", 1, 13)), by="gender", draws=50)
    women = row(found.groups, attribute="gender", group="woman")
    assert (women["matched"], women["status"]) == (1, "judged")
    assert women[["mean_score", "mean_low", "mean_high", "above_median"]].isna().all()
    # with everybody's mean, and that of the others, hers would follow
    shown = found.groups[found.groups["attribute"] == "gender"]["mean_score"]
    assert shown.notna().sum() == 1
    assert set(found.gaps["measure"]) == {"matched_share"}
    texts = [text.get_text() for text in found.plot().axes[1].texts]
    assert texts.count("held back: few people") == 2
