"""Options that several jobs take, each said once."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from mentormatch.command.options import (
    as_column,
    as_for_roster,
    as_order,
    as_pair,
    as_rows,
    as_separator,
    as_weights,
)

__all__ = [
    "audience", "by_groups", "common", "files", "floor", "form_outputs", "matching", "outputs",
    "pair", "reading", "saved", "solving", "ties", "time_limit", "unmatched",
]  # fmt: skip


def audience(group: argparse._ArgumentGroup) -> None:
    """Say for whom a job writes."""
    group.add_argument(
        "--audience",
        choices=("administrator", "reviewer"),
        default="administrator",
        help="who will read it; a reviewer sees pairs and no groups of people; default: "
        "%(default)s",
    )


def by_groups(group: argparse._ArgumentGroup) -> None:
    """Say whose outcomes are compared."""
    group.add_argument(
        "--by",
        action="append",
        metavar="COLUMN",
        help="column whose groups are compared; may be repeated; default: those that look like "
        "sensitive attributes",
    )


def files(job: argparse.ArgumentParser) -> None:
    """Take the rosters of both roles."""
    job.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="roster of mentees and roster of mentors (CSV, XLSX, XLS or ODS), in this order; "
        "one file if both roles are in it",
    )


def saved(job: argparse.ArgumentParser) -> None:
    """Take a saved matching."""
    job.add_argument(
        "matching",
        type=Path,
        metavar="MATCHING",
        help="matching that `match` or `rematch` saved (.json or .parquet)",
    )


def outputs(group: argparse._ArgumentGroup, stem: str) -> None:
    """Say where a matching is written."""
    _outputs(
        group, stem,
        "review workbook (.xlsx), pairs (.csv), or everything for later jobs (.json or .parquet)",
    )  # fmt: skip


def form_outputs(group: argparse._ArgumentGroup, stem: str, *more: str) -> None:
    """Say where another form than pairs is written."""
    also = "".join(f", {words}" for words in more)
    _outputs(group, stem, f"workbook (.xlsx), table (.csv){also}, or everything for later (.json)")


def _outputs(group: argparse._ArgumentGroup, stem: str, what: str) -> None:
    group.add_argument(
        "-o",
        "--output",
        action="append",
        type=Path,
        metavar="FILE",
        help=f"{what}; may be repeated; default: {stem}.xlsx and {stem}.json. Earlier files of "
        "that name are replaced",
    )


def unmatched(group: argparse._ArgumentGroup) -> None:
    """Take what makes unmatched people a failure."""
    group.add_argument(
        "--require-all", action="store_true", help="exit with 3 if a mentee stays unmatched"
    )


def matching(job: argparse.ArgumentParser) -> None:
    """Say who may be matched and what counts."""
    group = job.add_argument_group("who may be matched, and what counts")
    group.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="WORDS",
        help='a rule on top of those of the rosters, such as "different department", "same site" '
        'or "2 shared hours"; may be repeated. Unknown words list all that there are',
    )
    for name, what in (("lock", "must be matched"), ("forbid", "must not be matched")):
        pair(group, name, f"two who {what}, by id, e-mail or name; may be repeated")
    group.add_argument(
        "--previous",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="pairs of an earlier round (.xlsx, .csv or .json), none of which is matched again; "
        "may be repeated",
    )
    group.add_argument(
        "--weights",
        type=as_weights,
        default={},
        metavar="NAME=X,...",
        help="how much criteria are to decide, by name; those not named keep theirs, 0 drops one",
    )


def pair(group: argparse._ArgumentGroup, name: str, words: str, who: str = "MENTOR") -> None:
    """Take two people, as often as they are named."""
    group.add_argument(
        f"--{name}", action="append", type=as_pair, default=[], metavar=f"MENTEE:{who}", help=words
    )


def floor(job: argparse.ArgumentParser) -> None:
    """Take a lowest score."""
    job.add_argument(
        "--floor", type=float, metavar="SCORE", help="no pair below this score, from 0 to 1"
    )


def solving(job: argparse.ArgumentParser) -> None:
    """Say how to match."""
    floor(job)
    group = job.add_argument_group("how to match")
    group.add_argument(
        "--within",
        type=float,
        metavar="SHARE",
        help="give up at most this share (0.02: 2 %%) of the best total for fewer pairs that"
        " cannot meet, get no help or stand below; default: as few as can be, whatever that costs",
    )
    ties(group)
    time_limit(group)


def ties(group: argparse._ArgumentGroup) -> None:
    """Say how ties are decided."""
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="decides ties, with both ids; default: %(default)s",
    )


def time_limit(group: argparse._ArgumentGroup) -> None:
    """Bound the solver's time."""
    group.add_argument(
        "--time-limit", type=float, metavar="SECONDS", help="for the solver; default: none"
    )


def reading(job: argparse.ArgumentParser) -> None:
    """Say how the rosters are to be read."""
    group = job.add_argument_group("how to read the files")
    repeated = partial(group.add_argument, action="append", default=[])
    repeated(
        "--columns",
        type=as_column,
        metavar="[mentees:|mentors:]FIELD=HEADER",
        help="read a field from this header; may be repeated, for several headers as well",
    )
    repeated(
        "--order",
        type=as_order,
        metavar="[mentees:|mentors:]FIELD=A < B < C",
        help="the answers of a field from lowest to highest; may be repeated",
    )
    repeated(
        "--accept",
        metavar="CODE",
        help="take questions of this kind as settled: what was read is right; may be repeated",
    )
    repeated(
        "--sheet",
        type=as_for_roster,
        metavar="[mentees:|mentors:]NAME",
        help="sheet of a workbook to read; may be repeated",
    )
    repeated(
        "--encoding",
        type=as_for_roster,
        metavar="[mentees:|mentors:]NAME",
        help="of a text file; found out by default",
    )
    repeated(
        "--separator",
        type=as_separator,
        metavar="[mentees:|mentors:]HEADER=SIGN",
        help="what stands between several answers in a cell of this column; may be repeated",
    )
    repeated(
        "--drop-rows",
        type=as_rows,
        metavar="[mentees:|mentors:]ROW,ROW",
        help="rows to leave out, as a spreadsheet numbers them; may be repeated",
    )
    repeated(
        "--plan",
        type=as_for_roster,
        metavar="[mentees:|mentors:]FILE",
        help="read by a plan that `plan --save` wrote; may be repeated",
    )
    group.add_argument(
        "--strict",
        action="store_true",
        help="exit with 3, and write nothing, if anything about the reading is in doubt",
    )


def common(job: argparse.ArgumentParser) -> None:
    """Take what every job takes."""
    job.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    job.add_argument("--debug", action="store_true", help="show where an error comes from")
