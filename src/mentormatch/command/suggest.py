"""suggest: a short list of mentors for every mentee; again after answers came in."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.forms import finish, outputs_of, scored
from mentormatch.command.rule_words import pairs_of
from mentormatch.errors import ParameterError, counted
from mentormatch.programmes.suggest.asking_on import resuggest
from mentormatch.programmes.suggest.result import Suggestions
from mentormatch.programmes.suggest.suggest import suggest

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    if len(options.files) == 1 and options.files[0].suffix.lower() == ".json":
        return _again(options)
    if options.accepted or options.declined:
        raise ParameterError(
            "--accepted and --declined go on from saved lists: name lists.json in place of the "
            "rosters."
        )
    outputs = outputs_of(options, "lists")
    found = scored(options)
    if found is None:
        return Exit.NOT_AS_ASKED
    lists = suggest(
        found.scores, options.k, exposure=_exposure(options.exposure), least=options.least,
        seed=options.seed, time_limit=options.time_limit,
    )  # fmt: skip
    finish(lists, outputs, options, _told(lists), found.questions)
    return Exit.OK


def _again(options: argparse.Namespace) -> int:
    saved = options.files[0]
    lists = Suggestions.from_json(saved)
    options.files = []  # the saved lists may be replaced: they are read already
    outputs = outputs_of(options, "lists")
    mentees, mentors = lists.scores.mentees, lists.scores.mentors
    later = resuggest(
        lists,
        accepted=pairs_of(options.accepted, mentees, mentors),
        declined=pairs_of(options.declined, mentees, mentors),
        time_limit=options.time_limit,
    )
    news = later.news
    change = news["change"].value_counts()
    new, gone = int(change.get("new", 0)), int(change.get("gone", 0))
    people = counted(news["mentee"].nunique(), "mentee")
    told = [f"{counted(new, 'entry', 'entries')} new, {gone} gone, on the lists of {people}."]
    finish(later, outputs, options, [("Changed", told, 2), *_told(later)])
    return Exit.OK


def _exposure(word: str) -> str | int | None:
    if word == "any":
        return None
    return int(word) if word.isdigit() else word


def _told(lists: Suggestions) -> list[tuple[str, list[str], int]]:
    these, alone = (
        dict(zip(lists.fairness["figure"], lists.fairness[column].astype(int), strict=True))
        for column in ("lists", "own_top")
    )
    most, never = "lists of the most listed mentor", "mentors on no list"
    sentence = (
        f"The most listed mentor is on {counted(these[most], 'list')} ({alone[most]} if everybody "
        f"had her own best {lists.asked.k}); {counted(these[never], 'mentor')} on none "
        f"({alone[never]})."
    )
    return [("Exposure", [sentence], 2)]
