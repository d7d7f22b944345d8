"""What may be typed for other forms of mentoring than pairs: lists, groups, peers, rounds."""

from __future__ import annotations

import argparse
from pathlib import Path

from mentormatch.command import option_groups as take
from mentormatch.command.called import program
from mentormatch.command.exits import EXIT_CODES

__all__ = ["groups", "peers", "rounds", "suggest"]


def suggest(job: argparse.ArgumentParser) -> None:
    """Take the options of `suggest`."""
    job.description = (
        "List mentors to ask for every mentee, for programmes in which people choose\n"
        "for themselves: no mentor is on more lists than her seats allow."
    )
    job.epilog = f"""\
examples:
  {program()} suggest mentees.xlsx mentors.csv -k 5
  {program()} suggest lists.json --accepted ana@x.org:raj@x.org
      --declined ben@x.org:raj@x.org

{EXIT_CODES}"""
    take.files(job)
    output = job.add_argument_group("what to write")
    take.form_outputs(output, "lists")
    lists = job.add_argument_group("lists")
    lists.add_argument(
        "-k", type=int, default=5, metavar="N", help="entries of a list; default: %(default)s"
    )
    lists.add_argument(
        "--exposure",
        default="seats",
        metavar="N",
        help="on how many lists a mentor may be: seats (N times her seats), a number, a column of "
        "the mentors' file, or any; default: %(default)s",
    )
    lists.add_argument(
        "--least", type=int, default=0, metavar="N", help="lists that every mentor is on at least"
    )
    for name, what in (("accepted", "have agreed"), ("declined", "did not agree")):
        take.pair(lists, name, f"two who {what}, after saved lists (.json); may be repeated")
    _rest(job, lists)


def groups(job: argparse.ArgumentParser) -> None:
    """Take the options of `groups`."""
    job.description = (
        "Put people into groups, each with a coach and a time at which all of them can.\n"
        "What coaches say they take are groups."
    )
    job.epilog = f"""\
examples:
  {program()} groups people.xlsx coaches.csv --size 4-6
  {program()} groups people.xlsx coaches.csv --not-alone gender
      --at-most department=3 --hours 1.5

{EXIT_CODES}"""
    take.files(job)
    output = job.add_argument_group("what to write")
    take.form_outputs(output, "groups")
    plan = job.add_argument_group("groups")
    plan.add_argument(
        "--size", default="4-6", metavar="N-N", help="fewest and most members; default: %(default)s"
    )
    plan.add_argument(
        "--hours",
        type=float,
        default=1.0,
        metavar="H",
        help="hours a week in which all can meet; 0: no common time is looked for; default: "
        "%(default)s",
    )
    plan.add_argument(
        "--not-alone",
        action="append",
        default=[],
        metavar="COLUMN",
        help="nobody is the only one of her kind in a group; may be repeated",
    )
    plan.add_argument(
        "--at-most",
        action="append",
        default=[],
        metavar="COLUMN=N",
        help="so many of one kind in a group at most; may be repeated",
    )
    plan.add_argument(
        "--partial", action="store_true", help="leave people over where not all can be placed"
    )
    _rest(job, plan)


def peers(job: argparse.ArgumentParser) -> None:
    """Take the options of `peers`."""
    job.description = (
        "Put the people of one file into pairs, for peer mentoring. Where somebody would\n"
        "be left over, three are together."
    )
    job.epilog = f"""\
examples:
  {program()} peers people.xlsx
  {program()} peers people.xlsx --rule "different department" --after peers.json

{EXIT_CODES}"""
    take.files(job)
    output = job.add_argument_group("what to write")
    take.form_outputs(output, "peers")
    group = job.add_argument_group("pairs")
    group.add_argument(
        "--odd",
        choices=("trio", "rest"),
        default="trio",
        help="where somebody is left over: three together, or she sits out; default: %(default)s",
    )
    group.add_argument(
        "--mutual",
        choices=("mean", "least", "product"),
        default="mean",
        help="how what two are to each other becomes one score; default: %(default)s",
    )
    group.add_argument(
        "--stable",
        action="store_true",
        help="the best pair first, so that no two would both rather have each other",
    )
    _after(group, "earlier pairs (.json): nobody is with the same person again")
    _rest(job, group)


def rounds(job: argparse.ArgumentParser) -> None:
    """Take the options of `rounds`."""
    job.description = (
        "Schedule rounds of meetings of two: coffee rounds for the people of one file,\n"
        "speed mentoring for mentees and mentors. Nobody meets the same person twice."
    )
    job.epilog = f"""\
examples:
  {program()} rounds people.xlsx --rounds 12
  {program()} rounds people.xlsx --rounds 4 --after rounds.json
  {program()} rounds mentees.xlsx mentors.csv --meetings 3
      --slot 2026-09-07T10:00+02:00 --slot 2026-09-07T10:20+02:00
      -o evening.xlsx -o evening.ics

{EXIT_CODES}"""
    take.files(job)
    output = job.add_argument_group("what to write")
    take.form_outputs(output, "rounds", "calendar (.ics, of slots that are dates and times)")
    plan = job.add_argument_group("rounds")
    plan.add_argument(
        "--rounds", type=int, metavar="N", help="how many; default: one per --slot, else 6"
    )
    plan.add_argument(
        "--slot",
        action="append",
        default=[],
        metavar="WORDS",
        help="name, or date and time with its zone, of a round; once for each",
    )
    plan.add_argument(
        "--minutes", type=int, default=15, metavar="N", help="of a meeting; default: %(default)s"
    )
    plan.add_argument(
        "--meetings", type=int, metavar="N", help="most meetings of a mentee; default: every round"
    )
    plan.add_argument(
        "--tables",
        type=int,
        default=1,
        metavar="N",
        help="mentees whom a mentor meets at a time; default: %(default)s",
    )
    plan.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PERSON:ROUND,ROUND",
        help="somebody who is there in these rounds only; may be repeated",
    )
    _after(plan, "earlier rounds (.json): nobody meets the same person again")
    _rest(job, plan)


def _after(group: argparse._ArgumentGroup, what: str) -> None:
    """Take earlier results that this one goes on from."""
    group.add_argument(
        "--after",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help=f"{what}; may be repeated",
    )


def _rest(job: argparse.ArgumentParser, group: argparse._ArgumentGroup) -> None:
    """Take what every form takes after its own options."""
    take.ties(group)
    take.time_limit(group)
    take.matching(job)
    take.reading(job)
