"""What may be typed for jobs about what came of a matching: evaluate and review."""

from __future__ import annotations

import argparse
from pathlib import Path

from mentormatch.command import option_groups as take
from mentormatch.command.called import program

__all__ = ["evaluate", "review"]


def evaluate(job: argparse.ArgumentParser) -> None:
    """Take the options of `evaluate`."""
    job.description = (
        "Say what surveys tell of a saved matching, groups or peers, with the strongest\n"
        "word that they allow: a description, a change, a comparison. Scores of mentors\n"
        "are not ranked."
    )
    job.epilog = f"""\
examples:
  {program()} evaluate matches.json before.xlsx after.xlsx
      --scale "confidence=I feel able to ask for help"
  {program()} evaluate matches.json start=jan.csv end=july.csv
      --scale end:pulse --scale "stayed=Still employed?" --range stayed=0-1
      --compare unmatched --by site -o outcomes.csv -o outcomes.html
"""
    take.saved(job)
    job.add_argument(
        "surveys",
        nargs="+",
        metavar="[WAVE=]SURVEY",
        help="answers as a form exports them, in the order in which people were asked; a wave is "
        "called by its file unless it is named",
    )
    asked = job.add_argument_group("what was asked; each may be repeated")
    asked.add_argument(
        "--scale",
        action="append",
        default=[],
        metavar="[WAVE:]NAME=ITEM",
        help="an item of a scale: a header, or a part of one; items of one scale are averaged. "
        "pulse instead: our four questions. With WAVE, only that one asks it",
    )
    asked.add_argument(
        "--scales",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="scales from a file (.toml or .json): a table by name with items, low, high, reverse, "
        "labels, waves",
    )
    asked.add_argument(
        "--reverse",
        action="append",
        default=[],
        metavar="NAME=ITEM",
        help="an item in which a high answer is a low value",
    )
    asked.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="NAME=LOW-HIGH",
        help="lowest and highest answer of a scale; default: 1-5; of yes and no: 0-1",
    )
    asked.add_argument(
        "--labels",
        action="append",
        default=[],
        metavar="NAME=A < B < C",
        help="words of the answers, from lowest to highest, where the usual ones are not known",
    )
    asked.add_argument(
        "--asked", action="append", default=[], metavar="WAVE=N",
        help="how many people were asked; default: all on the roster",
    )  # fmt: skip
    asked.add_argument(
        "--retrospective", action="append", default=[], metavar="WAVE",
        help="a wave in which people were asked afterwards how it had been before",
    )  # fmt: skip
    told = job.add_argument_group("what to say")
    told.add_argument(
        "--role", choices=("mentee", "mentor"), default="mentee",
        help="whose answers; default: %(default)s",
    )  # fmt: skip
    told.add_argument(
        "--compare", metavar="WHOM",
        help="with whom those with a mentor are compared: unmatched (people on the roster without "
        "one), or the saved lottery (.json) that drew the seats",
    )  # fmt: skip
    told.add_argument(
        "--by", action="append", metavar="COLUMN",
        help="column whose groups are told apart; may be repeated",
    )  # fmt: skip
    told.add_argument(
        "--confidence", type=float, default=0.95, metavar="SHARE",
        help="of the intervals; default: %(default)s",
    )  # fmt: skip
    output = job.add_argument_group("what to write")
    output.add_argument(
        "-o", "--output", action="append", type=Path, default=[], metavar="FILE",
        help="also write every figure (.csv), the workbook or the report of the matching with a "
        "page of outcomes (.xlsx, .html), or the picture (.png, .svg, .pdf); may be repeated. "
        "Earlier files of that name are replaced",
    )  # fmt: skip
    output.add_argument(
        "--repairs", type=Path, metavar="FILE",
        help="write what was repaired or left out in the surveys (.csv)",
    )  # fmt: skip
    take.audience(output)
    _reading(job, "[WAVE:]")


def review(job: argparse.ArgumentParser) -> None:
    """Take the options of `review`."""
    job.description = (
        "Review the goals of a saved matching's pairs: who comes on, who may be stalled,\n"
        "with which mentor a talk may help. Early flags say how sure they are."
    )
    job.epilog = f"""\
example:
  {program()} review matches.json goals.xlsx --start 2027-01-12
      --end 2027-07-12 --on 2027-04-12 -o review.csv
"""
    take.saved(job)
    job.add_argument(
        "goals",
        nargs="+",
        type=Path,
        metavar="GOALS",
        help="goals with their levels by date, as a sheet or form exports them",
    )
    when = job.add_argument_group("when")
    for name, what in (
        ("start", "first day of the programme"),
        ("end", "last day of it"),
        ("on", "day of this review; default: today"),
    ):
        when.add_argument(f"--{name}", required=name != "on", metavar="DATE", help=what)
    when.add_argument(
        "--every", type=int, metavar="WEEKS",
        help="between two reviews; default: as the file tells, else 4",
    )  # fmt: skip
    output = job.add_argument_group("what to write")
    output.add_argument(
        "-o", "--output", action="append", type=Path, default=[], metavar="FILE",
        help="also write the pairs (.csv) or the picture (.png, .svg, .pdf); may be repeated. "
        "Earlier files of that name are replaced",
    )  # fmt: skip
    output.add_argument("--goals-to", type=Path, metavar="FILE", help="write every goal (.csv)")
    output.add_argument(
        "--repairs", type=Path, metavar="FILE", help="write what was repaired or left out (.csv)"
    )
    _reading(job, "")


def _reading(job: argparse.ArgumentParser, owner: str) -> None:
    """Say how the files are to be read."""
    group = job.add_argument_group("how to read the files")
    group.add_argument(
        "--columns", action="append", default=[], metavar=f"{owner}FIELD=HEADER",
        help="read id, email, name, signed_up or an item from this header; may be repeated"
        if owner else "read a field from this header; may be repeated",
    )  # fmt: skip
    group.add_argument(
        "--sheet", action="append", default=[], metavar=f"{owner}NAME",
        help="sheet of a workbook to read",
    )  # fmt: skip
    group.add_argument("--encoding", metavar="NAME", help="of text files; found out by default")
