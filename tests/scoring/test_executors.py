"""Work that others do, that is lost, or that a run goes on from: the answer stays the same."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.solvers import listing, work
from mentormatch.solvers import pool as listed_pairs
from mentormatch.solvers.work import Work, opened


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 3)
    monkeypatch.setattr(listing, "SCREENED", 16)


@pytest.fixture(scope="module")
def people() -> tuple[mm.Profiles, mm.Profiles]:
    frames = mm.make_cohort(150, 40, seed=3, seats=0.9)
    return mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")


@pytest.fixture(scope="module")
def wanted(people: tuple[mm.Profiles, mm.Profiles]) -> mm.Matching:
    return mm.match(*people)


def solved(people: Any, **how: Any) -> mm.Matching:
    scores = mm.score(*people, memory=1, engine="numba", **how)
    return mm.solve(mm.Problem(scores))


def same(one: mm.Matching, other: mm.Matching) -> None:
    for name in ("mentors_of", "mentor_price", "matched_price"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert (one.unique, one.status, one.stages) == (other.unique, other.status, other.stages)


def half(mentees: mm.Profiles, mentors: mm.Profiles) -> Any:
    return np.full((len(mentees), len(mentors)), 0.5)


class Here:
    """Computes at once, after everything went through a pickle; some tasks are lost."""

    def __init__(self, lost: Callable[[int], bool] = lambda _: False) -> None:
        self.lost, self.tasks, self.largest = lost, 0, 0

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        import pickle

        sent = pickle.dumps((function, args))
        self.largest = max(self.largest, len(sent))
        self.tasks += 1
        future: Future[Any] = Future()
        if self.lost(self.tasks):
            future.set_exception(ConnectionError("the worker was killed"))
        else:
            function, args = pickle.loads(sent)
            future.set_result(pickle.loads(pickle.dumps(function(*args))))
        return future


def test_what_travels_is_small_and_the_answer_the_same(people: Any, wanted: mm.Matching) -> None:
    here = Here()
    same(solved(people, executor=here), wanted)
    assert here.tasks > 20
    assert here.largest < 20_000  # rows, prices and names of files
    scores = mm.score(*people, memory=1, engine="numba")
    source = scores.source
    assert source is not None
    import pickle

    assert len(pickle.dumps(source)) > 100_000


def test_what_was_sent_can_be_copied_later(people: Any) -> None:
    """A pickle of scores holds them, not the names of files that are thrown away."""
    import pickle

    scores = mm.score(*people, memory=1, engine="numba", executor=Here())
    assert len(pickle.dumps(scores.source)) > 100_000


def test_programmes_that_differ_do_not_meet_in_a_folder(people: Any, tmp_path: Path) -> None:
    """Files of the same size are told apart by what is in them: others may be reading one."""
    before: dict[str, bytes] = {}
    for weight in (3, 4):
        weighed = mm.presets.from_columns(*people).reweighted({"goals": weight})
        scores = mm.score(
            *people, weighed, memory=1, engine="numba", executor=Here(), checkpoint=tmp_path
        )
        same(mm.solve(mm.Problem(scores)), mm.match(*people, criteria=weighed))
        there = {path.name: path.read_bytes() for path in tmp_path.glob("RowSource-*")}
        assert all(there[name] == content for name, content in before.items())
        assert len(there) > len(before)
        before = there


@pytest.mark.parametrize("lost", [lambda k: k % 3 == 0, lambda k: k > 5, lambda _: True])
def test_lost_tasks_are_computed_here(people: Any, wanted: mm.Matching, lost: Any) -> None:
    with pytest.warns(RuntimeWarning, match="ConnectionError: the worker was killed") as said:
        same(solved(people, executor=Here(lost)), wanted)
    assert len(said) == 1


def test_a_closed_pool_is_done_without(people: Any, wanted: mm.Matching) -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.warns(RuntimeWarning, match="executor lost a task .*cannot schedule"):
        same(solved(people, executor=pool), wanted)


def test_threads_do_as_well(people: Any, wanted: mm.Matching) -> None:
    with ThreadPoolExecutor(2) as pool:
        same(mm.match(*people, memory=1, executor=pool), wanted)


@pytest.mark.slow
def test_a_killed_process_changes_nothing(people: Any, wanted: mm.Matching) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        same(solved(people, executor=pool), wanted)
        assert list(pool._processes)
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        with pytest.warns(RuntimeWarning, match="executor lost a task"):
            same(solved(people, executor=pool), wanted)


def test_what_no_executor_is_has_a_name(people: Any) -> None:
    with pytest.raises(mm.errors.ParameterError, match="'executor' parameter of score"):
        mm.score(*people, memory=1, executor="dask")  # type: ignore[arg-type]


def test_functions_of_ones_own_are_computed_here(people: Any) -> None:
    own = [mm.Covers("goals"), mm.Custom(half, name="own", blockwise=True)]
    with pytest.warns(RuntimeWarning, match="cannot be sent to other processes"):
        scores = mm.score(*people, own, memory=1, engine="numba", executor=Here())
    plain = mm.score(*people, own)
    same(mm.solve(mm.Problem(scores)), mm.solve(mm.Problem(plain)))


def test_a_run_that_was_cut_off_goes_on(
    people: Any, wanted: mm.Matching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off after each thing that is kept, it is finished in the end, and read little twice."""
    asked: list[int] = []
    ask, save = listing.best_of, Work.save

    def counted(source: Any, rows: Any, *more: Any) -> Any:
        asked[-1] += rows.size
        return ask(source, rows, *more)

    monkeypatch.setattr(listing, "best_of", counted)
    kept = [0]

    def cut(self: Work, name: str, **arrays: Any) -> None:
        save(self, name, **arrays)
        kept[0] += 1
        if kept[0] == 3:
            raise KeyboardInterrupt

    asked.append(0)
    whole = solved(people)
    same(whole, wanted)
    monkeypatch.setattr(Work, "save", cut)
    found = None
    for _ in range(60):
        kept[0] = 0
        asked.append(0)
        try:
            found = solved(people, checkpoint=tmp_path)
        except KeyboardInterrupt:
            continue
        if kept[0] < 3:
            break
    assert found is not None
    same(found, wanted)
    assert len(asked) > 6  # it was cut off again and again
    assert max(asked[2:]) < asked[0]
    assert not list(tmp_path.glob("*.part"))


