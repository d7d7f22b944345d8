"""evaluate says what the answers allow, and no more."""

from __future__ import annotations

import html
import pickle
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mentormatch as mm
from mentormatch.outcomes.clustered import mean
from mentormatch.outcomes.comparing import widened
from mentormatch.outcomes.evaluation_words import difference
from mentormatch.outcomes.lottery import Lottery
from mentormatch.outcomes.scales import Scale
from tests.outcomes.people import answered, drawn, matched
from tests.test_objects import frames_of

NAN = np.nan


def ids(n: int) -> list[str]:
    return [f"p{i}" for i in range(n)]


def usual(seed: int = 1, n: int = 60, **how: float) -> tuple[mm.Matching, mm.Evaluation]:
    matching = matched(n, seed=seed)
    first, last = drawn(matching, np.random.default_rng(seed), **how)
    return matching, mm.evaluate(matching, answered(ids(n), first, last))


def test_before_and_after_is_a_change_and_never_an_effect() -> None:
    matching = matched()
    first, last = drawn(matching, np.random.default_rng(1))
    found = mm.evaluate(matching, answered(ids(60), first, last))
    both = (matching.assignment >= 0) & ~np.isnan(first) & ~np.isnan(last)
    expected = mean(
        (last - first)[both], np.unique(matching.assignment[both], return_inverse=True)[1]
    )
    row = found.change.iloc[0]
    assert found.level == row["level"] == "change"
    assert found.levels == {"confidence": "change"}
    assert found.effect is None
    assert found.comparison is None
    assert (row["asked"], row["answered"]) == ((matching.assignment >= 0).sum(), both.sum())
    assert row["mentors"] == len(set(matching.assignment[both]))
    assert row["change"] == pytest.approx(expected.value)
    assert (row["low"], row["high"]) == pytest.approx(expected.interval(0.95))
    assert (row["se"], row["df"]) == pytest.approx((expected.se, expected.df))
    assert row["after"] - row["before"] == pytest.approx(row["change"])
    assert "A change is not an effect" in found.text
    assert "ffect" not in found.text.replace("A change is not an effect", "").split("An effect")[0]


def test_unmatched_people_are_no_part_of_a_change() -> None:
    matching = matched()
    first, last = drawn(matching, np.random.default_rng(1))
    there = matching.assignment >= 0
    alone = mm.evaluate(
        matching, answered(ids(60), *(np.where(there, w, NAN) for w in (first, last)))
    )
    pd.testing.assert_frame_equal(
        alone.change, mm.evaluate(matching, answered(ids(60), first, last)).change
    )


def test_the_order_of_answers_and_rosters_changes_nothing() -> None:
    matching, found = usual()
    first, last = drawn(matching, np.random.default_rng(1))
    order = np.random.default_rng(9).permutation(60)
    again = mm.evaluate(matching, answered([f"p{i}" for i in order], first[order], last[order]))
    pd.testing.assert_frame_equal(again.change, found.change)
    assert again.text == found.text


def test_people_are_found_by_mail_and_name_and_strangers_listed() -> None:
    people = [f"p{i}" for i in range(40)]
    matching = matched(40, 10, 3, name=[f"Person {i}" for i in range(40)],
                       email=[f"P{i}@x.org" for i in range(40)])  # fmt: skip
    first, last = drawn(matching, np.random.default_rng(1), answer=1)
    by_id = mm.evaluate(matching, answered(people, first, last))
    called = [f"p{i}@X.org" if i % 2 else f"person {i}" for i in range(40)]
    by_name = mm.evaluate(matching, answered([*called, "who"], [*first, 3], [*last, 3]))
    pd.testing.assert_frame_equal(by_name.change, by_id.change)
    left = by_name.left_out
    assert left.loc[left["person"] == "who", "why"].to_list() == ["on no roster"] * 2
    alone = [called[i] for i in np.flatnonzero(matching.assignment < 0)]
    assert set(left.loc[left["why"] == "on the roster, without a mentor", "person"]) == set(alone)


