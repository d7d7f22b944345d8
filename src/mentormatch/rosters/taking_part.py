"""Who takes part: who said no, has withdrawn or does not consent is left out, and listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from mentormatch.errors import listed
from mentormatch.rosters.headers import GATES, claims, gate_answer, plausible
from mentormatch.rosters.plan import Plan
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header, within

__all__ = ["who_takes_part"]

_SAID = {
    "taking_part": ("does not take part", "said that they do not take part"),
    "withdrawn": ("has withdrawn", "have withdrawn"),
    "consent": ("does not consent", "said that they do not consent"),
}
"""Of each field: what is listed about a row, and about all of them."""
_ROWS = 8
"""Most rows that a question names."""


def who_takes_part(
    plan: Plan, columns: Mapping[str, TextColumn], rows: int, reading: Reading
) -> npt.NDArray[np.bool_]:
    """Return bool (n,): who takes part, by every column that tells.

    Whoever did not consent to something that may not be the matching stays, and so does who did
    not say; both are asked about.
    """
    keep = np.ones(rows, dtype=bool)
    for field, column in _gates(plan, columns):
        said = [gate_answer(field, text) for text in column.texts]
        leaves = field == "withdrawn"
        gone = np.array([*(answer == leaves for answer in said), False])[column.codes]
        # a blank beside ticks is no tick; elsewhere only consent must be given
        blank = field == "consent" or (field == "taking_part" and all(said))
        open_ = np.array([*(answer is None for answer in said), blank])[column.codes]
        given = column.header in reading.settled
        clear = field != "consent" or given or is_to_be_matched(column.header)
        if gone.any():
            _tell(field, column, gone, clear=clear, reading=reading)
        if open_.any() and clear:
            _ask_who_did_not_say(field, column, open_, reading)
        if clear:
            keep &= ~gone
    if rows and not keep.any():
        reading.note(
            "nobody",
            "nobody takes part: all have withdrawn, or did not consent",
            "leave the columns that say so with columns={'header': None}",
            fatal=True,
        )
        return ~keep
    return keep


def is_to_be_matched(header: str) -> bool:
    """Tell whether consent asked for is to the matching: to it, to data, or to nothing named."""
    folded = fold_header(header)
    if within("consent", "other").search(folded):
        return False
    about = within("consent", "words").sub(" ", folded).split()
    return not about or within("consent", "to_match").search(folded) is not None


def _gates(plan: Plan, columns: Mapping[str, TextColumn]) -> Iterator[tuple[str, TextColumn]]:
    """Yield (field, column) of every column that tells who takes part, used or not."""
    for field in GATES:
        if field in plan.parts:
            yield field, columns[plan.parts[field].headers[0]]
    for column in plan.free():
        for claim in claims(column.header, plan.role):
            if claim.field in GATES and claim.field in plan.parts and plausible(claim, column):
                yield claim.field, column
                break


def _tell(
    field: str, column: TextColumn, gone: npt.NDArray[np.bool_], *, clear: bool, reading: Reading
) -> None:
    """List who does not take part, and ask whether that is right."""
    one, all_of_them = _SAID[field]
    header = column.header
    kept = f"columns={{{header!r}: None}}"
    reading.note(
        "not_taking_part" if clear else "no_consent",
        one,
        f"dropped the row; {kept} keeps it" if clear else "kept the row",
        rows=column.rows[gone],
        column=header,
    )
    rows = column.rows[gone]
    done = f"{'dropped' if clear else 'kept'} {rows.size}: row {listed(rows, _ROWS)}"
    reading.ask(
        field, [header],
        f"some {all_of_them}" if clear else "some do not agree: to being matched?", done,
        (f"columns={{{field!r}: {header!r}}}  # leave them out", f"{kept}  # keep them"),
    )  # fmt: skip


def _ask_who_did_not_say(
    field: str, column: TextColumn, open_: npt.NDArray[np.bool_], reading: Reading
) -> None:
    rows = column.rows[open_].tolist()
    reading.ask(
        field, [column.header],
        "some did not say clearly whether they "
        + {"consent": "consent", "withdrawn": "have withdrawn"}.get(field, "take part"),
        f"kept {len(rows)}: row {listed(rows, _ROWS)}",
        (
            f"drop_rows={rows[:50]}  # leave them out",
            f"columns={{{column.header!r}: None}}  # keep them",
        ),
    )  # fmt: skip
