"""Questions about groups, peers, lists and rounds: each form answers its own."""

from __future__ import annotations

from typing import Any

from mentormatch.errors import ParameterError
from mentormatch.matching.answer import Answer

__all__ = ["asked_of_form"]


def asked_of_form(form: Answer, question: str, *of: Any, **left_out: Any) -> Any:
    """Return what a form answers to a question.

    Parameters
    ----------
    of
        Whom it is about.
    left_out
        What only matchings are asked with: parameter -> value and the value that says nothing.

    Raises
    ------
    ParameterError
        If something is asked that this form does not know.
    """
    kind = type(form).__name__
    said = [name for name, (value, usual) in left_out.items() if value != usual]
    if said:
        raise ParameterError(
            f"{question} of {kind} has no parameter {said[0]!r}: it is for matchings.",
            parameter=said[0],
        )
    return getattr(form, question)(*of)
