"""How a result was made, in words: weights, rules, objectives, inputs, versions, certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, TypeAlias

import pandas as pd

from mentormatch.insight.setting_words import (
    constraint_words,
    criterion_words,
    objective_words,
    rule_words,
)
from mentormatch.insight.wording import plain
from mentormatch.matching.answer import Answer
from mentormatch.matching.manifest import manifest
from mentormatch.matching.matching import Matching
from mentormatch.scoring.scores import Scores

__all__ = [
    "PAIRS_DIGEST", "SETTINGS_COLUMNS", "input_rows", "scores_rows", "settings_table", "stage_rows",
]  # fmt: skip

PAIRS_DIGEST = "digest of the pairs"
LEVEL = "what a mentee's blank counts as; a mentor's counts as the mean of those who answered"
Row: TypeAlias = tuple[str, str, Any, str]
SETTINGS_COLUMNS = ("Section", "Setting", "Value", "Detail")


def settings_table(matching: Matching) -> pd.DataFrame:
    """Return what made the matching, in words: section, setting, value, detail.

    `Matching.manifest` holds the same for programs.
    """
    made, problem = manifest(matching), matching.problem
    result = made["result"]
    only = "yes" if result["unique"] else "no"
    rows = [
        *scores_rows(problem.scores, made),
        *(("Objectives", objective_words(o), None, "") for o in problem.objectives),
        *(("Constraints", constraint_words(c), None, "") for c in problem.constraints),
        ("Ties", "seed", made["seed"], "decides ties, together with both ids"),
        *input_rows(made),
        *stage_rows(matching),
        ("Certificate", "the only matching that good", only, ""),
        ("Certificate", PAIRS_DIGEST, result["pairs_sha256"], "tells matchings apart"),
    ]
    return pd.DataFrame(rows, columns=list(SETTINGS_COLUMNS), dtype=object)


def scores_rows(scores: Scores, made: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the settings of scores: weights, what blanks count as, rules."""
    whole = sum(weight or 0 for weight in made["weights"].values())
    for criterion in scores.criteria:
        weight = made["weights"][criterion.name]
        told = [criterion_words(criterion), criterion.reason]
        if criterion.importance is not None:
            told.append(f"meant to decide {criterion.importance:.0%}")
        if whole and weight is not None:
            told.append(f"{weight / whole:.0%} of all weight")
        yield "Weights", plain(criterion.name), weight, "; ".join(filter(None, told))
    for name, level in made["missing"]["levels"].items():
        yield "Blank answers", plain(name), level, LEVEL
    for rule in scores.rules:
        yield "Rules", rule_words(rule), None, rule.reason


def input_rows(made: Mapping[str, Any]) -> Iterator[Row]:
    """Yield what was read, and by which versions."""
    for roster, about in made["inputs"].items():
        for name, value in about.items():
            yield "Inputs", f"{roster}: {name}", value, ""
    for name, value in made["versions"].items():
        yield "Versions", name, value, ""


def stage_rows(answer: Answer) -> Iterator[Row]:
    """Yield what each objective reached, and how it is proven."""
    for stage in answer.stages:
        bound = f"no bound, in {stage.unit}"
        if isfinite(stage.bound):
            bound = f"bound {stage.bound:,.6g}, gap {stage.gap:.2%}, in {stage.unit}"
        yield "Certificate", objective_words(stage.objective), stage.value, bound
    yield "Certificate", "status", plain(str(answer.status)), answer.status.sentence
