"""From two exported files to a matching, its reasons and a review workbook.

Run from this folder: python first_matching.py
"""

from __future__ import annotations

import os
from pathlib import Path

import mentormatch as mm

OUT = Path(os.environ.get("MENTORMATCH_OUT", "."))


def main() -> None:
    mentees, mentors = mm.load_example()
    print(mentees, mentors, sep="\n")
    print(mentees.repairs[["row", "column", "problem", "action"]].to_string(index=False))

    matching = mm.match(mentees, mentors)
    print(matching)

    first = matching.to_frame().sort_values("score", ascending=False)["mentee"].iloc[0]
    print(mm.explain(matching, mentee=first).text)

    full = matching.load.sort_values(["dual_matched", "dual_price"], ascending=False)
    print("Where one more seat would help most:")
    print(full.head(5).to_string(index=False))

    # The same with your own weights and one rule more than the rosters bring
    scores = mm.score(
        mentees,
        mentors,
        criteria=[
            mm.Covers("goals", weight=0.5),
            mm.Covers("needs", by="skills", weight=0.3),
            mm.SharedHours("availability", enough=2, weight=0.2),
        ],
        rules=[mm.AtLeast(mm.SharedHours("availability"), 1)],
    )
    print(mm.solve(mm.Problem(scores)))

    matching.to_excel(OUT / "matches.xlsx")
    print(f"Wrote {OUT / 'matches.xlsx'}")


if __name__ == "__main__":
    main()
