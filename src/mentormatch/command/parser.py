"""What may be typed: jobs, files and options. Its help is part of the documentation."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from mentormatch.command import form_jobs, outcome_jobs
from mentormatch.command import option_groups as take
from mentormatch.command.called import program
from mentormatch.command.exits import EXIT_CODES
from mentormatch.command.options import as_for_roster

__all__ = ["mistyped_job", "parser", "with_job"]

JOBS = {
    "match": "match two rosters (the default)",
    "check": "compare what is asked for with what is offered",
    "plan": "show how the files are read; keep it for next year",
    "rematch": "match again after people joined, left or declined",
    "suggest": "list mentors to ask for every mentee, fairly",
    "groups": "put people into groups with a coach and a time",
    "peers": "pair the people of one file with one another",
    "rounds": "schedule coffee rounds or speed mentoring",
    "letters": "write everybody's letter from a saved matching",
    "report": "write a saved matching as a page for a browser",
    "audit": "say how groups of people fare in a saved matching",
    "evaluate": "say what surveys tell of a saved matching",
    "review": "review the goals of a saved matching's pairs",
    "example": "copy two files to try it on",
    "warm-up": "compile once, for containers and fresh machines",
}
FILES = dict.fromkeys(JOBS, "MATCHING") | {
    **dict.fromkeys(("match", "check", "plan"), "MENTEES MENTORS"),
    "rematch": "MATCHING [MENTEES MENTORS]",
    "suggest": "MENTEES MENTORS | LISTS",
    "groups": "PEOPLE COACHES",
    "peers": "PEOPLE",
    "rounds": "PEOPLE | MENTEES MENTORS",
    "evaluate": "MATCHING SURVEY ...",
    "review": "MATCHING GOALS",
    "example": "[FOLDER]",
    "warm-up": "[FOLDER]",
}
"""What is named after each job."""


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
            usage=f"%(prog)s {FILES[name]} [options]",
            formatter_class=_Help,
        )
        add(job)
        take.common(job)
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
    take.files(job)
    output = job.add_argument_group("what to write")
    take.outputs(output, "matches")
    take.audience(output)
    output.add_argument("--chronus", type=Path, metavar="FILE", help="also write Chronus' import")
    take.unmatched(output)
    take.matching(job)
    take.solving(job)
    take.reading(job)


def _check(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Compare what mentees ask for with what mentors offer, before anything is\n"
        "matched: seats, goals, hours, sites. Writes nothing."
    )
    job.epilog = f"""\
example:
  {program()} check mentees.xlsx mentors.csv --rule "same site"
"""
    take.files(job)
    job.add_argument("--all", action="store_true", help="list also what is not short")
    take.matching(job)
    take.floor(job)
    take.reading(job)


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
    take.files(job)
    job.add_argument(
        "--save",
        action="append",
        type=as_for_roster,
        default=[],
        metavar="mentees:|mentors:FILE",
        help="save the plan of a roster (.json), for --plan; an earlier file is replaced",
    )
    take.reading(job)


def _rematch(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Match again after people joined, left or declined, and keep as many of the\n"
        "pairs as asked for. The rules, weights and constraints are those of before.\n"
        "Give today's rosters if people joined or changed their answers."
    )
    job.epilog = f"""\
examples:
  {program()} rematch matches.json --left raj@x.org --max-changes 0
  {program()} rematch matches.json mentees.xlsx mentors.csv
      --declined ana@x.org:raj@x.org --max-changes 3 --changes changes.csv
"""
    take.saved(job)
    job.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="today's roster of mentees and of mentors; default: those of before",
    )
    group = job.add_argument_group("what happened since, by id, e-mail or name; may be repeated")
    group.add_argument(
        "--left", action="append", default=[], metavar="PERSON", help="somebody who leaves"
    )
    for name, who, what in (
        ("declined", "MENTOR", "two who must not be matched again"),
        ("insist", "MENTOR", "two who must be matched"),
        ("swap", "MENTEE", "two mentees who exchange mentors"),
    ):
        take.pair(group, name, what, who)
    group = job.add_argument_group("how much may change")
    group.add_argument(
        "--max-changes",
        type=int,
        metavar="N",
        help="change at most so many of the pairs that can go on; 0 keeps all; default: no limit",
    )
    group.add_argument(
        "--price",
        type=float,
        metavar="SCORE",
        help="change a pair only if the total score gains more than this",
    )
    take.time_limit(group)
    output = job.add_argument_group("what to write")
    take.outputs(output, "rematch")
    output.add_argument(
        "--changes", type=Path, metavar="FILE", help="also list who changes and why (.csv)"
    )
    take.audience(output)
    take.unmatched(output)
    take.reading(job)


def _letters(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Write a letter to everybody in a saved matching: who, why, when first, and\n"
        "what to talk about; or in saved lists, groups, peers or rounds. Nothing is\n"
        "sent; no letter tells a score or a sensitive answer."
    )
    job.epilog = f"""\
