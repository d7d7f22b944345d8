"""Laws of the invented cohorts: the same everywhere, with the shares that were asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mentormatch
from mentormatch.datasets import example_files, load_example, make_cohort, spelling, words
from mentormatch.datasets.cohort import SPAN
from mentormatch.errors import ParameterError
from mentormatch.rosters import Profiles, read_roster
from mentormatch.rosters.columns import label_key
from mentormatch.scoring.hours import REFERENCE_WEEKS, utc_slots

ALWAYS_GIVEN = ("id", "name", "email", "department", "site", "timezone")
OPTIONAL = (
    "seniority",
    "gender",
    "goals",
    "communication_style",
    "availability",
    "interests",
    "languages",
    "hours",
    "rhythm",
    "about",
)
DATA = example_files()[0].parent


def digest(*frames: pd.DataFrame) -> str:
    """Hash every header and cell."""
    joined = "\x1d".join(
        "\x1e".join(["\x1f".join(frame.columns), *("\x1f".join(row) for row in frame.to_numpy())])
        for frame in frames
    )
    return hashlib.sha256(joined.encode()).hexdigest()


def test_same_seed_gives_the_same_cells_on_every_platform() -> None:
    # recorded once: it changes only when the words or the draws are changed on purpose
    expected = "10e449da65b4e9ea92eb273e02abe7af8c5574beeee3815343cd9e83883828bd"
    assert digest(*make_cohort(300, 90, seed=7)) == expected


def test_generator_and_seed_agree_and_seeds_differ() -> None:
    generator = np.random.Generator(np.random.PCG64(7))
    assert digest(*make_cohort(50, 20, 7)) == digest(*make_cohort(50, 20, generator))
    assert digest(*make_cohort(50, 20, 7)) != digest(*make_cohort(50, 20, 8))
    assert digest(*make_cohort(50, 20, generator)) != digest(*make_cohort(50, 20, 7))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 40),
    m=st.integers(0, 15),
    seed=st.integers(0, 2**32),
    seats=st.floats(0, 3),
    levels=st.none() | st.integers(1, 4),
)
def test_any_size_keeps_the_laws(
    n: int, m: int, seed: int, seats: float, levels: int | None
) -> None:
    mentees, mentors = make_cohort(n, m, seed, seats=seats, levels=levels)
    assert (len(mentees), len(mentors)) == (n, m)
    everybody = [*mentees["id"], *mentors["id"]]
    assert len(set(everybody)) == n + m
    assert len({*mentees["email"], *mentors["email"]}) == n + m
    for frame in (mentees, mentors):
        assert all(isinstance(cell, str) for cell in frame.to_numpy().ravel())
        assert all((frame[name] != "").all() for name in ALWAYS_GIVEN)
    if m:
        capacity = mentors["capacity"].astype(int)
        assert capacity.sum() == round(seats * n)
        assert capacity.min() >= (1 if round(seats * n) >= m else 0)
        assert capacity.max() <= max(5, -(-round(seats * n) // m))


@pytest.mark.parametrize("missing", [0.0, 0.25, 1.0])
def test_share_of_blanks_is_the_one_asked_for(missing: float) -> None:
    mentees, mentors = make_cohort(3000, 3000, 11, missing=missing)
    for frame in (mentees, mentors):
        for name in OPTIONAL:
            # five standard errors
            assert abs((frame[name] == "").mean() - missing) <= 0.04 * (0 < missing < 1), name


def test_managers_form_trees_of_seniors() -> None:
    mentees, mentors = make_cohort(900, 300, 5, missing=0)
    people = pd.concat([mentees, mentors]).set_index("id")
    manager = people["supervisor_id"].to_dict()
    level = people["seniority"].map(words.SENIORITY.index).to_dict()
    for person in people.index:
        seen = {person}
        above = manager[person].replace("M", "E")
        if above:
            assert level[above] >= level[person]
            assert people.loc[above, "department"] == people.loc[person, "department"]
        while above:
            assert above not in seen
            seen.add(above)
            above = manager[above].replace("M", "E")
    spans = people.loc[people["supervisor_id"] != "", "supervisor_id"].value_counts()
    assert spans.max() == SPAN
    on_roster = np.mean([boss in manager for boss in people["supervisor_id"] if boss])
    assert 0.3 < on_roster < 0.7


def test_popularity_is_skewed_on_request() -> None:
    def top_share(popularity: float) -> float:
        mentees, _ = make_cohort(4000, 200, 3, popularity=popularity, missing=0)
        wished = mentees["preferred"].str.split(";").str[0]
        return float(wished[wished != ""].value_counts(normalize=True).iloc[0])

    shares = [top_share(popularity) for popularity in (0, 1, 2)]
    assert shares[0] < 0.02 < 0.1 < shares[1] < 0.3 < shares[2]


def test_wishes_name_different_people_of_the_other_roster() -> None:
    mentees, mentors = make_cohort(500, 30, 9)
    known = set(mentors["id"])
    for cell in mentees["preferred"]:
        named = cell.split(";") if cell else []
        assert len(set(named)) == len(named)
        assert known.issuperset(named)


def test_half_of_the_mentees_wish_for_up_to_three_mentors() -> None:
    mentees, mentors = make_cohort(4000, 1000, 2, missing=0)
    named = mentees["preferred"].str.split(";").where(mentees["preferred"] != "", None).dropna()
    assert abs(len(named) / 4000 - 0.5) < 0.04  # five standard errors
    counts = named.map(len).value_counts(normalize=True)
    assert set(counts.index) == {1, 2, 3}
    np.testing.assert_allclose(counts.loc[[1, 2, 3]], [1 / 2, 1 / 3, 1 / 6], atol=0.06)
    assert (mentors["preferred"] != "").mean() < 0.1


def test_who_is_wished_for_can_help_more_often_than_anybody() -> None:
    mentees, mentors = make_cohort(2000, 400, 2, missing=0)
    offers = dict(zip(mentors["id"], mentors["goals"].str.lower().str.split(";"), strict=True))
    wished = mentees[mentees["preferred"] != ""]
    asked = wished["goals"].str.lower().str.split(";")
    first = wished["preferred"].str.split(";").str[0]
    somebody = np.random.default_rng(0).permutation(first)
    met, by_chance = (
        np.mean([bool({*a} & {*offers[who]}) for a, who in zip(asked, people, strict=True)])
        for people in (first, somebody)
    )
    assert met > by_chance + 0.1


@pytest.mark.parametrize("seats", [0.5, 0.7, 0.9])
def test_most_mentors_take_one_or_two(seats: float) -> None:
    _, mentors = make_cohort(2000, 1000, 4, seats=seats)
    counts = mentors["capacity"].astype(int).value_counts()
    assert counts[counts.index <= 2].sum() > 0.6 * 1000
    assert counts.sort_index().is_monotonic_decreasing


def shares_of_pairs_that_can_meet(seed: int, **options: float) -> tuple[float, float]:
    """Return the share in one zone and in two, among pairs who both gave hours."""
    profiles = [
        read_roster(frame, role=role)
        for frame, role in zip(
            make_cohort(300, 100, seed, **options), ("mentee", "mentor"), strict=True
        )  # type: ignore[arg-type]
    ]
    hours = [people.columns["availability"] for people in profiles]
    free = [
        [utc_slots(h, None, [week]).astype(np.float32) for h in hours] for week in REFERENCE_WEEKS
    ]
    meet = np.all([mine @ yours.T > 0 for mine, yours in free], axis=0)
    zones = [np.array(h.zones) for h in hours]
    one = zones[0][:, None] == zones[1]
    given = hours[0].given[:, None] & hours[1].given
    return float(meet[given & one].mean()), float(meet[given & ~one].mean())


@pytest.mark.parametrize("seed", range(12))
def test_four_in_five_pairs_of_one_time_zone_can_meet(seed: int) -> None:
    one, two = shares_of_pairs_that_can_meet(seed, missing=0.2)
    assert 0.75 <= one <= 0.85
    assert two < one - 0.2


def test_hard_makes_hours_thin() -> None:
    shares = [shares_of_pairs_that_can_meet(3, hard=hard) for hard in (0, 0.5, 1)]
    assert shares == sorted(shares, reverse=True)
    assert 0.25 < shares[-1][0] < 0.45


def test_spellings_of_every_answer_are_what_they_say() -> None:
    answers = {label_key(word): word for word in (*words.GOALS, *words.SKILLS, *words.INTERESTS)}
    for key, word in answers.items():
        same, other = np.split(np.array(spelling.spellings(word), dtype=object), [4])
        assert {label_key(text) for text in same} == {key}
        for text in other:  # alone, never taken for another answer
            assert label_key(text) == key or label_key(text) not in answers
    assert sum(spelling.SHARES.values()) == pytest.approx(1)
    assert spelling.swapped("python") == "pythno"
    assert spelling.swapped("free ball") == "free blal"
    assert spelling.swapped("aa") == "aa"
    assert spelling.number_changed("policy") == "policies"
    assert spelling.number_changed("logistics") == "logistic"
    assert spelling.number_changed("tax") == "taxes"
    assert spelling.number_changed("working remotely") == "working remotely"


def test_a_small_share_of_answers_is_misspelt() -> None:
    mentees, _ = make_cohort(4000, 0, 5, missing=0)
    for name, vocabulary in (("goals", words.GOALS), ("needs", words.SKILLS)):
        typed = mentees[name].str.replace(r":\d", "", regex=True).str.split(";").explode()
        assert 0.05 < (~typed.isin(vocabulary)).mean() < 0.13
        known = {label_key(word) for word in vocabulary}
        assert 0.01 <= (~typed.map(label_key).isin(known)).mean() <= 0.03


def test_goals_go_with_the_department() -> None:
    mentees, _ = make_cohort(6000, 0, 5, missing=0)
    goals = mentees.assign(goal=mentees["goals"].str.lower().str.split(";")).explode("goal")
    table = pd.crosstab(goals["department"], goals["goal"], normalize="index")
    tops = table.idxmax(axis=1)
    assert tops.nunique() >= 6  # of eight


def test_several_answers_never_repeat() -> None:
    mentees, mentors = make_cohort(500, 100, 2, popularity=2)
    for cell in [*mentees["needs"], *mentors["skills"], *mentors["goals"], *mentees["interests"]]:
        labels = [label.partition(":")[0] for label in cell.split(";")]
        assert len(set(labels)) == len(labels)


def test_mentee_aims_above_where_she_stands() -> None:
    mentees, _ = make_cohort(300, 0, 2, missing=0)
    for need, skill in zip(mentees["needs"], mentees["skills"], strict=True):
        aims = dict(answer.split(":") for answer in need.split(";"))
        now = dict(answer.split(":") for answer in skill.split(";"))
        assert aims.keys() == now.keys()
        assert all(1 <= int(now[label]) < int(aims[label]) <= 5 for label in aims)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_levels_limit_the_different_answers(levels: int) -> None:
    mentees, mentors = make_cohort(400, 100, 4, levels=levels, missing=0)
    asked = [name for name in OPTIONAL if name not in ("gender", "about")]
    for frame in (mentees, mentors):
        for name in [*asked, *({"needs"} & set(frame))]:
            assert 1 <= frame[name].nunique() <= levels, name
    assert "preferred" not in mentees


def test_time_zones_are_known() -> None:
    from zoneinfo import ZoneInfo

    for _, zone, _ in words.SITES:
        assert ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    "wrong",
    [{"seats": -1}, {"levels": 0}, {"missing": 1.1}, {"sites": 0}, {"departments": 99}],
)
def test_parameters_outside_their_domain_are_named(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=f"'{next(iter(wrong))}' parameter of make_cohort"):
        make_cohort(3, 2, 1, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="n_mentees"):
        make_cohort(-1, 2, 1)


@pytest.mark.slow
def test_a_million_people_can_be_made() -> None:
    mentees, mentors = make_cohort(800_000, 200_000, 1)
    assert mentors["capacity"].astype(int).sum() == 840_000
    assert mentees["id"].is_unique


@pytest.mark.parametrize("levels", [None, 2])
def test_frames_go_through_read_roster_without_a_repair(levels: int | None) -> None:
    frames = make_cohort(150, 50, 6, levels=levels)
    for frame, role in zip(frames, ("mentee", "mentor"), strict=True):
        profiles = read_roster(frame, role=role)
        said = profiles.repairs["problem"] != "would rather not say"
        assert profiles.repairs[said].empty
        assert profiles.ids == tuple(frame["id"])
        fields = set(frame) - {"id", "name", "email", "capacity"}
        if levels:
            fields.remove("about")  # asked, but nobody answers
        assert fields <= set(profiles.columns)
        for name in ("goals", "availability", "seniority", "hours", "interests"):
            answered = profiles.columns[name].answered
            assert answered.tolist() == (frame[name] != "").tolist(), name
    assert profiles.capacity.sum() == round(1.05 * 150)


def test_csv_and_frame_read_the_same(tmp_path: Path) -> None:
    frame, _ = make_cohort(60, 0, 6)
    frame.to_csv(tmp_path / "mentees.csv", index=False)
    read = [read_roster(source, role="mentee") for source in (frame, tmp_path / "mentees.csv")]
    assert read[0].to_frame().equals(read[1].to_frame())


@pytest.fixture(scope="module")
def shipped() -> tuple[Profiles, Profiles]:
    return load_example()


def test_shipped_rosters_have_something_for_every_part(shipped: tuple[Profiles, Profiles]) -> None:
    mentees, mentors = shipped
    both = [
        "goals",
        "skills",
        "communication_style",
        "availability",
        "timezone",
        "seniority",
        "hours",
        "rhythm",
        "site",
        "department",
        "gender",
        "interests",
        "languages",
        "supervisor_id",
        "about",
    ]
    assert set(both) | {"needs", "preferred"} <= set(mentees.columns)
    assert set(both) | {"avoid"} <= set(mentors.columns)
    assert (len(mentees), len(mentors)) == (120, 45)
    assert 45 < mentors.capacity.sum() < 120  # somebody stays unmatched, and that is explained
    assert "gender" in mentees.sensitive
    assert not np.isnan(mentees.columns["needs"].level).all()


def test_shipped_rosters_have_the_blemishes_of_real_exports(
    shipped: tuple[Profiles, Profiles],
) -> None:
    mentees, mentors = shipped
    assert len(set(mentees.emails) & set(mentors.emails)) == 1  # on both rosters
    assert (mentees.repairs["code"] == "repeated").sum() == 1  # signed up twice
    wished = [name for names in mentees.columns["preferred"].to_list() for name in names or ()]
    unknown = {name for name in wished if mentors.find(name) < 0}
    assert len(unknown) == 2  # one misspelt, one nobody knows


def test_the_example_reads_from_anywhere_and_is_one_copy(
    shipped: tuple[Profiles, Profiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = example_files()
    assert [path.name for path in files] == ["mentees.xlsx", "mentors.csv"]
    assert all(path.is_relative_to(Path(mentormatch.__file__).parent) for path in files)
    assert load_example() == shipped
    assert shipped == tuple(
        read_roster(path, role=role) for path, role in zip(files, ("mentee", "mentor"), strict=True)
    )
    tracked = [*(Path(__file__).parents[1] / "examples").rglob("*.csv")]
    assert not [path for path in tracked if path.name == "mentors.csv"]


def test_script_writes_the_shipped_rosters_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "examples"))
    import make_rosters

    monkeypatch.setattr(make_rosters, "FOLDER", tmp_path)
    make_rosters.main()
    assert (tmp_path / "mentors.csv").read_bytes() == (DATA / "mentors.csv").read_bytes()
    sheets = [
        pd.read_excel(folder / "mentees.xlsx", engine="openpyxl") for folder in (tmp_path, DATA)
    ]
    pd.testing.assert_frame_equal(*sheets)
