"""Who was asked, whose mentor they share, and what they answered: labels end here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mentormatch.errors import ParameterError, check_parameter, did_you_mean, listed
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.surveys import Survey, values
from mentormatch.rosters.columns import BoolArray, FloatArray, IntArray
from mentormatch.rosters.profiles import Profiles, Role

if TYPE_CHECKING:
    import pandas as pd

    from mentormatch.programmes.groups.result import Groups
    from mentormatch.programmes.peers.result import Peers

__all__ = ["Asked", "Programme", "asked_of", "least_alpha", "waves_of"]

Programme: TypeAlias = "Matching | Groups | Peers"
SHARED = {"Matching": "mentor", "Groups": "coach", "Peers": "group"}
"""What people of each form share, and whose errors are alike; by name, as forms load compilers."""
MANY = {"mentor": "mentors", "coach": "coaches", "group": "groups"}


@dataclass(frozen=True, eq=False)
class Asked:
    """Everybody whose answers count: a roster, then people who are on none.

    people : Profiles, n people;  role : theirs.
    extra : ids of those compared who are on no roster, k of them.
    matched : bool (n + k,), who has a mentor (leads, or is in a group).
    compared : bool (n + k,), with whom they are compared.
    cluster : int64 (n + k,): the mentor, coach or group of each; who has none has a number alone.
    shared : "mentor", "coach" or "group".
    """

    people: Profiles
    role: Role
    extra: tuple[str, ...]
    matched: BoolArray
    compared: BoolArray
    cluster: IntArray
    shared: str

    @cached_property
    def _extra(self) -> dict[str, int]:
        return {person: len(self.people) + at for at, person in enumerate(self.extra)}

    def place(self, person: str) -> int:
        """Return where somebody stands, -1 if she is nowhere."""
        place = self.people.find(person)
        if place < 0 and self.people.has_numbers:
            place = self.people.find_number(person)
        return self._extra.get(person, -1) if place < 0 else place

    def heard(self, survey: Survey, scale: str, wave: str) -> FloatArray:
        """Return float64 (n + k,): the answers of one scale in one wave, NaN where there is none.

        Of two answers of the same person the last counts.
        """
        found = values(survey, scale, wave, self.role)
        heard = np.full(len(self.matched), np.nan)
        places = np.array([self.place(str(person)) for person in found.index], dtype=np.int64)
        here = places >= 0
        heard[places[here]] = found.to_numpy(dtype=np.float64)[here]
        return heard

    def shared_by(self, who: BoolArray) -> int:
        """Return how many mentors (coaches, groups) these people have."""
        return len(np.unique(self.cluster[who]))

    @property
    def many(self) -> str:
        """What people share, in the plural."""
        return MANY[self.shared]

    def strangers(self, survey: Survey, scales: Iterable[str]) -> pd.DataFrame:
        """Return who answered and is counted nowhere: `person`, `wave`, `why`."""
        import pandas as pd

        frame = survey.answers
        chosen = frame[(frame["role"] == self.role) & frame["scale"].isin(list(scales))]
        told = chosen.dropna(subset=["person", "value"]).drop_duplicates(["person", "wave"])
        places = {person: self.place(str(person)) for person in told["person"].unique()}
        at = told["person"].map(places).to_numpy(dtype=np.int64)
        counted = self.matched | self.compared
        alone = np.array([place < 0 or not counted[place] for place in at.tolist()], dtype=bool)
        kept, at = told.loc[alone, ["person", "wave"]].reset_index(drop=True), at[alone]
        why = np.where(at < 0, "on no roster", f"on the roster, without a {self.shared}")
        return kept.assign(why=pd.Series(why, dtype=object))


def asked_of(programme: Programme, role: str, compared: Any = None) -> Asked:
    """Return whom a survey of one role is about.

    Parameters
    ----------
    compared
        None, "unmatched", or ids of people without a mentor, on the roster or on none.

    Raises
    ------
    ParameterError
        If the form has no such role, or somebody to compare with has a mentor.
    """
    kind = type(programme).__name__
    check_parameter(kind in SHARED, "matching", "evaluate", "a Matching, Groups or Peers", kind)
    shared = SHARED[kind]
    people, matched, cluster = _side(programme, role)
    n = len(people)
    if not isinstance(compared, str) and compared is not None:
        return _with_others(people, role, matched, cluster, shared, compared)
    others = ~matched if compared is not None else np.zeros(n, dtype=bool)
    return Asked(people, people.role, (), matched, others, cluster, shared)


def _side(programme: Programme, role: str) -> tuple[Profiles, BoolArray, IntArray]:
    """Return the roster of a role, who of it takes part, and the cluster of each."""
    loads = None
    if isinstance(programme, Matching):
        scores, of = programme.problem.scores, programme.assignment
        loads = np.bincount(programme.pairs[1], minlength=len(scores.mentors))
    else:
        scores = programme.scores
        of = np.full(len(scores.mentees), -1, dtype=np.int64)
        for group, people in _groups(programme):
            of[people] = group
        if SHARED[type(programme).__name__] == "coach":
            loads = np.bincount(of[of >= 0], minlength=len(scores.mentors))
    if role == "mentee":
        alone = int(of.max(initial=-1)) + 1 + np.arange(len(of))
        return scores.mentees, of >= 0, np.where(of >= 0, of, alone)
    if loads is None:
        raise ParameterError(
            "The 'role' parameter of evaluate must be 'mentee' for peers: everybody is both. "
            f"Got {role!r}."
        )
    return scores.mentors, loads > 0, np.arange(len(loads), dtype=np.int64)


def _groups(programme: Groups | Peers) -> Iterator[tuple[int, list[int]]]:
    """Yield each group: its coach, or a number of its own, and where its people stand."""
    if hasattr(programme, "positions"):
        for number, positions in enumerate(programme.positions):
            yield number, list(positions)
    else:
        solved = programme.solved
        for coach, members in zip(solved.coach, solved.members, strict=True):
            yield coach, list(members)


def _with_others(
    people: Profiles,
    role: str,
    matched: BoolArray,
    cluster: IntArray,
    shared: str,
    compared: Sequence[str],
) -> Asked:
    names = list(dict.fromkeys(str(person) for person in compared))
    none = Asked(people, people.role, (), matched, np.zeros_like(matched), cluster, shared)
    places = [none.place(name) for name in names]
    taken = [name for name, at in zip(names, places, strict=True) if at >= 0 and matched[at]]
    if taken or not names:
        raise ParameterError(
            f"The 'comparison' parameter of evaluate must name people without a {shared}. "
            + (f"These have one: {listed(taken)}." if taken else "Got nobody.")
        )
    extra = tuple(name for name, at in zip(names, places, strict=True) if at < 0)
    size = len(people) + len(extra)
    others = np.zeros(size, dtype=bool)
    others[[at for at in places if at >= 0]] = True
    others[len(people) :] = True
    wide = np.concatenate((matched, np.zeros(len(extra), dtype=bool)))
    first = int(cluster.max(initial=-1)) + 1
    groups = np.concatenate((cluster, first + np.arange(len(extra), dtype=np.int64)))
    return Asked(people, people.role, extra, wide, others, groups, shared)


def waves_of(survey: Survey, scale: str, role: str, given: Sequence[str] | None) -> tuple[str, ...]:
    """Return the wave, or the first and the last, in which somebody of a role answered a scale."""
    frame = survey.answers
    chosen = frame[(frame["scale"] == scale) & (frame["role"] == role) & frame["value"].notna()]
    there = set(chosen["wave"].unique())
    if given is not None:
        for wave in given:
            if wave not in survey.waves:
                raise ParameterError(
                    f"The 'waves' parameter of evaluate must name waves of the survey. Got "
                    f"{wave!r}. {did_you_mean(str(wave), survey.waves)}"
                )
    found = [wave for wave in (survey.waves if given is None else given) if wave in there]
    return (found[0], found[-1]) if len(found) > 1 else tuple(found)


def least_alpha(survey: Survey, scale: str, role: str, waves: Iterable[str]) -> float:
    """Return the lowest reliability of a scale in these waves, NaN where none is known."""
    frame = survey.reliability
    chosen = frame[
        (frame["scale"] == scale) & (frame["role"] == role) & frame["wave"].isin(list(waves))
    ]
    return float(chosen["alpha"].dropna().min()) if chosen["alpha"].notna().any() else float("nan")
