"""An evaluation in words: each sentence claims what the answers allow, and no more."""

from __future__ import annotations

from collections.abc import Callable

from mentormatch.errors import counted, listed
from mentormatch.outcomes.asked import Asked
from mentormatch.outcomes.clustered import Estimate
from mentormatch.outcomes.comparing import (
    FEWEST,
    FEWEST_A_SIDE,
    FEWEST_SHARED,
    Compared,
)
from mentormatch.outcomes.lottery import REAL, Lottery
from mentormatch.outcomes.scale_outcome import FEWEST_TOLD, ScaleOutcome
from mentormatch.outcomes.scales import Scale

__all__ = ["NO_EFFECT", "Words", "difference", "level", "percent"]

UNRELIABLE, CEILING, HALF = 0.6, 0.4, 0.5
UNEVEN = 0.1
"""Difference of the shares who answered, from which it is said."""
NO_EFFECT = (
    "A change is not an effect of mentoring: people who join when they feel low recover by "
    "themselves, and time passes for everybody. An effect can be told where seats are drawn by "
    "lot (lottery)."
)


def percent(share: float) -> str:
    """Return a share in percent; a confidence keeps what Holm's rule adds to it."""
    return f"{round(100 * share, 1):g} %" if share > 0.9 else f"{100 * share:.0f} %"


def level(scale: Scale, value: float) -> str:
    """Return a mean as people read it: a share in percent, else with two decimals."""
    return percent(value) if scale.is_indicator else f"{value + 0.0:.2f}"


def difference(scale: Scale, value: float) -> str:
    """Return a difference of means with its sign: in points of percent, or of the scale."""
    if scale.is_indicator:
        return f"{_signed(100 * value, 0)} points"
    return _signed(value, 2)


def _signed(value: float, decimals: int) -> str:
    """Return a number with its sign, rounded, but never to a 0 that it is not."""
    rounded = round(value, decimals) + 0.0
    return f"{value:+.1g}" if rounded == 0 and abs(value) > 1e-9 else f"{rounded:+.{decimals}f}"


