"""python -m mentormatch MENTEES MENTORS -o FILE: for people without a notebook.

Thin: reads two rosters, matches them, writes one file. Exit codes: 0 done, 1 the input was
wrong (said in words, on the error stream), 2 the command line was wrong, 3 something was in doubt
although ``--strict`` was given or somebody stayed unmatched although ``--require-all`` was, 130
interrupted.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mentormatch.matching.matching import Matching
    from mentormatch.matching.objectives import Objective
    from mentormatch.rosters.profiles import Profiles

OK, BAD_INPUT, BAD_USAGE, NOT_AS_ASKED, INTERRUPTED = 0, 1, 2, 3, 130
REPAIRS_SHOWN = 8


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser; its help is part of the documentation."""
    command = argparse.ArgumentParser(
        prog="python -m mentormatch",
        description="Match the mentees of one exported file with the mentors of another.",
        epilog="Example: python -m mentormatch mentees.xlsx mentors.csv -o matches.xlsx "
        "--weights goals=0.5,availability=0.1",
    )
    command.add_argument("mentees", type=Path, help="roster of mentees (CSV or Excel)")
    command.add_argument("mentors", type=Path, help="roster of mentors (CSV or Excel)")
    command.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("matches.xlsx"),
        help="review workbook (.xlsx), pairs (.csv) or everything (.json); default %(default)s",
    )
    command.add_argument(
        "--seed", type=int, default=0, help="decides ties, with both ids; default %(default)s"
    )
    command.add_argument(
        "--weights",
        type=_weights,
        default={},
        metavar="NAME=X,...",
        help="how much criteria are to decide, by name; those not named keep theirs, 0 drops one",
    )
    command.add_argument(
        "--columns",
        action="append",
        type=_column,
        default=[],
        metavar="[mentees:|mentors:]FIELD=HEADER",
        help="read a field from this header; may be repeated, for several headers as well",
    )
    command.add_argument(
        "--sheet",
        action="append",
        type=_for_roster,
        default=[],
        metavar="[mentees:|mentors:]NAME",
        help="sheet of a workbook to read; may be repeated",
    )
    command.add_argument(
        "--plan",
        action="append",
        type=_for_roster,
        default=[],
        metavar="[mentees:|mentors:]FILE",
        help="read by a plan that RosterPlan.save wrote; may be repeated",
    )
    command.add_argument(
        "--strict",
        action="store_true",
        help="exit with 3, and match nobody, if anything about the reading is in doubt",
    )
    command.add_argument("--floor", type=float, help="no pair below this score, from 0 to 1")
    command.add_argument(
        "--within",
        type=float,
        metavar="SHARE",
        help="give up at most this share (0.02: 2 %%) of the best total for fewer pairs that"
        " cannot meet, get no help or stand below; default: as few as can be, whatever that costs",
    )
    command.add_argument("--time-limit", type=float, metavar="SECONDS", help="for the solver")
    command.add_argument("--chronus", type=Path, metavar="FILE", help="also write Chronus' import")
    command.add_argument(
        "--require-all", action="store_true", help="exit with 3 if a mentee stays unmatched"
    )
    command.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    command.add_argument("--version", action="version", version=_version())
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    from mentormatch.errors import MentormatchError

    try:
        matching = _match(options)
        if matching is None:
            return NOT_AS_ASKED
        _write(matching, options)
    except MentormatchError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"error: {error.strerror or error}: {error.filename}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    if options.require_all and matching.unmatched:
        print(f"{len(matching.unmatched)} mentees stay unmatched", file=sys.stderr)
        return NOT_AS_ASKED
    return OK