def test_a_finished_run_is_read_again(people: Any, wanted: mm.Matching, tmp_path: Path) -> None:
    same(solved(people, checkpoint=tmp_path), wanted)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    same(solved(people, checkpoint=tmp_path), wanted)
    assert set(kept) == {path.name for path in tmp_path.iterdir()}


def test_other_people_are_no_other_run(people: Any, tmp_path: Path) -> None:
    solved(people, checkpoint=tmp_path)
    frames = mm.make_cohort(150, 40, seed=4, seats=0.9)
    others = [mm.read_roster(f, role=r) for f, r in zip(frames, ("mentee", "mentor"), strict=True)]
    same(solved(others, checkpoint=tmp_path), mm.match(*others))
    weighed = mm.presets.from_columns(*people).reweighted({"goals": 9})
    scores = mm.score(*people, weighed, memory=1, engine="numba", checkpoint=tmp_path)
    same(mm.solve(mm.Problem(scores)), mm.match(*people, criteria=weighed))


def test_a_folder_that_cannot_be_is_refused(people: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(mm.errors.ParameterError, match="'checkpoint' parameter must be a folder"):
        mm.score(*people, memory=1, checkpoint=tmp_path / "file" / "folder")
    own = [mm.Covers("goals"), mm.Custom(half, name="own", blockwise=True)]
    with pytest.raises(mm.errors.ParameterError, match=r"one is a function of yours"):
        mm.score(*people, own, memory=1, checkpoint=tmp_path)


def test_who_listens_hears_how_far_it_is(people: Any, wanted: mm.Matching) -> None:
    told: list[tuple[str, float, float, float]] = []
    same(mm.match(*people, memory=1, progress=lambda *said: told.append(said)), wanted)
    said = [stage for stage, *_ in told]
    assert any("listing: 6,000 of 6,000 pairs, about 0 s left" in stage for stage in said)
    rounds = [(value, bound) for stage, value, bound, _ in told if stage.startswith("round")]
    assert rounds
    assert all(value <= bound for value, bound in rounds)
    with pytest.raises(KeyboardInterrupt):
        mm.match(*people, memory=1, progress=lambda *_: True)


def test_arrays_come_back_from_a_file(tmp_path: Path) -> None:
    class Kept(work.Mapped):
        def __init__(self, **parts: Any) -> None:
            self.__dict__.update(parts)

        def bare(self) -> Any:
            return self.__dict__

    rng = np.random.default_rng(0)
    parts = {f"a{k}": rng.integers(0, 9, k).astype(np.int8) for k in range(200)}
    parts["wide"] = rng.random((30, 7))
    kept = Kept(**parts)
    path = kept.store(tmp_path)
    assert [kept.store(tmp_path)] == list(tmp_path.iterdir()) == [path]
    back = opened(str(path))
    assert set(back) == set(parts)
    for name, value in parts.items():
        assert np.array_equal(back[name], value)
        assert back[name].flags.writeable
