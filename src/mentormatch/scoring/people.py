"""Two rosters side by side: who is meant by a reference, and what was found on the way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mentormatch.rosters.columns import BoolArray, IntArray, People, label_key
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.scoring.frames import empty_frame
from mentormatch.scoring.named_in_part import Fit, Naming, describes
from mentormatch.scoring.scales import label_keys

if TYPE_CHECKING:
    import pandas as pd

FINDING_COLUMNS = ("roster", "row", "person", "column", "value", "problem", "action")
REMARK = re.compile(r"(.*\S)\s*[(\[（].*", re.DOTALL)
"""A name, and a remark in brackets behind it."""
NEAR = 0.86
"""Least similarity (0 to 1) at which a misspelt name is taken for a name on the roster."""
CLEAR = 0.04
"""How much nearer the best name must be than the second best."""


@dataclass(frozen=True, eq=False)
class Links:
    """References of one roster resolved to positions on the other, in the order they were given.

    indptr : int64 (n + 1,);  to : int64 (entries,), without unknown people and repetitions
    given : bool (n,), who named at least one person that exists
    listed : bool (n,), who named anybody at all, known or not
    """

    indptr: IntArray
    to: IntArray
    given: BoolArray
    listed: BoolArray

    def pairs(self) -> tuple[IntArray, IntArray]:
        """Return (who named, who is named) for every entry."""
        return np.repeat(np.arange(len(self.given)), np.diff(self.indptr)), self.to


def numbers_rows(ids: Sequence[str]) -> bool:
    """Tell whether ids may only number the rows: 1, 2, 3, ... with a gap here and there."""
    numbers = [int(one) for one in ids if re.fullmatch(r"[1-9]\d{0,5}", one)]
    return len(numbers) == len(ids) and max(numbers, default=0) <= 2 * len(ids) + 10


def _unique_names(names: Sequence[str | None]) -> dict[str, int]:
    """Return full names (of two words or more) that one person has: name -> position."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        key = label_key(name or "")
        if " " in key or (len(key) > 1 and not key.isascii()):
            places[key] = -1 if key in places else place
    return {name: place for name, place in places.items() if place >= 0}


