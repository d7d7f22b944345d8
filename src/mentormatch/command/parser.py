"""What may be typed: jobs, files and options. Its help is part of the documentation."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from mentormatch.command.exits import Exit
from mentormatch.command.options import as_column, as_for_roster, as_pair, as_weights

__all__ = ["mistyped_job", "parser", "program", "with_job"]

FILES = "MENTEES MENTORS"
JOBS = {
    "match": "match two rosters and write a review workbook (the default)",
    "check": "compare what is asked for with what is offered, before matching",
    "plan": "show how the files are read; save it for next time",
    "report": "match and write a report for a browser, to read or to print",
    "audit": "match and compare groups of people, in words",
}
EXIT_CODES = "exit codes:\n" + "".join(f"  {code:<4} {code.meaning}\n" for code in Exit)


def program() -> str:
    """Return how the command was called."""
    name = Path(sys.argv[0]).name if sys.argv else ""
    return "python -m mentormatch" if name == "__main__.py" else "mentormatch"


def with_job(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the job in front: `match` where none is named."""
    words = list(arguments)
    if not words or words[0] in (*JOBS, "-h", "--help", "--version"):
        return words
    return ["match", *words]


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command and its jobs."""
    command = argparse.ArgumentParser(
        prog=program(),
        usage="%(prog)s [JOB] MENTEES MENTORS [options]",
        description="Match the mentees of one exported file with the mentors of another.",
        epilog=f"`%(prog)s JOB --help` lists the options of a job.\n\n{EXIT_CODES}",
        formatter_class=_Help,
    )
    command.add_argument("--version", action="version", version=_version())
    jobs = command.add_subparsers(title="jobs", dest="job", prog=program(), required=True)
    for name, add in ADD.items():
        job = jobs.add_parser(
            name,
            help=JOBS[name],
            usage=f"%(prog)s {FILES} [options]",
            formatter_class=_Help,
        )
        add(job)
        job.set_defaults(usage_error=job.error)
    return command


class _Help(argparse.RawDescriptionHelpFormatter):
    """Descriptions as they are written; jobs without a line that repeats all their names."""

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            return "".join(map(super()._format_action, action._get_subactions()))
        return super()._format_action(action)


def _match(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Match two rosters: as many mentees as can be, as few pairs to look at as can\n"
        "be, then the best total score. Writes a workbook to review."
    )
    job.epilog = f"""\
examples:
  {program()} mentees.xlsx mentors.csv
  {program()} mentees.xlsx mentors.csv
      -o matches.xlsx -o matches.csv
      --rule "different department" --forbid ana@x.org:raj@x.org
      --previous last_year.xlsx
      --weights goals=0.5,availability=0.1

{EXIT_CODES}"""
    _files(job)
    output = job.add_argument_group("what to write")
    output.add_argument(
        "-o",
        "--output",
        action="append",
        type=Path,
        metavar="FILE",
        help="review workbook (.xlsx), pairs (.csv) or everything (.json); may be repeated; "
        "default: matches.xlsx. An earlier file of that name is replaced",
    )
    _audience(output)
    output.add_argument("--chronus", type=Path, metavar="FILE", help="also write Chronus' import")
    output.add_argument(
        "--require-all", action="store_true", help="exit with 3 if a mentee stays unmatched"
    )
    _matching(job)
    _solving(job)
    _reading(job)
    _common(job)


def _check(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Compare what mentees ask for with what mentors offer, before anything is\n"
        "matched: seats, goals, hours, sites. Writes nothing."
    )
    job.epilog = f"""\
example:
  {program()} check mentees.xlsx mentors.csv --rule "same site"
"""
    _files(job)
    job.add_argument("--all", action="store_true", help="list also what is not short")
    _matching(job)
    _reading(job)
    _common(job)


def _plan(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Show how each column of the files is read, which rows are left out, and what\n"
        "is in doubt. A saved plan reads next year's files the same way."
    )
    job.epilog = f"""\
examples:
  {program()} plan mentees.xlsx mentors.csv
  {program()} plan mentees.xlsx mentors.csv
      --columns "mentors:capacity=How many?"
      --save mentees:mentees.plan.json --save mentors:mentors.plan.json
  {program()} mentees27.xlsx mentors27.csv
      --plan mentees:mentees.plan.json --plan mentors:mentors.plan.json
