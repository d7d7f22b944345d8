"""evaluate: what surveys tell of a saved matching, in words, tables and a picture."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from textwrap import fill
from typing import Any

from mentormatch.command.exits import Exit
from mentormatch.command.saved import by_fields, load_any
from mentormatch.command.words import WIDTH, say
from mentormatch.command.writing import check_writable, write
from mentormatch.delivery.export import write_csv
from mentormatch.delivery.html import report
from mentormatch.errors import ParameterError, counted, listed
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.evaluate import evaluate
from mentormatch.outcomes.evaluation import Evaluation
from mentormatch.outcomes.instruments import instrument
from mentormatch.outcomes.lottery import Lottery
from mentormatch.outcomes.reading import read_survey
from mentormatch.outcomes.scales import Scale
from mentormatch.outcomes.surveys import Survey
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers

__all__ = ["PICTURES", "columns_of", "picture", "run"]

PICTURES = (".png", ".svg", ".pdf")
WRITTEN = (".csv", ".xlsx", ".html", ".htm", *PICTURES)


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    waves = _waves(options.surveys)
    repairs = [("--repairs", options.repairs, (".csv",))] if options.repairs else []
    check_writable(
        [*(("--output", path, WRITTEN) for path in options.output), *repairs],
        [options.matching, *waves.values()],
    )
    scales = _scales(options, waves)
    if not any(scales.values()):
        raise ParameterError(
            "Say what was asked: --scale NAME=ITEM, --scale pulse or --scales FILE."
        )
    programme = load_any(options.matching)
    if not isinstance(programme, Matching | Groups | Peers):
        raise ParameterError(
            f"{options.matching} holds {type(programme).__name__}: pairs, groups and peers are "
            "evaluated."
        )
    whole = [path for path in options.output if path.suffix.lower() in (".xlsx", ".html", ".htm")]
    if whole and not isinstance(programme, Matching):
        raise ParameterError(f"{listed(whole)}: only a matching has a workbook and a report.")
    survey = _survey(options, waves, scales, programme)
    found = evaluate(
        programme, survey, role=options.role, comparison=_compared(options.compare),
        by=by_fields(options.by, programme), confidence=options.confidence,
    ).for_reader(options.audience)  # fmt: skip
    files: dict[Path, Callable[[Path], object]] = {
        path: _writer(found, programme, path, options.audience) for path in options.output
    }
    if options.repairs:
        files[options.repairs] = lambda path: write_csv(survey.repairs, path)
    wrote = write(files) if files else ""
    if not options.quiet:
        for line in _told(survey, found, options.repairs is None):
            say(fill(line, WIDTH) if line else "")
        if wrote:
            say(f"\n{wrote}")
    return Exit.OK


def _compared(word: str | None) -> str | Lottery | None:
    """Return with whom to compare: a word of `evaluate`, or a lottery that was saved."""
    if word is not None and Path(word).suffix.lower() == ".json":
        return Lottery.from_json(Path(word))
    if word not in (None, "unmatched"):
        raise ParameterError(f"--compare takes unmatched or a saved lottery (.json). Got {word!r}.")
    return word


def _told(survey: Survey, found: Evaluation, list_repairs: bool) -> Iterator[str]:
    yield survey.text
    if list_repairs and len(survey.repairs):
        yield (
            f"{counted(len(survey.repairs), 'note')} about how the answers were read: --repairs "
            "FILE lists them."
        )
    yield from found.text.split("\n")
    if len(found.left_out):
        yield ""
        whose = [f"{count} of people {why}" for why, count in
                 found.left_out["why"].value_counts().items()]  # fmt: skip
        sheets = counted(len(found.left_out), "answer sheet counts", "answer sheets count")
        yield f"{sheets} nowhere: {listed(whose)}."


def _waves(given: Sequence[str]) -> dict[str, Path]:
    """Return wave -> file, in the order given."""
    waves: dict[str, Path] = {}
    for word in given:
        name, named, file = word.partition("=")
        if not named or Path(word).exists():
            name, file = Path(word).stem, word
        if name in waves:
            raise ParameterError(
                f"Two surveys are called {name!r}: name the waves, before=FILE after=FILE."
            )
        waves[name] = Path(file)
    return waves


def _survey(
    options: argparse.Namespace,
    waves: Mapping[str, Path],
    scales: Mapping[str, Sequence[Scale]],
    programme: Matching | Groups | Peers,
) -> Survey:
    """Return the survey of all waves that ask anything."""
    for name in options.retrospective:
        _known(name, waves, "--retrospective")
    asked = {_known(name, waves, "--asked"): number for name, number in _pairs(options.asked,
             "--asked", "WAVE=N")}  # fmt: skip
    columns = columns_of(options.columns, waves)
    sheets = dict(_owned(word, waves) for word in options.sheet)
    scores = programme.problem.scores if isinstance(programme, Matching) else programme.scores
    people = scores.mentees if options.role == "mentee" else scores.mentors
    found = []
    for wave, file in waves.items():
        if not scales[wave]:
            raise ParameterError(f"No scale is asked in the wave {wave!r}: leave out {file}.")
        found.append(
            read_survey(
                file, wave=wave, scales=scales[wave], role=options.role, people=people,
                asked=_number(asked.get(wave)), retrospective=wave in options.retrospective,
                columns={**columns.get("", {}), **columns.get(wave, {})},
                sheet=sheets.get(wave, sheets.get("")), encoding=options.encoding,
            )
        )  # fmt: skip
    return reduce(add, found)


def _number(word: str | None) -> int | None:
    if word is None:
        return None
    if not word.strip().isdecimal():
        raise ParameterError(f"--asked takes WAVE=N with a whole number. Got {word!r}.")
    return int(word)


def _known(name: str, waves: Mapping[str, Path], option: str) -> str:
    if name not in waves:
        raise ParameterError(f"{option} names the wave {name!r}. There are {listed(waves)}.")
    return name


def _owned(word: str, waves: Mapping[str, Path]) -> tuple[str, str]:
    """Return (wave or "" for all, the rest)."""
    owner, colon, rest = word.partition(":")
    return (owner, rest) if colon and owner in waves else ("", word)


def columns_of(
    words: Sequence[str], waves: Mapping[str, Path]
) -> dict[str, dict[str, str | list[str] | None]]:
    """Return wave ("" for all) -> field or item -> header, headers or None."""
    found: dict[str, dict[str, Any]] = {}
    for word in words:
        owner, rest = _owned(word, waves)
        field, equals, header = rest.partition("=")
        if not equals:
            raise ParameterError(f"--columns takes FIELD=HEADER. Got {word!r}.")
        here = found.setdefault(owner, {})
        before = here.get(field.strip())
        here[field.strip()] = header.strip() or None if before is None else [
            *([before] if isinstance(before, str) else before), header.strip()
        ]  # fmt: skip
    return found


def _pairs(words: Sequence[str], option: str, form: str) -> list[tuple[str, str]]:
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise ParameterError(f"{option} takes {form}. Got {word!r}.")
        found.append((name.strip(), value.strip()))
    return found


def _scales(options: argparse.Namespace, waves: Mapping[str, Path]) -> dict[str, list[Scale]]:
    """Return the scales of each wave, from all options together."""
    given: dict[str, dict[str, Any]] = {}
    only: dict[str, set[str]] = {}
    ready: dict[str, Scale] = {}
    for word in options.scale:
        owner, rest = _owned(word, waves)
        if "=" not in rest:
            made = instrument(rest)
            ready |= {scale.name: scale for scale in made}
            names = [scale.name for scale in made]
        else:
            ((name, item),) = _pairs([rest], "--scale", "[WAVE:]NAME=ITEM")
            given.setdefault(name, {"items": []})["items"].append(item)
            names = [name]
        for name in names if owner else ():
            only.setdefault(name, set()).add(owner)
    for path in options.scales:
        for name, said in _content(path).items():
            given[name] = dict(said)
            if named := given[name].pop("waves", None):
                only[name] = {_known(str(wave), waves, f"{path}:") for wave in named}
    for name, item in _pairs(options.reverse, "--reverse", "NAME=ITEM"):
        _of(given, name, "--reverse").setdefault("reverse", []).append(item)
    for name, text in _pairs(options.labels, "--labels", "NAME=A < B < C"):
        _of(given, name, "--labels")["labels"] = [word.strip() for word in text.split(" < ")]
    for name, text in _pairs(options.range, "--range", "NAME=LOW-HIGH"):
        low, _, high = text.partition("-")
        scale = _of(given, name, "--range")
        try:
            scale |= {"low": float(low), "high": float(high)}
        except ValueError:
            raise ParameterError(f"--range takes NAME=LOW-HIGH. Got {text!r}.") from None
    ready |= {name: _scale(name, said) for name, said in given.items()}
    return {
        wave: [scale for name, scale in ready.items() if wave in only.get(name, {wave})]
        for wave in waves
    }


def _scale(name: str, said: Mapping[str, Any]) -> Scale:
    wrong = sorted(said.keys() - {"items", "low", "high", "reverse", "labels"})
    if wrong or "items" not in said:
        raise ParameterError(
            f"The scale {name!r} needs items, and may have low, high, reverse, labels and waves. "
            f"Got {listed(sorted(said))}."
        )
    return Scale(name, **said)


def _of(given: dict[str, dict[str, Any]], name: str, option: str) -> dict[str, Any]:
    if name not in given:
        raise ParameterError(f"{option} names the scale {name!r}. There are {listed(given)}.")
    return given[name]


def _content(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of a file of scales."""
    text = path.read_text(encoding="utf-8")
    try:
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise ParameterError(f"{path} is no file of scales: {error}.") from error
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ParameterError(f"{path} must hold one table for each scale.")
    return found


def _writer(
    found: Evaluation, programme: Any, path: Path, audience: Any
) -> Callable[[Path], object]:
    ending = path.suffix.lower()
    if ending == ".csv":
        return found.to_csv
    if ending == ".xlsx":
        return lambda place: programme.to_excel(place, audience=audience, evaluation=found)
    if ending in (".html", ".htm"):
        return lambda place: report(programme, place, audience=audience, evaluation=found)
    return picture(found)


def picture(found: Any) -> Callable[[Path], object]:
    """Return what writes the picture of a result."""

    def drawn(path: Path) -> None:
        made = found.plot()
        getattr(made, "figure", made).savefig(path, dpi=150)

    return drawn
