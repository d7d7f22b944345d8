"""Evaluation: what may be said of the outcomes of a programme, in words, tables and a picture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar

from mentormatch.doors import upstairs
from mentormatch.insight.audience import Audience, check_audience
from mentormatch.outcomes.scale_outcome import Level, ScaleOutcome
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Evaluation"]


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation(Told):
    """What may be said of the outcomes of a programme; see `evaluate`.

    Attributes
    ----------
    level : str
        The strongest word allowed for any of the scales: "description" (what people said),
        "change" (before and after), "comparison" (with a mentor against without, nobody drew
        lots) or "effect" (seats were drawn by lot).
    levels : dict of str to str
        The same for each scale.
    change : DataFrame
        One row per scale: `scale`, `level`, `asked` (people), `answered` (of them, in both waves,
        or in the only one), `mentors` (of these), `before`, `after` (means of those who answered
        both times), `change`, `se`, `df`, `low`, `high`, `confidence` (of this interval; higher
        than asked for where several scales share it), `alpha`. Missing what may not be said.
    effect : DataFrame or None
        One row per scale for which an effect may be told: `scale`, `with_seat`, `without`
        (people with a real chance who answered), `mentors`, `effect`, `se`, `df`, `low`, `high`,
        `confidence`, `adjusted` (for the answers before). None if there is none.
    comparison : DataFrame or None
        One row per scale and method, where people without a mentor were compared and no lots
        were drawn: `scale`, `method`, `with_mentor`, `without`, `mentors`, `difference`, `se`,
        `df`, `low`, `high`, `confidence`, `starts_apart` (in standard deviations), `doubt` (why
        nothing can be told; empty where the methods agree).
    bounds : DataFrame
        One row per scale: `scale`, `of` ("change", or the wave whose mean it is), `asked`,
        `answered`, `low`, `high` (whatever the silent would have said), `tipping` (what the
        silent would have to have changed by on average for no change of all), `can_tip` (whether
        the scale lets them).
    groups : DataFrame
        One row per scale, attribute and group: `scale`, `of`, `attribute`, `group`, `asked`,
        `answered`, `mentors`, `value`, `df`, `low`, `high`, `status` ("shown", "too few for an
        interval", "held back").
    left_out : DataFrame
        Who answered and is counted nowhere: `person`, `wave`, `why`.
    role : str
        Whose answers: "mentee" or "mentor".
    confidence : float
        Asked for, of all intervals of one kind together.
    outcomes : tuple
        The numbers behind the tables, one `scale_outcome.ScaleOutcome` per scale.
    said, said_of_groups : tuple of str
        Paragraphs of the text.
    matching : Matching, Groups or Peers
        What was evaluated.
    """

    level: Level
    levels: dict[str, Level]
    change: pd.DataFrame
    effect: pd.DataFrame | None
    comparison: pd.DataFrame | None
    bounds: pd.DataFrame
    groups: pd.DataFrame
    left_out: pd.DataFrame
    role: str
    confidence: float
    outcomes: tuple[ScaleOutcome, ...] = field(repr=False)
    said: tuple[str, ...] = field(repr=False)
    said_of_groups: tuple[str, ...] = field(default=(), repr=False)
    matching: Any = field(default=None, repr=False)

    _table: ClassVar[str | None] = "change"

    @property
    def text(self) -> str:
        """What may be said, what may not, and why, in words."""
        return "\n\n".join((*self.said, *self.said_of_groups))

    def for_reader(self, audience: Audience) -> Evaluation:
        """Return the evaluation as somebody may read it: groups are for an administrator only."""
        check_audience(audience, "Evaluation.for_reader")
        if audience == "administrator":
            return self
        nobody = self.left_out.iloc[:0]
        return replace(self, groups=self.groups.iloc[:0], said_of_groups=(), left_out=nobody)

    def to_frame(self) -> pd.DataFrame:
        """Return every figure in one table.

        Returns
        -------
        DataFrame
            `scale`, `figure` ("before", "after", "change", "worst case of the change", "difference
            of changes", "adjusted for before", "effect", a mean), `attribute`, `group` (of groups),
            `asked`, `answered`, `mentors`, `value`, `low`, `high`, `df`, `confidence`, `note`.
        """
        return upstairs("outcomes.evaluation_tables", "figures")(self)  # type: ignore[no-any-return]

    def plot(self) -> Figure:
        """Draw each scale before and after, the change with its interval, and the worst case.

        Returns
        -------
        matplotlib Figure, not shown and not registered with pyplot.
        """
        return upstairs("delivery.evaluation_plot", "draw")(self)  # type: ignore[no-any-return]

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """Return `to_frame` as CSV, safe to open in a spreadsheet; also write it to a path."""
        return upstairs("delivery.export", "write_csv")(self.to_frame(), path)  # type: ignore[no-any-return]
