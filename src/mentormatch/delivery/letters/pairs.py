"""The pairs behind a form of mentoring, for what letters and calendars say of two people."""

from __future__ import annotations

from mentormatch.matching.matching import Matching
from mentormatch.programmes.form import Form
from mentormatch.programmes.suggest.result import Suggestions

__all__ = ["pairs_behind"]


def pairs_behind(form: Form) -> Matching:
    """Return those who meet in a form as a matching, for what is said and planned of pairs."""
    if isinstance(form, Suggestions):
        return form.matching
    return Matching.from_pairs(form.scores, list(dict.fromkeys(form._each_pair())))