class Words:
    """The sentences of one evaluation, of whom it asked and how sure it wants to be."""

    def __init__(self, asked: Asked, confidence: float) -> None:
        self.role, self.shared, self.many = asked.role, asked.shared, asked.many
        self.people = f"{asked.role}s" if asked.shared != "group" else "people"
        self.confidence = confidence

    def of_scale(
        self,
        one: ScaleOutcome,
        confidence: float,
        both: tuple[float, float],
        of_effect: float,
        lottery: Lottery | None,
    ) -> str:
        """Return the paragraph about one scale: what to beware of first, then what may be said.

        confidence, both, of_effect : of the intervals of the change, of either method, of the
        effect.
        """
        if not one.waves:
            return f"{one.scale.name}: nobody answered."
        said = [*self._beware(one)]
        said += self._change(one, confidence) if one.has_change else self._description(one)
        if one.change.known or one.mean.known or one.bounds is not None:
            said += self._silent(one)
        if lottery is not None:
            said += self._effect(one, of_effect, lottery)
        elif one.asked_without:
            said += self._comparison(one, both)
        return f"{one.scale.name}: {' '.join(said)}"

    def _beware(self, one: ScaleOutcome) -> list[str]:
        said = []
        if one.alpha < UNRELIABLE:
            said.append(
                f"Beware: the questions of this scale hardly go together (alpha {one.alpha:.2f}, "
                f"below {UNRELIABLE:g}), so their mean may measure nothing in particular."
            )
        high = [
            f"{percent(top)} in {wave!r}"
            for wave, top in zip(one.waves, one.top, strict=True)
            if top > CEILING
        ]
        if high:
            said.append(
                f"Beware: many answers are at the top of the scale ({listed(high)}), where "
                "nobody can rise and people cannot be told apart."
            )
        if not one.anonymous and one.asked and one.answered < HALF * one.asked:
            said.append(
                f"Beware: {_share(one.answered, one.asked)} answered"
                f"{' both times' if one.has_change else ''}; the others may think otherwise."
            )
        if one.retrospective:
            said.append(
                f"Beware: {one.retrospective[0]!r} was asked afterwards, about how it had been. "
                "Such answers inflate a change."
            )
        return said

    def _answered(self, one: ScaleOutcome, when: str) -> str:
        return (
            f"{one.answered:,} of {one.asked:,} {self.people} answered {when} "
            f"({_share(one.answered, one.asked)}; {counted(one.shared, self.shared, self.many)})"
        )

    def _change(self, one: ScaleOutcome, confidence: float) -> list[str]:
        first, last = one.waves
        answered = self._answered(one, f"both {first!r} and {last!r}")
        if not one.change.known:
            return [f"{answered}. {self._too_few(one)}", *self._mean(one)]
        scale, change = one.scale, one.change
        said = [
            f"{answered}. Their mean went from {level(scale, one.before)} to "
            f"{level(scale, one.after)} {_range(scale)}: a change of "
            f"{difference(scale, change.value)} ({self._interval(scale, change, confidence)})."
        ]
        said.append(_against_zero(change, confidence, "change"))
        return said

    def _too_few(self, one: ScaleOutcome) -> str:
        if one.answered < FEWEST or one.shared < FEWEST_SHARED:
            return (
                f"Below {FEWEST} people or {FEWEST_SHARED} {self.many} no change is told: its "
                "interval would be a guess."
            )
        if one.change.se != one.change.se:
            return (
                "Everybody's answers changed by the same, so that nothing tells how much that "
                "would vary, and no change is told."
            )
        return "No change is told."

    def _description(self, one: ScaleOutcome) -> list[str]:
        if one.anonymous:
            told = [
                f"{level(one.scale, value)} in {wave!r} ({counted(count, 'answer')})"
                if value == value
                else f"not told in {wave!r} (under {FEWEST_TOLD} answers)"
                for wave, count, value in zip(one.waves, one.counts, one.means, strict=True)
            ]
            alone = len(one.waves) == 1
            why = (
                "the answers are anonymous, so that nobody knows whose they are"
                if alone
                else f"{listed(map(repr, one.anonymous))} was answered anonymously, so that "
                "nobody's two answers belong together and no change is told"
            )
            mean = "The mean is" if alone else "The means, perhaps of different people, are"
            return [f"{why[0].upper()}{why[1:]}. {mean} {listed(told)} {_range(one.scale)}."]
        said = [f"{self._answered(one, f'in {one.waves[-1]!r}')}."]
        return [*said, *self._mean(one), "One survey tells of no change and of no cause."]

    def _mean(self, one: ScaleOutcome) -> list[str]:
        """Say the mean in the last wave, where it may be told."""
        value, count = one.means[-1], one.counts[-1]
        if value != value:
            return [f"Under {FEWEST_TOLD} answers in {one.waves[-1]!r}: no mean is told."]
        ends = ""
        if one.mean.known:
            ends = f" ({self._interval(one.scale, one.mean, self.confidence, level)})"
        return [
            f"The mean of the {counted(count, 'answer')} in {one.waves[-1]!r} is "
            f"{level(one.scale, value)}{ends} {_range(one.scale)}."
        ]

    def _silent(self, one: ScaleOutcome) -> list[str]:
        found = one.bounds
        if found is None or not found.silent:
            return []
        scale = one.scale
        if not one.change.known:
            return [
                f"Whatever the silent ({found.silent:,}) would have said, the mean of all "
                f"{found.asked:,} lies between {level(scale, found.low)} and "
                f"{level(scale, found.high)}."
            ]
        said = (
            f"{found.silent:,} did not answer both times. Whatever they would have said, the mean "
            f"change of all {found.asked:,} lies between {difference(scale, found.low)} and "
            f"{difference(scale, found.high)}"
        )
        if found.can_tip:
            return [
                f"{said}; the silent would have to have changed by "
                f"{difference(scale, found.tipping)} on average for no change of all."
            ]
        side = "above" if found.low > 0 else "below"
        return [f"{said}: {side} 0 in any case."]

    def _comparison(self, one: ScaleOutcome, both: tuple[float, float]) -> list[str]:
        """Say both methods, and that they make no effect, or that nothing can be told."""
        found = one.compared
        if found is None:
            return [
                "People with and without are not compared: that takes answers of both before and "
                "after, not anonymous."
            ]
        who = (
            f"{found.without:,} of {one.asked_without:,} people without a {self.shared} answered "
            "both times"
        )
        if not found.known:
            return [
                f"{who}; a comparison takes at least {FEWEST_A_SIDE} on either side, {FEWEST} "
                f"together and {FEWEST_SHARED} {self.many}."
            ]
        scale = one.scale
        said = [
            f"{who}. Those with one differ from them by "
            f"{difference(scale, found.changes.value)} in how much they changed "
            f"({self._interval(scale, found.changes, both[0])}), and by "
            f"{difference(scale, found.adjusted.value)} afterwards at equal answers before "
            f"({self._interval(scale, found.adjusted, both[1])})."
        ]
        said += _uneven(self.shared, one.answered, one.asked, found.without, one.asked_without)
        return [*said, self._verdict(found, both)]

    def _verdict(self, found: Compared, both: tuple[float, float]) -> str:
        if found.doubts:
            return (
                f"Whether those with a {self.shared} fared better cannot be told: "
                f"{listed(found.doubts)}."
            )
        sides = [
            _side(estimate, confidence)
            for estimate, confidence in zip((found.changes, found.adjusted), both, strict=True)
        ]
        if sides[0] == sides[1] != 0:
            return (
                "The two methods agree. It is a difference, not an effect: nobody drew lots for "
                f"who got a {self.shared}, and those who did may differ in ways that nobody asked."
            )
        return (
            "The two methods agree, and at least one interval includes 0: no difference can be "
            "told from these answers, which is not to say that there is none."
        )

    def _effect(self, one: ScaleOutcome, confidence: float, lottery: Lottery) -> list[str]:
        found = one.drawn
        if found is None:
            return ["No effect is told: that takes answers that are not anonymous."]
        chance = f"from {percent(REAL[0])} to {percent(REAL[1])}" if lottery.draws else "both ways"
        by_lot = (
            "Seats were drawn by lot" if lottery.draws else "Seats were drawn by lot, as you say"
        )
        who = (
            f"{by_lot}: {counted(found.real, 'person', 'people')} had a real chance {chance}, of "
            f"whom {found.with_:,} with a seat and {found.without:,} without answered"
        )
        if not found.effect.known:
            return [
                f"{who}. No effect is told: that takes at least {FEWEST_A_SIDE} of either, "
                f"{FEWEST} together, {FEWEST_SHARED} {self.many}, and answers that vary."
            ]
        scale = one.scale
        how = "at equal answers before" if found.adjusted else "in the answers afterwards"
        said = [
            f"{who}. The effect of a seat on people like these is put at "
            f"{difference(scale, found.effect.value)} {how}, answers weighted by the inverse of "
            f"the chance ({self._interval(scale, found.effect, confidence)})."
        ]
        said.append(_against_zero(found.effect, confidence, "effect"))
        said += _uneven("seat", found.with_, found.asked_with, found.without, found.asked_without)
        if not found.as_drawn:
            said.append(
                "Not everybody who drew a seat kept it, or others got one later: it is the effect "
                "of having drawn one."
            )
        said.append("It is about those with such a chance who answered, not about everybody.")
        return said

    @staticmethod
    def _interval(
        scale: Scale,
        found: Estimate,
        confidence: float,
        write: Callable[[Scale, float], str] = difference,
    ) -> str:
        low, high = (write(scale, end) for end in found.interval(confidence))
        return f"{percent(confidence)} interval {low} to {high}"