@dataclass(frozen=True, eq=False)
class Pairing:
    """A mentee and a mentor roster, looked at together.

    Criteria and rules ask it for resolved references; each guess becomes a row of `findings`.
    """

    mentees: Profiles
    mentors: Profiles
    apart: bool = False  # nobody is on both, for sure: ids were made up
    findings: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _seen: set[tuple[Any, ...]] = field(default_factory=set)
    _links: dict[tuple[str, Role], Links] = field(default_factory=dict)

    def side(self, role: Role) -> Profiles:
        """Return one of the two rosters."""
        return self.mentees if role == "mentee" else self.mentors

    def other(self, role: Role) -> Profiles:
        """Return the roster across."""
        return self.mentors if role == "mentee" else self.mentees

    @cached_property
    def same(self) -> IntArray:
        """int64 (n,): each mentee's own position among the mentors, -1 for most."""
        mentees, mentors = self.mentees, self.mentors
        if self.apart:
            return np.full(len(mentees), -1, dtype=np.int64)
        by_id = {key: position for position, key in enumerate(label_keys(mentors.ids))}
        same = [by_id.get(person, -1) for person in label_keys(mentees.ids)]
        if any(mentees.emails) and any(mentors.emails):
            by_email = {
                mail: position
                for position, mail in enumerate(label_keys([m or "" for m in mentors.emails]))
                if mentors.emails[position]
            }
            theirs = label_keys([mail or "" for mail in mentees.emails])
            same = [
                by_email.get(mail, -1) if found < 0 and given else found
                for found, mail, given in zip(same, theirs, mentees.emails, strict=True)
            ]
        if same.count(-1) < len(same):
            same = self._apart_by_name(same)
        same = self._by_full_name(same)
        taken = set(same)
        for position, mentee in enumerate(mentees.ids if mentors.has_numbers else ()):
            if same[position] >= 0 or mentees.find_number(mentee) < 0:
                continue
            mentor = mentors.find_number(mentee)
            if mentor >= 0 and mentor not in taken and mentors.ids[mentor] != mentee:
                same[position] = mentor
                self.found(
                    "mentee", "id", mentee,
                    f"differs from the mentor id {mentors.ids[mentor]!r} by leading zeros only",
                    "taken for the same person; write both ids alike", position,
                )  # fmt: skip
        if len(same) > 1 and len(same) == len(mentors) and min(same) >= 0:
            self.found_on_both(
                "everybody is on both rosters",
                "each matched to others; if one sheet holds both roles, check the roles in it, "
                "and read it with role='both'",
            )
        return np.array(same, dtype=np.int64)

    def _apart_by_name(self, same: list[int]) -> list[int]:
        """Part strangers whom ids that only number the rows of two files make one person."""
        strange = [
            (mentee, mentor)
            for mentee, mentor in enumerate(same)
            if mentor >= 0
            and (self.mentees.emails[mentee] or "") != (self.mentors.emails[mentor] or None)
            and (one := set(label_key(self.mentees.names[mentee] or "").split()))
            and (other := set(label_key(self.mentors.names[mentor] or "").split()))
            and not one & other
        ]
        if not strange:
            return same
        mentee, mentor = strange[0]
        more = f", and {len(strange) - 1} more like this" if strange[1:] else ""
        linked = sum(place >= 0 for place in same)
        rows_only = 2 * len(strange) >= linked and all(
            map(numbers_rows, (self.mentees.ids, self.mentors.ids))
        )
        self.found(
            "mentee", "id", self.mentees.ids[mentee],
            f"{self.mentees.name(mentee)} has the id of mentor {self.mentors.name(mentor)}{more}",
            "not taken for one person: the ids seem to number the rows of two files; choose "
            "another column with columns={'id': ...}"
            if rows_only
            else "taken for one person, never matched to herself; if the ids only number the rows, "
            "choose another column with columns={'id': ...}", mentee,
        )  # fmt: skip
        gone = {mentee for mentee, _ in strange} if rows_only else set()
        return [-1 if mentee in gone else mentor for mentee, mentor in enumerate(same)]

    def _by_full_name(self, same: list[int]) -> list[int]:
        """Take one full name on both rosters for one person who gave two addresses: say so."""
        mentees, mentors = self.mentees, self.mentors
        here, there = (_unique_names(names) for names in (mentees.names, mentors.names))
        taken = set(same)
        same = list(same)
        for name, mentee in here.items():
            mentor = there.get(name, -1)
            if same[mentee] < 0 <= mentor and mentor not in taken:
                same[mentee] = mentor
                self.found(
                    "mentee", "name", mentees.names[mentee],
                    f"is on both rosters, as {mentees.ids[mentee]!r} and {mentors.ids[mentor]!r}",
                    "taken for the same person, never matched to herself", mentee,
                )  # fmt: skip
        return same

    def found(
        self, role: Role, column: str, value: object, problem: str, action: str, person: int = -1
    ) -> None:
        """Add a finding across the rosters; `person` is a position on the roster `role`."""
        who = self.side(role).ids[person] if person >= 0 else ""
        entry = (role, None, who, column, str(value), problem, action)
        if entry not in self._seen:
            self._seen.add(entry)
            self.findings.append(dict(zip(FINDING_COLUMNS, entry, strict=True)))

    def found_on_both(self, problem: str, action: str, column: str = "") -> None:
        """Add a finding about the two rosters together."""
        entry = ("both", None, "", column, "", problem, action)
        if entry not in self._seen:
            self._seen.add(entry)
            self.findings.append(dict(zip(FINDING_COLUMNS, entry, strict=True)))

    def note(self, text: str) -> None:
        """Add what whoever reads a matching should know, once."""
        if text not in self.notes:
            self.notes.append(text)

    def links(self, column: str, role: Role) -> Links | None:
        """Return whom the people of one roster name on the other, or None without such a column."""
        if (column, role) not in self._links:
            people = self.side(role).columns.get(column)
            if not isinstance(people, People):
                return None
            self._links[column, role] = self._resolve(people, column, role)
        return self._links[column, role]

    def _resolve(self, people: People, column: str, role: Role) -> Links:
        people = self._family_names_first(people, column, role)
        if column == "avoid":
            people = self._named_in_part(people, column, role, [])
        spelt: dict[str, int] = {}
        codes = np.array([spelt.setdefault(ref, len(spelt)) for ref in people.refs], dtype=np.int64)
        others = self.other(role)
        direct = {person: position for position, person in enumerate(others.ids)}
        meant = [direct.get(ref, -1) for ref in spelt]
        meant = [others.find(ref) if p < 0 else p for p, ref in zip(meant, spelt, strict=True)]
        rows = np.repeat(np.arange(len(people)), np.diff(people.indptr))
        if -1 in meant:
            askers = rows[np.unique(codes, return_index=True)[1]]
            for ref, place in spelt.items():
                if meant[place] < 0 and (number := others.find_number(ref)) >= 0:
                    meant[place] = number
                    self._report(ref, number, int(askers[place]), column, role)
                elif meant[place] < 0 and (remark := REMARK.match(ref)):
                    meant[place] = others.find(remark[1])
                    self._report_remark(remark[1], meant[place], int(askers[place]), column, role)
        unknown = [ref for p, ref in zip(meant, spelt, strict=True) if p < 0]
        if unknown:
            guesses = nearest_names(unknown, others)
            askers = rows[np.unique(codes, return_index=True)[1]]
            for ref, guess in guesses.items():
                meant[spelt[ref]] = guess
                self._report(ref, guess, int(askers[spelt[ref]]), column, role)
        to = np.array(meant, dtype=np.int64)[codes] if len(codes) else codes
        keep = (to >= 0) & _first(rows * (len(others) + 1) + to)
        counts = np.bincount(rows[keep], minlength=len(people))
        indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return Links(indptr, to[keep], counts > 0, np.diff(people.indptr) > 0)

    def unclear(self, role: Role) -> list[tuple[int, tuple[int, ...]]]:
        """Return (who wrote it, whom it may be) for each unclear answer about whom to avoid.

        Cheaper than `links`: names that are nobody's here are not compared with all names.
        """
        found: list[tuple[int, tuple[int, ...]]] = []
        people = self.side(role).columns.get("avoid")
        if isinstance(people, People):
            people = self._family_names_first(people, "avoid", role)
            self._named_in_part(people, "avoid", role, found)
        return found

    def _named_in_part(
        self, people: People, column: str, role: Role, unclear: list[tuple[int, tuple[int, ...]]]
    ) -> People:
        """Return the references with ids for people whom a part of a name or a remark names.

        Whom it may be where that is not sure is added to `unclear`.
        """
        others = self.other(role)
        lists = people.to_list()
        strange = {
            ref
            for refs in lists
            for ref in refs or ()
            if label_key(ref) and not self._is_called(ref, role)
        }
        if not strange:
            return people
        naming = Naming(others)
        fits = {ref: naming.fit(ref) for ref in sorted(strange)}
        doubted = [ref for ref, fit in fits.items() if fit.perhaps]
        fits |= {ref: Fit() for ref, p in nearest_names(doubted, others).items() if p >= 0}
        for asker, refs in enumerate(lists):
            kept = []
            doubts: list[tuple[int, ...]] = []
            for ref in refs or ():
                fit = fits.get(ref, Fit())
                kept += [others.ids[p] for p in fit.meant] or [ref]
                if fit.meant:
                    names = " and ".join(f"{others.name(p)} ({others.ids[p]})" for p in fit.meant)
                    problem = "named by a part of the name, another address or in a remark"
                    self.found(role, column, ref, problem, f"taken for {names}", asker)
                elif fit.perhaps or (ref in strange and describes(ref)):
                    doubts.append(fit.perhaps)
            if refs is not None:
                lists[asker] = kept
            named = any(self._is_called(ref, role) for ref in kept) if doubts else False
            unclear += [(asker, perhaps) for perhaps in doubts if perhaps or not named]
        return People.of(lists)

    def _is_called(self, ref: str, role: Role) -> bool:
        """Tell whether somebody across is called this, but for a remark in brackets."""
        others = self.other(role)
        bare = REMARK.match(ref)
        return others.place(ref) >= 0 or (bare is not None and others.place(bare[1]) >= 0)

    def _family_names_first(self, people: People, column: str, role: Role) -> People:
        """Return the references with "Lopez, Ana" as one where nobody is called Lopez or Ana."""
        others = self.other(role)
        lists = people.to_list()
        turned = False
        for asker, refs in enumerate(lists):
            if refs is None:
                continue
            for place in range(len(refs) - 1, 0, -1):
                family, given = refs[place - 1 : place + 1]
                words = family.replace("-", "").isalpha() and given.replace("-", "").isalpha()
                if not words or others.find(family) >= 0 or others.find(given) >= 0:
                    continue
                if (found := others.find(f"{given} {family}")) < 0:
                    continue
                refs[place - 1 : place + 1] = [f"{given} {family}"]
                turned = True
                self.found(
                    role, column, f"{family}, {given}", "the family name stands before a comma",
                    f"taken for {others.name(found)} ({others.ids[found]})", asker,
                )  # fmt: skip
        return People.of(lists) if turned else people

    def _report(self, ref: str, guess: int, asker: int, column: str, role: Role) -> None:
        others = self.other(role)
        if guess >= 0:
            name = others.name(guess)
            problem = f"nobody on the {others.role} roster is spelt like this"
            self.found(role, column, ref, problem, f"taken for {name} ({others.ids[guess]})", asker)
        elif not label_key(ref) or column == "supervisor_id":
            return
        else:
            problem = f"no {others.role} has this id, e-mail or (unambiguous) name"
            self.found(role, column, ref, problem, "left out", asker)

    def _report_remark(self, name: str, meant: int, asker: int, column: str, role: Role) -> None:
        """Say that a remark stood behind a name; not what it said, which may be confidential."""
        if meant >= 0:
            others = self.other(role)
            action = f"taken for {others.name(meant)} ({others.ids[meant]}); the remark is not used"
            self.found(role, column, name, "a remark in brackets follows the name", action, asker)

    def repairs(self) -> pd.DataFrame:
        """Return both rosters' repairs and the findings across them, `roster` first."""
        frames = []
        for profiles in (self.mentees, self.mentors):
            if len(profiles.repairs):
                frame = profiles.repairs.copy()
                frame.insert(0, "roster", profiles.role)
                frames.append(frame)
        if not frames and not self.findings:
            return empty_frame(*FINDING_COLUMNS).astype({"row": "Int64"})
        import pandas as pd

        if self.findings:
            across = pd.DataFrame(self.findings, columns=list(FINDING_COLUMNS), dtype=object)
            frames.append(across.astype({"row": "Int64"}))
        merged = pd.concat(frames, ignore_index=True)
        return merged.reindex(
            columns=[*FINDING_COLUMNS, *(c for c in merged.columns if c not in FINDING_COLUMNS)]
        )


