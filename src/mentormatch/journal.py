"""What was done, how large it was and how long it took, for logs: at INFO, under "mentormatch"."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

__all__ = ["logged"]

Given = ParamSpec("Given")
Result = TypeVar("Result")


def logged(
    told: Callable[[Any, Any], str],
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Log one line when a function returns, and one when it fails: what, its size, its seconds.

    The logger is called by the function's module, "mentormatch.matching.solving" say. Nobody is
    named: lines hold counts, file names and the code of an error.

    Parameters
    ----------
    told
        Returns what was done, from the result and the first argument.
    """

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        log = logging.getLogger(function.__module__)

        @wraps(function)
        def timed(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            if not log.isEnabledFor(logging.INFO):
                return function(*args, **kwargs)
            started = time.perf_counter()
            try:
                result = function(*args, **kwargs)
            except Exception as error:
                why = getattr(error, "code", type(error).__name__)
                log.info("%s failed (%s), %.2f s", function.__name__, why, _since(started))
                raise
            first = next(iter((*args, *kwargs.values())), None)
            log.info("%s, %.2f s", told(result, first), _since(started))
            return result

        return timed

    return decorate


def _since(started: float) -> float:
    return time.perf_counter() - started