examples:
  {program()} letters matches.json --start 2027-01-11
  {program()} letters lists.json -o letters.xlsx
  {program()} letters matches.json --start 2027-01-11
      -o drafts -o merge.csv --ics first_meetings.ics --language de
      --programme "the spring round" --sender "Mei, People team"
"""
    take.saved(job)
    job.add_argument(
        "--start",
        metavar="DATE",
        help="first day of first meetings: 2027-01-11; lists and rounds do without",
    )
    output = job.add_argument_group("what to write")
    output.add_argument(
        "-o",
        "--output",
        action="append",
        type=Path,
        metavar="FILE|FOLDER",
        help="sheet for a mail merge (.xlsx or .csv), or a folder of drafts for a mail program "
        "(.eml); may be repeated; default: letters.xlsx. Earlier files of that name are replaced",
    )
    output.add_argument("--ics", type=Path, metavar="FILE", help="also write the first meetings")
    words = job.add_argument_group("what they say")
    words.add_argument(
        "--language", default="en", metavar="NAME", help="en, de, fr or es; default: %(default)s"
    )
    words.add_argument(
        "--template", type=Path, metavar="FILE", help="your own words, as a Jinja2 template"
    )
    words.add_argument("--programme", metavar="WORDS", help="what the programme is called")
    words.add_argument(
        "--greet",
        choices=("called", "first_word", "name"),
        default="called",
        help="by the first or preferred name, else the whole name; the first word of the name "
        "where there is none; or the whole name always; default: %(default)s",
    )
    words.add_argument("--sender", metavar="WORDS", help="who signs")
    words.add_argument("--mail-from", metavar="ADDRESS", help="address that the drafts come from")
    words.add_argument(
        "--minutes",
        type=int,
        default=60,
        metavar="N",
        help="length of the first meeting; default: %(default)s",
    )


def _report(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Write the report of a saved matching: one page that loads nothing from\n"
        "anywhere. Its pictures need matplotlib."
    )
    job.epilog = f"""\
example:
  {program()} report matches.json --by site --by gender
"""
    take.saved(job)
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
    take.audience(output)
    take.by_groups(output)


def _audit(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Say how groups of people fare in a saved matching, with uncertainty. Nobody is\n"
        "named, and groups too small to judge are held back."
    )
    job.epilog = f"""\
example:
  {program()} audit matches.json --by site -o audit.csv
"""
    take.saved(job)
    output = job.add_argument_group("what to compare and write")
    take.by_groups(output)
    output.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="also write the groups as a table (.csv); an earlier file is replaced",
    )


def _example(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Copy the exported sign-ups of 120 invented mentees and 45 mentors into a\n"
        "folder, to try the command on."
    )
    job.epilog = f"""\
example:
  {program()} example
  {program()} example/mentees.xlsx example/mentors.csv
"""
    job.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("example"),
        metavar="FOLDER",
        help="made if it is not there; default: %(default)s",
    )


def _warm_up(job: argparse.ArgumentParser) -> None:
    job.description = (
        "Compile what matching needs, which takes a minute, so that no later process\n"
        "waits for it. The folder may be read-only afterwards."
    )
    job.epilog = f"""\
example, for a container:
  NUMBA_CPU_NAME=generic {program()} warm-up /opt/compiled
  then run with NUMBA_CPU_NAME=generic NUMBA_CACHE_DIR=/opt/compiled
"""
    job.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="FOLDER",
        help="where to keep what is compiled; default: where it is kept anyway",
    )


ADD = {
    "match": _match,
    "check": _check,
    "plan": _plan,
    "rematch": _rematch,
    "suggest": form_jobs.suggest,
    "groups": form_jobs.groups,
    "peers": form_jobs.peers,
    "rounds": form_jobs.rounds,
    "letters": _letters,
    "report": _report,
    "audit": _audit,
    "evaluate": outcome_jobs.evaluate,
    "review": outcome_jobs.review,
    "example": _example,
    "warm-up": _warm_up,
}


def mistyped_job(word: str) -> str:
    """Return the job that a first word may have meant, "" if none comes near."""
    near = get_close_matches(word, JOBS, n=1, cutoff=0.7)
    return near[0] if near and not os.path.exists(word) else ""


def _version() -> str:
    from mentormatch import __version__

    return f"mentormatching {__version__}"