def _match(options: argparse.Namespace) -> Matching | None:
    from mentormatch.errors import QuestionsWarning
    from mentormatch.matching.constraints import Constraint, ScoreFloor
    from mentormatch.matching.solving import match
    from mentormatch.rosters.read import read_roster
    from mentormatch.scoring.presets import from_columns

    _check_writable(options)
    say = _Progress(quiet=options.quiet)
    say("reading rosters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QuestionsWarning)  # they are printed in full
        mentees = read_roster(options.mentees, role="mentee", **_reading("mentees", options))
        mentors = read_roster(options.mentors, role="mentor", **_reading("mentors", options))
    say.done()
    if _ask("mentees", mentees, options) + _ask("mentors", mentors, options) and options.strict:
        print("--strict: settle the questions above; nothing was written", file=sys.stderr)
        return None
    say("matching")
    plan = from_columns(mentees, mentors).reweighted(options.weights)
    constraints: list[Constraint] = [] if options.floor is None else [ScoreFloor(options.floor)]
    matching = match(
        mentees,
        mentors,
        criteria=plan,
        objectives=_objectives(options.within),
        constraints=constraints,
        seed=options.seed,
        time_limit=options.time_limit,
        progress=not options.quiet,
    )
    say.done()
    if not options.quiet:
        _summarise(mentees, mentors, matching)
    return matching


def _objectives(within: float | None) -> Sequence[Objective]:
    """Return the default objectives, with what fewer defects may take of the total."""
    from mentormatch.matching.objectives import DEFAULT, MinimizeDefects

    if within is None:
        return DEFAULT
    return [replace(o, within=within) if isinstance(o, MinimizeDefects) else o for o in DEFAULT]


def _ask(roster: str, profiles: Profiles, options: argparse.Namespace) -> int:
    """Print the questions about one roster, each with what settles it; return how many."""
    questions = profiles.questions.to_dict("records")
    if options.quiet and not options.strict:
        return len(questions)
    for question in questions:
        about = f", {question['column']}" if question["column"] else ""
        print(f"? {roster}{about}: {question['question']}; {question['reading']}", file=sys.stderr)
        for line in question["settle"].split("\n"):
            print(f"    {_as_option(roster, line)}", file=sys.stderr)
    return len(questions)


def _as_option(roster: str, line: str) -> str:
    """Return a line that settles a question as the command line writes it, where it can."""
    from ast import literal_eval

    argument, _, why = line.partition("  # ")
    if not argument.startswith("columns="):
        return line
    ((field, headers),) = literal_eval(argument.removeprefix("columns=")).items()
    named = [headers] if isinstance(headers, str) else headers or [""]
    options = " ".join(f'--columns "{roster}:{field}={header}"' for header in named)
    return f"{options}  # {why}"


def _reading(roster: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return how one roster is to be read, as keywords of `read_roster`."""
    chosen: dict[str, Any] = {"columns": _columns_for(roster, options.columns)}
    for word in ("sheet", "plan"):
        for owner, value in getattr(options, word):
            if owner in ("", roster):
                chosen[word] = value
    return chosen


def _summarise(mentees: Profiles, mentors: Profiles, matching: Matching) -> None:
    from mentormatch.delivery.first_page import lines

    for profiles in (mentees, mentors):
        print(repr(profiles).strip("<>"))
    print(repr(replace(matching, notes=())).strip("<>"))  # notes follow, each on a line
    for line in lines(matching):
        print(f"  {line}")
    if matching.unmatched:
        from mentormatch.errors import listed

        print(f"Unmatched: {listed(matching.unmatched, 10)}")
    repairs = matching.repairs
    for repair in repairs.head(REPAIRS_SHOWN).to_dict("records"):
        print(f"  {_in_words(repair)}")
    if len(repairs) > REPAIRS_SHOWN:
        print(f"  and {len(repairs) - REPAIRS_SHOWN} more repairs, all in the output")


def _in_words(repair: dict[Any, Any]) -> str:
    from pandas import isna

    place = f"{repair['roster']} roster{'s' * (repair['roster'] == 'both')}"
    if not isna(repair["row"]):
        place = f"{repair['roster']} row {repair['row']}"
    if repair["column"]:
        place += f", {repair['column']}"
    return f"{place}: {repair['problem']}: {repair['action']}"


def _write(matching: Matching, options: argparse.Namespace) -> None:
    suffix = options.output.suffix.lower()
    if suffix == ".csv":
        matching.to_csv(options.output)
    elif suffix == ".json":
        matching.to_json(options.output)
    else:
        matching.to_excel(options.output)
    if options.chronus:
        matching.to_chronus(options.chronus)
    if not options.quiet:
        print(f"Wrote {options.output}")


def _check_writable(options: argparse.Namespace) -> None:
    """Fail before the work, not after it."""
    from mentormatch.errors import ParameterError

    if options.output.suffix.lower() not in (".xlsx", ".csv", ".json"):
        raise ParameterError(
            f"--output must end in .xlsx, .csv or .json. Got {options.output.name!r}."
        )
    taken = {options.mentees.resolve(): "a roster", options.mentors.resolve(): "a roster"}
    for path in filter(None, (options.output, options.chronus)):
        if not path.resolve().parent.is_dir():
            raise ParameterError(f"The folder of {path} does not exist. Make it first.")
        if path.is_dir():
            raise ParameterError(f"{path} is a folder. Name a file.")
        if path.resolve() in taken:
            raise ParameterError(
                f"{path} is {taken[path.resolve()]}, which writing would destroy. "
                "Choose another name."
            )
        taken[path.resolve()] = "the output"


def _weights(text: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in filter(None, text.split(",")):
        name, found, value = item.partition("=")
        try:
            weights[name.strip()] = float(value)
        except ValueError:
            found = ""
        if not found or not 0 <= weights[name.strip()] < float("inf"):
            raise argparse.ArgumentTypeError(f"{item!r} is not NAME=NUMBER with a number >= 0")
    return weights


def _column(text: str) -> tuple[str, str, str]:
    field, found, header = text.partition("=")
    roster, colon, name = field.rpartition(":")
    if not found or (colon and roster not in ("mentees", "mentors")):
        raise argparse.ArgumentTypeError(f"{text!r} is not [mentees:|mentors:]FIELD=HEADER")
    return roster, name.strip(), header.strip()


def _columns_for(
    roster: str, columns: Sequence[tuple[str, str, str]]
) -> dict[str, str | list[str] | None] | None:
    """Return field -> header, or its headers; None where the header was left empty."""
    chosen: dict[str, list[str]] = {}
    for owner, field, header in columns:
        if owner in ("", roster):
            chosen.setdefault(field, []).extend(filter(None, [header]))
    shown = {f: (h[0] if len(h) == 1 else h) if h else None for f, h in chosen.items()}
    return shown or None


def _for_roster(text: str) -> tuple[str, str]:
    owner, colon, value = text.partition(":")
    return (owner, value) if colon and owner in ("mentees", "mentors") else ("", text)


def _version() -> str:
    from mentormatch import __version__

    return f"mentormatching {__version__}"


class _Progress:
    """One status line on the error stream, only where a person is watching."""

    def __init__(self, quiet: bool) -> None:
        self.shown = not quiet and sys.stderr.isatty()

    def __call__(self, phase: str) -> None:
        if self.shown:
            print(f"\r\033[K{phase} ...", end="", file=sys.stderr, flush=True)

    def done(self) -> None:
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