def _first(keys: IntArray) -> BoolArray:
    """bool: which entries are the first of their key."""
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def nearest_names(references: Sequence[str], profiles: Profiles) -> dict[str, int]:
    """Return the one person whose name each misspelt reference must mean, -1 where unclear.

    Names are compared in any order of their words ("Doe, Jane"). References that hold digits are
    ids, whose neighbours are other people's ids: never guessed. A guess needs a similarity of at
    least `NEAR`, and the second best must be clearly further away.

    Notes
    -----
    `difflib` on the few names that share a word's beginning or end with the reference, and enough
    of its letters, so the guesses are the same on every machine, whatever is installed.
    """
    names = [" ".join(sorted(label_key(name or "").replace(",", " ").split())) for name in
             profiles.names]  # fmt: skip
    by_piece: dict[str, set[int]] = {}
    for position, name in enumerate(names):
        for piece in _pieces(name):
            by_piece.setdefault(piece, set()).add(position)
    letters = _Letters(names)
    guesses: dict[str, int] = {}
    for reference in references:
        wanted = " ".join(sorted(label_key(reference).replace(",", " ").split()))
        if not wanted or any(letter.isdigit() for letter in wanted):
            guesses[reference] = -1
            continue
        near = set().union(*(by_piece.get(piece, set()) for piece in _pieces(wanted)))
        ranked = sorted(
            ((SequenceMatcher(None, wanted, names[p], autojunk=False).ratio(), -p)
             for p in letters.may_be_near(wanted, near)),
            reverse=True,
        )  # fmt: skip
        clear = ranked and ranked[0][0] >= NEAR
        if clear and len(ranked) > 1 and ranked[1][0] > ranked[0][0] - CLEAR:
            clear = False
        guesses[reference] = -ranked[0][1] if clear else -1
    return guesses