@pytest.mark.parametrize(("n", "m"), [(9, 9), (30, 4)])
def test_few_people_or_mentors_give_counts_alone(n: int, m: int) -> None:
    matching = matched(n, m, seats=-(-n // m))
    first, last = drawn(matching, np.random.default_rng(0), answer=1)
    found = mm.evaluate(matching, answered(ids(n), first, last), confidence=0.9)
    row = found.change.iloc[0]
    assert found.level == "description"
    assert (row["answered"], row["mentors"]) == (n, m)
    assert row[["change", "low", "high", "before", "after"]].isna().all()
    assert "no change is told" in found.text
    assert "change" not in found.bounds["of"].to_list()


def test_anonymous_answers_give_two_means_only() -> None:
    matching = matched()
    first, last = drawn(matching, np.random.default_rng(1))
    survey = answered([None] * 60, first, last, anonymous=("before", "after"))
    found = mm.evaluate(matching, survey, comparison="unmatched")
    assert found.level == "description"
    assert found.change["change"].isna().all()
    assert found.comparison is None
    assert len(found.bounds) == 0
    assert "anonymously" in found.text
    for wave in (first, last):
        assert f"{np.nanmean(wave):.2f} in" in found.text
    few = answered([None] * 4, [3, 3, 4, 4], anonymous=("before",))
    assert "under 5 answers" in mm.evaluate(matching, few).text


def test_one_wave_is_a_description_with_its_bounds() -> None:
    matching, _ = usual()
    first, last = drawn(matching, np.random.default_rng(1))
    found = mm.evaluate(matching, answered(ids(60), last, names=("after",)))
    heard = last[matching.assignment >= 0]
    (row,) = found.bounds.to_dict("records")
    assert found.level == "description"
    assert row["of"] == "after"
    assert row["low"] == pytest.approx(np.where(np.isnan(heard), 1, heard).mean())
    assert row["high"] == pytest.approx(np.where(np.isnan(heard), 5, heard).mean())
    assert "One survey tells of no change and of no cause." in found.text
    chosen = mm.evaluate(matching, answered(ids(60), first, last), waves=["after"])
    assert chosen.text == found.text


def test_everybody_changing_by_the_same_tells_nothing_of_spread() -> None:
    matching = matched()
    found = mm.evaluate(matching, answered(ids(60), np.full(60, 3.0), np.full(60, 4.0)))
    assert found.level == "description"
    assert "by the same" in found.text


def test_what_to_beware_of_comes_first() -> None:
    matching = matched(60, 30)
    first, last = drawn(matching, np.random.default_rng(1), answer=0.45)
    top = np.where(np.random.default_rng(2).random(60) < 0.7, 5, np.round(first))
    found = mm.evaluate(
        matching, answered(ids(60), np.where(np.isnan(first), NAN, top), last,
                           retrospective=("before",)),
    )  # fmt: skip
    said = found.text.removeprefix("confidence: ")
    first_words = said.split(" of 60 mentees answered")[0]
    assert first_words.count("Beware:") == 3
    assert "at the top" in first_words
    assert "the others may think otherwise" in first_words
    assert "inflate" in first_words


def test_a_scale_whose_questions_do_not_go_together_is_named_first() -> None:
    from mentormatch.outcomes.surveys import survey_of

    rng, matching = np.random.default_rng(4), matched(60, 30)
    rows = [
        (f"p{i}", "mentee", wave, "mixed", item, float(rng.integers(1, 6)))
        for wave in ("before", "after") for i in range(60) for item in ("a", "b", "c")
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["person", "role", "wave", "scale", "item", "value"])
    survey = survey_of(
        frame, scales=[Scale("mixed", items=["a", "b", "c"])], waves=("before", "after")
    )
    found = mm.evaluate(matching, survey)
    assert found.text.startswith("mixed: Beware: the questions of this scale hardly go together")
    assert found.change["alpha"].iloc[0] < 0.6


def test_without_lots_both_methods_are_shown_and_no_effect() -> None:
    matching = matched(100, 30, seed=2)
    first, last = drawn(matching, np.random.default_rng(3), answer=1, gain=0.5)
    survey = answered(ids(100), first, last)
    found = mm.evaluate(matching, survey, comparison="unmatched")
    assert found.effect is None
    assert found.level == "comparison"
    assert found.comparison is not None
    assert found.comparison["method"].to_list() == ["difference of changes", "adjusted for before"]
    seat = matching.assignment >= 0
    change = last - first
    assert found.comparison["difference"].iloc[0] == pytest.approx(
        change[seat].mean() - change[~seat].mean()
    )
    design = np.column_stack((np.ones(100), seat, first))
    assert found.comparison["difference"].iloc[1] == pytest.approx(
        np.linalg.lstsq(design, last)[0][1]
    )
    assert "a difference, not an effect" in found.text
    named = mm.evaluate(matching, survey, comparison=list(matching.unmatched))
    assert named.text == found.text


def test_the_neediest_against_the_rest_cannot_be_told() -> None:
    """Regression to the mean makes one method positive and the other negative."""
    rng, n = np.random.default_rng(7), 120
    matching = matched(n, 30, seed=2)
    seat = matching.assignment >= 0
    trait = rng.normal(3, 0.6, n) - 0.8 * seat
    first, last = (np.clip(trait + noise + rng.normal(0, 0.4, n), 1, 5)
                   for noise in (-0.3 * seat, 0.3 * seat))  # fmt: skip
    found = mm.evaluate(matching, answered(ids(n), first, last), comparison="unmatched")
    assert found.effect is None
    assert found.level == "change"
    assert "cannot be told" in found.text
    assert found.comparison is not None
    assert "standard deviations apart" in found.comparison["doubt"].iloc[0]


def test_people_on_no_roster_can_be_compared_and_people_with_a_mentor_cannot() -> None:
    matching = matched(40, 20)
    others = [f"w{i}" for i in range(40)]
    rng = np.random.default_rng(0)
    first, last = drawn(matching, rng, answer=1)
    more = rng.normal(3, 0.7, 40)
    survey = answered([*ids(40), *others], [*first, *more], [*last, *more + rng.normal(0, 0.5, 40)])
    found = mm.evaluate(matching, survey, comparison=others)
    assert found.comparison is not None
    assert found.comparison["without"].to_list() == [40, 40]
    assert len(found.left_out) == 0
    with pytest.raises(mm.errors.ParameterError, match="These have one: p0"):
        mm.evaluate(matching, survey, comparison=["p0"])
    with pytest.raises(mm.errors.ParameterError, match="Got nobody"):
        mm.evaluate(matching, survey, comparison=[])
    with pytest.raises(mm.errors.ParameterError, match="'unmatched'"):
        mm.evaluate(matching, survey, comparison="everybody")


def test_seats_drawn_by_lot_give_an_effect() -> None:
    matching = matched(120, 30, seed=5)
    first, last = drawn(matching, np.random.default_rng(3), gain=0.5, answer=0.8)
    lottery = Lottery.by_hand(matching)
    found = mm.evaluate(matching, answered(ids(120), first, last), comparison=lottery)
    assert found.level == "effect"
    assert found.comparison is None
    assert found.effect is not None
    (row,) = found.effect.to_dict("records")
    known = ~np.isnan(first) & ~np.isnan(last)
    seat = matching.assignment >= 0
    assert (row["with_seat"], row["without"]) == ((known & seat).sum(), (known & ~seat).sum())
    design = np.column_stack((np.ones(known.sum()), seat[known], first[known]))
    assert row["effect"] == pytest.approx(np.linalg.lstsq(design, last[known])[0][1])
    assert row["low"] < row["effect"] < row["high"]
    assert row["adjusted"] is True or row["adjusted"]
    assert "not about everybody" in found.text
    assert "as you say" in found.text
    after = mm.evaluate(matching, answered(ids(120), last, names=("after",)), comparison=lottery)
    assert after.level == "effect"
    assert after.effect is not None
    assert not after.effect["adjusted"].iloc[0]


def test_an_effect_is_of_the_draw_whoever_kept_the_seat() -> None:
    matching = matched(120, 30, seed=5)
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    lottery = Lottery.by_hand(matching)
    survey = answered(ids(120), first, last)
    kept = [pair for pair in matching if pair[0] != next(iter(matching))[0]]
    later = mm.Matching.from_pairs(matching.problem.scores, kept)
    found = mm.evaluate(later, survey, comparison=lottery)
    usual = mm.evaluate(matching, survey, comparison=lottery)
    assert found.effect is not None
    assert usual.effect is not None
    assert found.effect["effect"].iloc[0] == pytest.approx(usual.effect["effect"].iloc[0])
    assert "kept it" in found.text
    assert "kept it" not in usual.text


def test_few_without_a_seat_give_no_effect() -> None:
    matching = matched(44, 20, seed=5)
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    found = mm.evaluate(
        matching, answered(ids(44), first, last), comparison=Lottery.by_hand(matching)
    )
    assert found.effect is None
    assert found.level == "change"
    assert "No effect is told" in found.text


def test_groups_are_told_few_people_and_mentors_are_not() -> None:
    site = np.array(["Leeds"] * 30 + ["York"] * 14 + ["Hull"] * 12 + ["Bath"] * 4)
    matching = matched(60, 30, site=site.tolist())
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    found = mm.evaluate(matching, answered(ids(60), first, last), by="site")
    groups = found.groups.set_index("group")
    assert groups.loc[["Leeds", "York"], "status"].to_list() == ["shown", "shown"]
    assert "Bath" not in groups.index
    assert "Hull" not in groups.index  # held back beside Bath, which a subtraction would tell
    held = groups.loc["2 groups held back"]
    assert held["status"] == "held back"
    assert held[["answered", "value", "low", "high"]].isna().all()
    change = (last - first)[site == "Leeds"]
    assert groups.loc["Leeds", "value"] == pytest.approx(change.mean())
    for told in (found.text, found.to_frame().to_csv()):
        assert "Bath" not in told
    for name in ("mentor", "Mentors", "coach"):
        with pytest.raises(mm.errors.ParameterError, match="rank chance"):
            mm.evaluate(matching, answered(ids(60), first, last), by=name)
    with pytest.raises(mm.errors.ColumnError, match="Did you mean 'site'"):
        mm.evaluate(matching, answered(ids(60), first, last), by="sites")


def test_groups_in_which_few_answered_are_held_back_with_another() -> None:
    site = np.array(["Leeds"] * 30 + ["York"] * 15 + ["Hull"] * 15)
    matching = matched(60, 30, site=site.tolist())
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    last[47:] = NAN  # two of Hull answered both times
    groups = mm.evaluate(matching, answered(ids(60), first, last), by="site").groups
    status = groups.set_index("group")["status"].to_dict()
    assert status == {"Leeds": "shown", "York": "held back", "Hull": "held back"}
    assert groups.loc[groups["status"] == "held back", ["answered", "value"]].isna().all(axis=None)


def test_readers_other_than_administrators_see_no_groups() -> None:
    matching = matched(60, 30, gender=["woman", "man"] * 30)
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    found = mm.evaluate(
        matching, answered([*ids(60), "stranger"], [*first, 3], [*last, 3]), by="gender"
    )
    assert "gender" in found.text
    theirs = found.for_reader("reviewer")
    assert "gender" not in theirs.text
    assert len(theirs.groups) == len(theirs.left_out) == 0
    assert "gender" not in theirs.to_frame().to_csv()
    assert found.for_reader("administrator") is found


def test_several_scales_share_the_confidence() -> None:
    matching = matched(60, 30)
    rng = np.random.default_rng(8)
    survey = None
    scales = [Scale(name, items=name) for name in ("one", "two", "three")]
    for scale, gain in zip(scales, (0.0, 0.05, 0.9), strict=True):
        part = answered(ids(60), *drawn(matching, rng, gain=gain, answer=1), scale=scale)
        survey = part if survey is None else replace(
            survey, scales=(*survey.scales, scale),
            answers=pd.concat([survey.answers, part.answers], ignore_index=True),
            item_answers=pd.concat([survey.item_answers, part.item_answers], ignore_index=True),
        )  # fmt: skip
    assert survey is not None
    found = mm.evaluate(matching, survey)
    confidence = found.change.set_index("scale")["confidence"]
    assert confidence["three"] == pytest.approx(1 - 0.05 / 3)
    assert confidence["one"] == confidence["two"] == pytest.approx(1 - 0.05 / 2)
    assert "Holm" in found.text
    alone = mm.evaluate(matching, survey, scale="one")
    assert alone.change["confidence"].to_list() == [0.95]
    assert "Holm" not in alone.text


@pytest.mark.parametrize("seed", range(50))
def test_widened_intervals_decide_as_holm_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    chances = (rng.random(rng.integers(1, 7)) ** 3 * 0.2).tolist()
    levels = widened([*chances, NAN], 0.95)
    order = np.argsort(chances)
    rejected, k = set(), len(chances)
    for rank, at in enumerate(order):
        if chances[at] > 0.05 / (k - rank):
            break
        rejected.add(at)
    assert {at for at in range(k) if chances[at] <= 1 - levels[at] + 1e-15} == rejected
    assert all(level >= 0.95 - 1e-12 for level in levels)


def test_coaches_and_groups_are_clusters_too() -> None:
    rng = np.random.default_rng(2)
    scores = mm.Scores.from_matrix(rng.random((48, 8)))
    groups = mm.form_groups(scores, size=(4, 8), meet=None)
    people = [f"mentee {i + 1}" for i in range(48)]
    first = rng.integers(1, 6, 48).astype(float)
    survey = answered(people, first, np.clip(first + rng.integers(-1, 3, 48), 1, 5))
    found = mm.evaluate(groups, survey)
    assert found.change["mentors"].iloc[0] == len({coach for coach, _ in groups})
    assert "coaches" in found.text
    roster = pd.DataFrame({"id": people})
    one = mm.Scores.from_matrix(rng.random((48, 48)), mentees=roster, mentors=roster)
    peers = mm.match_peers(one)
    found = mm.evaluate(peers, survey)
    assert found.change["mentors"].iloc[0] == 24
    assert "groups" in found.text
    with pytest.raises(mm.errors.ParameterError, match="a Matching, Groups or Peers"):
        mm.evaluate(scores, survey)  # type: ignore[arg-type]
    with pytest.raises(mm.errors.ParameterError, match="everybody is both"):
        mm.evaluate(peers, survey, role="mentor")


def test_mentors_are_asked_apart() -> None:
    matching = matched(40, 20, 2)
    rng = np.random.default_rng(3)
    first = rng.integers(2, 5, 20).astype(float)
    last = first + rng.integers(-1, 2, 20)
    survey = answered([f"mentor {j + 1}" for j in range(20)], first, last, role="mentor")
    found = mm.evaluate(matching, survey, role="mentor")
    assert found.change["answered"].iloc[0] == found.change["mentors"].iloc[0] == 20
    assert found.change["df"].iloc[0] == pytest.approx(19)
    assert mm.evaluate(matching, survey).text == "confidence: nobody answered."
    with pytest.raises(mm.errors.ParameterError, match="seats were drawn among mentees"):
        mm.evaluate(matching, survey, role="mentor", comparison=Lottery.by_hand(matched()))


def test_shares_are_told_in_percent() -> None:
    matching = matched(60, 30)
    rng = np.random.default_rng(1)
    stayed = Scale("stayed", items="Are you still here?", low=0, high=1)
    values = (rng.random(60) < 0.7).astype(float)
    found = mm.evaluate(matching, answered(ids(60), values, names=("after",), scale=stayed))
    assert re.search(r"is \d\d % \(95 % interval \d\d % to \d\d(\.\d)? %\)", found.text)


def test_wrong_questions_are_refused_in_words() -> None:
    matching = matched()
    survey = answered(ids(60), *drawn(matching, np.random.default_rng(1)))
    for wrong, words in (
        ({"scale": "confidense"}, "Did you mean 'confidence'"),
        ({"scale": []}, "at least one scale"),
        ({"role": "coach"}, "'mentee' or 'mentor'"),
        ({"waves": ["before", "later"]}, "waves of the survey"),
        ({"waves": ["before", "before"]}, "before and after"),
        ({"confidence": 1.0}, "in \\(0, 1\\)"),
    ):
        with pytest.raises(mm.errors.ParameterError, match=words):
            mm.evaluate(matching, survey, **wrong)  # type: ignore[arg-type]


def test_nobody_at_all_is_no_error() -> None:
    nobody = mm.solve(mm.Problem(mm.Scores.from_matrix(np.zeros((0, 2)))))
    empty = answered([], [], [])
    for matching in (nobody, matched()):
        found = mm.evaluate(matching, empty)
        assert found.level == "description"
        assert found.text == "confidence: nobody answered."
        found.to_frame()
    some = answered(ids(20), np.arange(20) % 5 + 1.0, np.arange(20) % 5 + 1.0)
    assert mm.evaluate(nobody, some).level == "description"


def test_it_is_shown_and_kept_as_other_answers_are() -> None:
    _, found = usual()
    assert repr(found) == f"<Evaluation: {found.text}>"
    assert html.escape(found.text) in found._repr_html_()
    assert pickle.loads(pickle.dumps(found)).text == found.text
    frame = found.to_frame()
    assert set(frame["figure"]) >= {"before", "after", "change", "worst case of the change"}
    assert found.to_csv().count("\n") == len(frame) + 1


def test_few_half_answers_are_not_given_away_by_the_bounds() -> None:
    """Bounds sharpened by one person's single answer would tell that answer."""
    matching = matched(40, 20)
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    last[0] = NAN
    ends = []
    for answer in (1.0, 5.0):
        first[0] = answer
        found = mm.evaluate(matching, answered(ids(40), first, last))
        ends.append(found.bounds[["low", "high"]].to_numpy().tolist())
    assert ends[0] == ends[1]


def test_the_picture_shows_what_may_be_said() -> None:
    matching = matched(120, 30, seed=5)
    first, last = drawn(matching, np.random.default_rng(3), gain=0.5, answer=0.8)
    both = answered(ids(120), first, last)
    after = answered(ids(120), last, names=("after",))
    hidden = answered([None] * 120, first, last, anonymous=("before", "after"))
    lottery = Lottery.by_hand(matching)
    for survey, comparison, words in (
        (both, None, {"change of the"}),
        (both, "unmatched", {"with less without: change"}),
        (both, lottery, {"effect of a seat (lots)", "change of the"}),
        (after, None, {"mean of the"}),
        (after, lottery, {"effect of a seat (lots)"}),
        (hidden, None, set()),
        (answered([], []), None, set()),
    ):
        figure = mm.evaluate(matching, survey, comparison=comparison).plot()
        labels = {tick.get_text() for axes in figure.axes for tick in axes.get_yticklabels()}
        assert all(any(label.startswith(word) for label in labels) for word in words), labels
        assert any("effect" in label for label in labels) == (comparison is lottery)


def test_an_end_beside_zero_is_not_rounded_to_it() -> None:
    share = Scale("stayed", items="Are you still here?", low=0, high=1)
    usual = Scale("confidence", items="I feel able")
    assert difference(usual, 0.004) == "+0.004"
    assert difference(usual, -0.0) == "+0.00"
    assert difference(usual, -0.126) == "-0.13"
    assert difference(share, 0.126) == "+13 points"
    assert difference(share, -0.002) == "-0.2 points"


def test_report_and_workbook_tell_what_came_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openpyxl import load_workbook

    from mentormatch.delivery import html as pages

    def missing() -> None:
        raise mm.MentormatchError("no pictures here")

    scale = Scale("=1+1<b>", items="I feel able")
    matching = matched(60, 30, site=["Leeds", "York"] * 30)
    first, last = drawn(matching, np.random.default_rng(3), answer=1)
    found = mm.evaluate(matching, answered(ids(60), first, last, scale=scale), by="site")
    assert "data:image/png" in pages._outcomes(found)
    monkeypatch.setattr(pages, "pyplot", missing)  # pictures of everything else take their time
    page = mm.report(matching, evaluation=found)
    assert page.index('id="outcomes"') < page.index('id="matches"')
    assert html.escape(found.text.split("\n\n")[0], quote=True) in page
    assert "<b>:" not in page
    assert "Leeds" in page.split('id="matches"')[0]
    reviewed = mm.report(matching, evaluation=found, audience="reviewer").split('id="matches"')[0]
    assert "Leeds" not in reviewed
    assert "Groups by" not in reviewed
    assert 'id="outcomes"' not in mm.report(matching)
    book = load_workbook(matching.to_excel(tmp_path / "came.xlsx", evaluation=found))
    cells = [cell for row in book["Outcomes"].iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert any("A change is not an effect" in str(cell.value) for cell in cells)
    other = matched(60, 30, seed=4)
    for wrong, words in ((found, "one of this matching"), ("found", "Evaluation|what evaluate")):
        for write in (lambda e: mm.report(other, evaluation=e),
                      lambda e: other.to_excel(tmp_path / "x.xlsx", evaluation=e)):  # fmt: skip
            with pytest.raises(mm.errors.ParameterError, match=words):
                write(wrong)


def test_tables_hold_numbers_as_numbers_and_words_as_words() -> None:
    matching = matched(120, 30, seed=5, site=["Leeds", "York", "Hull"] * 40)
    first, last = drawn(matching, np.random.default_rng(3), answer=0.8)
    survey = answered([*ids(120), "stranger"], [*first, 3], [*last, 3])
    lottery = Lottery.by_hand(matching)
    for held in (
        mm.evaluate(matching, survey, by="site", comparison="unmatched"),
        mm.evaluate(matching, survey, comparison=lottery),
        lottery,
        mm.power(60, 20),
    ):
        tables = list(frames_of("held", held))
        assert tables
        for place, frame in tables:
            for name in frame.columns:
                cells = [cell for cell in frame[name].tolist() if pd.notna(cell)]
                if cells and all(isinstance(cell, int | float) for cell in cells):
                    assert frame[name].dtype != object, (place, name)
        assert not [name for name in dir(held) if name.startswith("_")]
        assert html.escape(held.text) in held._repr_html_()
