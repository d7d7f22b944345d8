"""A cluster computes the scores; workers and schedulers that die change nothing but the time."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mentormatch as mm
from mentormatch.solvers import listing
from mentormatch.solvers import pool as listed_pairs

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listed_pairs, "WIDTH", 2)
    monkeypatch.setattr(listed_pairs, "ADDED", 3)
    monkeypatch.setattr(listing, "SCREENED", 16)


@pytest.fixture
def client() -> Iterator[Any]:
    with started() as (_, client):
        yield client


@pytest.fixture(scope="module")
def people() -> tuple[mm.Profiles, mm.Profiles]:
    frames = mm.make_cohort(400, 100, seed=3, seats=0.9)
    return mm.read_roster(frames[0], role="mentee"), mm.read_roster(frames[1], role="mentor")


@pytest.fixture(scope="module")
def wanted(people: tuple[mm.Profiles, mm.Profiles]) -> mm.Matching:
    return mm.match(*people)


class started:
    """Two workers on this machine, each a process."""

    def __enter__(self) -> tuple[Any, Any]:
        self.cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
            silence_logs=50,
        )  # fmt: skip
        self.client = distributed.Client(self.cluster)
        return self.cluster, self.client

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.cluster.close()


class Counted:
    """Hands tasks on to a client, and does something when so many were handed on."""

    def __init__(self, client: Any, at: int = 0, then: Callable[[], object] = int) -> None:
        self.client, self.at, self.then, self.tasks = client, at, then, 0

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        self.tasks += 1
        if self.tasks == self.at:
            self.then()
        return self.client.submit(function, *args)


def solved(people: Any, executor: Any, **how: Any) -> mm.Matching:
    scores = mm.score(*people, memory=1, engine="numba", executor=executor, **how)
    return mm.solve(mm.Problem(scores))


def same(one: mm.Matching, other: mm.Matching) -> None:
    for name in ("mentors_of", "mentor_price", "matched_price"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert (one.unique, one.status, one.stages) == (other.unique, other.status, other.stages)


def test_a_client_does_the_work_and_a_killed_worker_changes_nothing(
    people: Any, wanted: mm.Matching, client: Any
) -> None:
    counted = Counted(client)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of large tasks, of tasks that were lost
        same(solved(people, counted), wanted)
    assert counted.tasks > 40
    killed: list[int] = []

    def kill() -> None:
        killed.append(next(iter(client.run(os.getpid).values())))
        os.kill(killed[0], signal.SIGKILL)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(solved(people, Counted(client, counted.tasks // 4, kill)), wanted)
    assert killed


def test_the_page_that_people_follow_does_it(
    wanted: mm.Matching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run the program of docs/howto/match_a_million.md on parts of small rosters."""
    import pandas as pd

    pytest.importorskip("pyarrow")
    for role, frame in zip(("mentees", "mentors"), mm.make_cohort(400, 100, seed=3, seats=0.9),
                           strict=True):  # fmt: skip
        (tmp_path / role).mkdir()
        for part in range(2):
            half = frame.iloc[part * len(frame) // 2 : (part + 1) * len(frame) // 2]
            half.to_parquet(tmp_path / role / f"{part}.parquet")
    page = Path(__file__).parents[2] / "docs" / "howto" / "match_a_million.md"
    (program,) = (
        text for text in page.read_text(encoding="utf-8").split("```") if "LocalCluster(" in text
    )
    program = program.removeprefix("python").replace('"4GB"', "1")
    program = program.replace("n_workers=8", "n_workers=2, dashboard_address=None")
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "page", "exec"), {"__name__": "__main__"})
    pairs = pd.read_parquet("pairs.parquet")
    assert pairs["mentee"].tolist() == wanted.to_frame()["mentee"].tolist()
    assert pairs["mentor"].tolist() == wanted.to_frame()["mentor"].tolist()
    assert list(Path("kept").iterdir())


def test_without_its_scheduler_a_run_ends_here(people: Any, wanted: mm.Matching) -> None:
    with started() as (cluster, client):
        closing = Counted(client, 10, cluster.close)
        with pytest.warns(RuntimeWarning, match="The executor lost a task"):
            same(solved(people, closing), wanted)


def test_a_new_cluster_goes_on_where_the_other_was_cut_off(
    people: Any, wanted: mm.Matching, tmp_path: Path
) -> None:
    def cut() -> None:
        cluster.close()
        raise KeyboardInterrupt

    with started() as (cluster, client), pytest.raises(KeyboardInterrupt):
        solved(people, Counted(client, 30, cut), checkpoint=tmp_path)
    with started() as (_, client):
        rest, whole = Counted(client), Counted(client)
        same(solved(people, rest, checkpoint=tmp_path), wanted)
        same(solved(people, whole), wanted)
    assert rest.tasks < whole.tasks - 10