class _Letters:
    """How often each letter stands in each name: what bounds their similarity from above."""

    def __init__(self, names: Sequence[str]) -> None:
        self.place = {letter: k for k, letter in enumerate(sorted(set("".join(names))))}
        self.sizes = np.array([len(name) for name in names], dtype=np.int64)
        self.often = np.zeros((len(names), len(self.place)), dtype=np.int16)
        for row, name in zip(self.often, names, strict=True):
            for letter in name:
                row[self.place[letter]] += 1

    def may_be_near(self, wanted: str, near: set[int]) -> list[int]:
        """Return those of some names that could be near enough to matter."""
        rows = np.array(sorted(near), dtype=np.int64)
        mine = np.zeros(len(self.place), dtype=np.int16)
        for letter in wanted:
            if letter in self.place:
                mine[self.place[letter]] += 1
        shared = np.minimum(self.often[rows], mine).sum(axis=1)
        enough = 2 * shared >= (NEAR - CLEAR) * (self.sizes[rows] + len(wanted))
        found: list[int] = rows[enough].tolist()
        return found


def _pieces(name: str) -> set[str]:
    """Beginnings and ends of a name's words: two names that share none are not near."""
    return {end for word in name.split() for end in (f"{word[:2]}-", f"-{word[-2:]}")}
