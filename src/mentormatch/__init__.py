"""Match mentors and mentees well and fairly, prove it, and say why.

The public names, in pipeline order. Each is imported when it is first used, so that
``import mentormatch`` costs next to nothing; `__init__.pyi` tells type checkers the same names.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES: dict[str, tuple[str, ...]] = {
    "mentormatch.errors": ("InfeasibleError", "MentormatchError", "RosterError", "TimeLimitError"),
    "mentormatch.rosters.profiles": ("Profiles",),
    "mentormatch.rosters.read": ("read_roster",),
    "mentormatch.rosters.roster_plan": ("RosterPlan", "plan_roster"),
    "mentormatch.scoring.criteria": (
        "Closeness",
        "Covers",
        "Criterion",
        "Custom",
        "Overlap",
        "Precomputed",
        "SharedHours",
        "Similarity",
    ),
    "mentormatch.scoring.network": ("NetworkDistance",),
    "mentormatch.scoring.wishes": ("Preference",),
    "mentormatch.scoring.rules": (
        "AtLeast",
        "Avoid",
        "Different",
        "Forbid",
        "Lock",
        "NotHerself",
        "NotPrevious",
        "OnlyPreferred",
        "ReportingLine",
        "Rule",
        "Same",
        "Without",
    ),
    "mentormatch.scoring.consent": ("Consented",),
    "mentormatch.scoring.scores": ("Scores", "score"),
    "mentormatch.matching.objectives": (
        "BalanceLoad",
        "Leximin",
        "MaximizeMatched",
        "MaximizeMinimum",
        "MaximizeTotal",
        "MaximizeWorstGroup",
        "MinimizeChanges",
        "MinimizeDefects",
    ),
    "mentormatch.matching.wishes": ("MaximizeWishes",),
    "mentormatch.matching.constraints": (
        "Apart",
        "Demand",
        "HoursBudget",
        "Load",
        "Parity",
        "Quota",
        "Reserve",
        "ScoreFloor",
        "Together",
    ),
    "mentormatch.matching.no_mutual": ("NoMutual",),
    "mentormatch.matching.problem": ("Problem",),
    "mentormatch.matching.matching": ("Matching",),
    "mentormatch.matching.solving": ("match", "solve"),
    "mentormatch.matching.stable": ("match_stable",),
    "mentormatch.insight.check": ("check",),
    "mentormatch.insight.explain": ("Explanation", "explain"),
    "mentormatch.insight.wishes": ("GrantedWishes", "granted_wishes"),
    "mentormatch.insight.why_not": ("WhyNot", "why_not"),
    "mentormatch.insight.alternatives": ("alternatives",),
    "mentormatch.insight.diagnose": ("diagnose",),
    "mentormatch.insight.audit": ("Audit", "audit"),
    "mentormatch.insight.tradeoff": ("Tradeoff", "tradeoff"),
    "mentormatch.insight.stage_costs": ("stage_costs",),
    "mentormatch.insight.stability": ("blocking_pairs", "stability_frontier"),
    "mentormatch.insight.compare": ("Comparison", "compare"),
    "mentormatch.insight.sensitivity": ("sensitivity",),
    "mentormatch.delivery.html": ("report",),
    "mentormatch.delivery.review": ("Review", "read_review"),
    "mentormatch.delivery.export": ("write_csv",),
    "mentormatch.programmes.rematch": ("Rematch", "rematch"),
    "mentormatch.programmes.rounds.schedule": ("schedule_rounds",),
    "mentormatch.programmes.rounds.result": ("Timetable",),
    "mentormatch.programmes.groups.groups": ("form_groups",),
    "mentormatch.programmes.groups.result": ("Groups",),
    "mentormatch.programmes.groups.rules": (
        "AtLeastValues",
        "AtMost",
        "CommonSlot",
        "NotAlone",
    ),
    "mentormatch.programmes.peers.peers": ("match_peers",),
    "mentormatch.programmes.peers.result": ("Peers",),
    "mentormatch.programmes.intake.review": ("IntakeReview", "intake_review"),
    "mentormatch.programmes.networks.chains": ("chains",),
    "mentormatch.programmes.networks.introductions": ("bridging", "introductions"),
    "mentormatch.programmes.suggest.suggest": ("suggest",),
    "mentormatch.programmes.suggest.asking_on": ("resuggest",),
    "mentormatch.programmes.suggest.result": ("Suggestions",),
    "mentormatch.programmes.form": ("Verified", "verify"),
    "mentormatch.outcomes.goals": ("Goals", "read_goals"),
    "mentormatch.outcomes.goal_review": ("GoalReview", "review_goals"),
    "mentormatch.outcomes.learnt": ("Gain", "Learnt"),
    "mentormatch.outcomes.weights": ("learn_weights",),
    "mentormatch.outcomes.drawing": ("lottery",),
    "mentormatch.outcomes.evaluate": ("evaluate",),
    "mentormatch.outcomes.evaluation": ("Evaluation",),
    "mentormatch.outcomes.instruments": ("instrument", "instruments"),
    "mentormatch.outcomes.scales": ("Scale",),
    "mentormatch.outcomes.reading": ("read_survey",),
    "mentormatch.outcomes.surveys": ("Survey",),
    "mentormatch.outcomes.themes": ("Themes", "themes"),
    "mentormatch.outcomes.lottery": ("Lottery",),
    "mentormatch.outcomes.power": ("Power", "power"),
    "mentormatch.command.warm_up": ("warm_up",),
    "mentormatch.datasets": (
        "SimulatedOutcomes",
        "example_files",
        "load_example",
        "make_cohort",
        "make_outcomes",
    ),
}
_MODULES = {
    "errors": "mentormatch.errors",
    "hours": "mentormatch.scoring.hours",
    "letters": "mentormatch.delivery.letters",
    "plot": "mentormatch.delivery.plot",
    "presets": "mentormatch.scoring.presets",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [*_HOME_OF, *_MODULES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = import_module(_MODULES[name])
    elif name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    else:
        raise AttributeError(f"module 'mentormatch' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
