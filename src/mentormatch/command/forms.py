"""What the jobs of other forms of mentoring share: read, score, write, and say what came out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any

from mentormatch.command.asking import scores_of
from mentormatch.command.called import program
from mentormatch.command.reading import (
    Progress,
    ask,
    open_questions,
    read_as,
    rosters,
)
from mentormatch.command.words import on_one_screen, say
from mentormatch.command.writing import check_writable, write
from mentormatch.errors import Status, counted
from mentormatch.insight.wording import joined
from mentormatch.programmes.form import Form, verify
from mentormatch.scoring.scores import Scores

__all__ = ["Scored", "finish", "left_over", "outputs_of", "scored"]

OUTPUTS = (".xlsx", ".csv", ".json")
"""Endings of what a form is written to."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of the files, and how many questions about how they were read are open."""

    scores: Scores
    questions: int


def outputs_of(options: argparse.Namespace, stem: str, *more: str) -> list[Path]:
    """Return where to write, refused now if that cannot be."""
    outputs = options.output or [Path(f"{stem}.xlsx"), Path(f"{stem}.json")]
    endings = (*OUTPUTS, *more)
    check_writable([("--output", path, endings) for path in outputs], options.files)
    return outputs


def scored(options: argparse.Namespace, *, pool: bool = False) -> Scored | None:
    """Read and score: one file is one pool of people; None where open questions stop it.

    Parameters
    ----------
    pool
        Whether one file is one pool; otherwise it holds both roles.
    """
    if pool and len(options.files) == 1:
        with Progress("reading", options):
            people = read_as("mentee", options.files[0], options)
        mentees = people  # what is asked about her is asked once
        mentors = replace(people.as_role("mentor"), questions=people.questions.iloc[:0])
    else:
        mentees, mentors = rosters(options)
    questions = ask(mentees, mentors, options)
    if open_questions(questions, options):
        return None
    with Progress("scoring", options):
        return Scored(scores_of(mentees, mentors, options), questions)


def finish(
    form: Form, outputs: Sequence[Path], options: argparse.Namespace, told: Sequence[Any],
    questions: int = 0,
) -> None:  # fmt: skip
    """Write a form to files, and say on one screen what came out.

    Parameters
    ----------
    told
        (heading, sentences, most lines) of what this form has to say.
    """
    writers: dict[str, Callable[[Path], object]] = {
        ".xlsx": form.to_excel, ".csv": form.to_csv, ".json": form.to_json,
        ".ics": getattr(form, "to_ics", form.to_json),
    }  # fmt: skip
    wrote = write({path: writers[path.suffix.lower()] for path in outputs})
    if options.quiet:
        return
    kept = next((path for path in outputs if path.suffix.lower() == ".json"), None)
    book = next((path for path in outputs if path.suffix.lower() == ".xlsx"), None)
    look = f"Look at {book}." if book else ""
    again = "" if kept else f" Add -o {options.job}.json for `{program()} {options.job}` later."
    open_ = f"{questions} {'is' if questions == 1 else 'are'} open, listed above."
    headline = form._headline()
    for line in on_one_screen(
        [
            ("Found", [f"{headline[:1].upper()}{headline[1:]}."], 3),
            ("Proof", [_proof(form)], 3),
            *told,
            ("To know", [f"{note[:1].upper()}{note[1:]}." for note in form.notes], 5),
            ("Questions", [open_ if questions else "None is open."], 2),
            ("Files", [wrote], 2),
            ("Next", [f"{look}{again}".strip() or "Send them out."], 2),
        ]
    ):
        say(line)


def left_over(form: Form, alone: Sequence[str]) -> str:
    """Return who is in no group, by name."""
    if not alone:
        return "Everybody is."
    people = form.scores.mentees
    names = [people.name(people.position(person)) for person in alone]
    is_are = "is" if len(names) == 1 else "are"
    return f"{counted(len(names), 'person', 'people')} {is_are} not: {joined(names, 5)}."


def _proof(form: Form) -> str:
    sentence = form.status.sentence
    said = f"{sentence[:1].upper()}{sentence[1:]}"
    if form.status != Status.OPTIMAL and isfinite(form.gap):
        said += f" (gap {form.gap:.2%})"
    checked = verify(form)
    return f"{said}. Checked: {checked.text.rstrip('.')}."
