"""The pairs behind a form of mentoring, for what letters and calendars say of two people."""

from __future__ import annotations

from mentormatch.errors import ParameterError
from mentormatch.matching.matching import Matching
from mentormatch.programmes.form import Form
from mentormatch.programmes.groups.result import Groups
from mentormatch.programmes.peers.result import Peers
from mentormatch.programmes.rounds.result import Timetable
from mentormatch.programmes.suggest.result import Suggestions

__all__ = ["pairs_behind"]


def pairs_behind(form: Form) -> Matching:
    """Return those who meet in a form as a matching, for what is said and planned of pairs."""
    if isinstance(form, Suggestions):
        return form.matching
    scores = form.scores
    if isinstance(form, Groups):
        return Matching.from_pairs(scores, [(who, coach) for coach, all_ in form for who in all_])
    if isinstance(form, Peers):
        both = [(a, b) for group in form for k, a in enumerate(group) for b in group[k + 1 :]]
        return Matching.from_pairs(scores, both)
    if isinstance(form, Timetable):
        return Matching.from_pairs(scores, list(dict.fromkeys(form)))
    raise ParameterError(
        "letters.write takes the result of match, solve, rematch, suggest, form_groups, "
        f"match_peers or schedule_rounds. Got a {type(form).__name__}."
    )