def _uneven(what: str, with_: int, asked_with: int, without: int, asked_without: int) -> list[str]:
    """Say that one side answered more often, where it did by much."""
    if not asked_with or not asked_without:
        return []
    shares = with_ / asked_with, without / asked_without
    if abs(shares[0] - shares[1]) <= UNEVEN:
        return []
    return [
        f"{percent(shares[0])} of those with a {what} answered and {percent(shares[1])} of those "
        "without: if who answers depends on how it went, this misleads."
    ]


def _against_zero(found: Estimate, confidence: float, what: str) -> str:
    """Say whether an interval leaves out 0, and what that is not."""
    if _side(found, confidence):
        rarely = {
            "change": "the answers of people and mentors like these rarely move so far by chance",
            "effect": "lots alone rarely make such a difference",
        }[what]
        return f"The interval leaves out 0: {rarely}."
    none = {"change": "nothing changed", "effect": "there is none"}[what]
    article = {"change": "a change", "effect": "an effect"}[what]
    return (
        f"The interval includes 0: {article} cannot be told from chance here, which is not to say "
        f"that {none}."
    )


def _side(found: Estimate, confidence: float) -> int:
    """Return 1 or -1 where the interval is above or below 0, else 0."""
    low, high = found.interval(confidence)
    return 1 if low > 0 else -1 if high < 0 else 0


def _range(scale: Scale) -> str:
    return "" if scale.is_indicator else f"on a scale from {scale.low:g} to {scale.high:g}"


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "none"