"""
    _files(job)
    job.add_argument(
        "--save",
        action="append",
        type=as_for_roster,
        default=[],
        metavar="mentees:|mentors:FILE",
        help="save the plan of a roster (.json), for --plan; an earlier file is replaced",
    )
    _reading(job)
    _common(job)


def _report(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Match as `match` does, with the same options, and write the report: one page\n"
        "that loads nothing from anywhere. Its pictures need matplotlib."
    )
    job.epilog = f"""\
example:
  {program()} report mentees.xlsx mentors.csv --by site --by gender
"""
    _files(job)
    output = job.add_argument_group("what to write")
    output.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="default: %(default)s. An earlier file of that name is replaced",
    )
    output.add_argument(
        "--title", default="Mentoring matches", metavar="WORDS", help="default: %(default)s"
    )
    _audience(output)
    _groups(output)
    _matching(job)
    _solving(job)
    _reading(job)
    _common(job)


def _audit(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Match as `match` does, with the same options, and say how groups of people\n"
        "fare, with uncertainty. Nobody is named, and groups under 5 are held back."
    )
    job.epilog = f"""\
example:
  {program()} audit mentees.xlsx mentors.csv --by site -o audit.csv
"""
    _files(job)
    output = job.add_argument_group("what to compare and write")
    _groups(output)
    output.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="also write the groups as a table (.csv); an earlier file is replaced",
    )
    _matching(job)
    _solving(job)
    _reading(job)
    _common(job)


def _audience(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--audience",
        choices=("administrator", "reviewer"),
        default="administrator",
        help="who will read it; a reviewer sees pairs and no groups of people; default: "
        "%(default)s",
    )


def _groups(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--by",
        action="append",
        metavar="COLUMN",
        help="column whose groups are compared; may be repeated; default: those that look like "
        "sensitive attributes",
    )


def _files(job: argparse.ArgumentParser) -> None:
    job.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="roster of mentees and roster of mentors (CSV, XLSX, XLS or ODS), in this order; "
        "one file if both roles are in it",
    )


def _matching(job: argparse.ArgumentParser) -> None:
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
        group.add_argument(
            f"--{name}",
            action="append",
            type=as_pair,
            default=[],
            metavar="MENTEE:MENTOR",
            help=f"two who {what}, by id, e-mail or name; may be repeated",
        )
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
    group.add_argument(
        "--floor", type=float, metavar="SCORE", help="no pair below this score, from 0 to 1"
    )


def _solving(job: argparse.ArgumentParser) -> None:
    group = job.add_argument_group("how to match")
    group.add_argument(
        "--within",
        type=float,
        metavar="SHARE",
        help="give up at most this share (0.02: 2 %%) of the best total for fewer pairs that"
        " cannot meet, get no help or stand below; default: as few as can be, whatever that costs",
    )
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="decides ties, with both ids; default: %(default)s",
    )
    group.add_argument(
        "--time-limit", type=float, metavar="SECONDS", help="for the solver; default: none"
    )


def _reading(job: argparse.ArgumentParser) -> None:
    group = job.add_argument_group("how to read the files")
    group.add_argument(
        "--columns",
        action="append",
        type=as_column,
        default=[],
        metavar="[mentees:|mentors:]FIELD=HEADER",
        help="read a field from this header; may be repeated, for several headers as well",
    )
    group.add_argument(
        "--sheet",
        action="append",
        type=as_for_roster,
        default=[],
        metavar="[mentees:|mentors:]NAME",
        help="sheet of a workbook to read; may be repeated",
    )
    group.add_argument(
        "--plan",
        action="append",
        type=as_for_roster,
        default=[],
        metavar="[mentees:|mentors:]FILE",
        help="read by a plan that `plan --save` wrote; may be repeated",
    )
    group.add_argument(
        "--strict",
        action="store_true",
        help="exit with 3, and write nothing, if anything about the reading is in doubt",
    )


def _common(job: argparse.ArgumentParser) -> None:
    job.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    job.add_argument("--debug", action="store_true", help="show where an error comes from")


ADD = {"match": _match, "check": _check, "plan": _plan, "report": _report, "audit": _audit}


def mistyped_job(word: str) -> str:
    """Return the job that a first word may have meant, "" if none comes near."""
    near = get_close_matches(word, JOBS, n=1, cutoff=0.7)
    return near[0] if near and not os.path.exists(word) else ""


def _version() -> str:
    from mentormatch import __version__

    return f"mentormatching {__version__}"
