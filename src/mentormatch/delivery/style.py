"""Colours and sizes of everything that leaves the library: pictures, workbook, report.

The page's own sheet, `page/report.css`, writes the same colours; a test compares them.
"""

from __future__ import annotations

__all__ = ["ACCENT", "BLUE", "GREEN", "GREY", "INK", "LINE", "MUTED", "ORANGE", "PALE", "PAPER",
           "PICTURES", "SCALE", "SMALL"]  # fmt: skip

INK, PAPER, ACCENT, PALE, LINE = "#1F2A44", "#FFFFFF", "#2F5D8C", "#EAF1F8", "#C9D3DF"
MUTED = "#5A6675"
"""Words that matter less; still 5 to 1 on white."""
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
"""From Okabe & Ito (2008), told apart with every common colour blindness, 3 to 1 on white."""
GREY = "#8A96A6"
"""What stands behind: bettered points, free seats, intervals."""
SCALE = "viridis"
"""From low to high, also on grey prints."""
SMALL = 8
"""Points of names beside what they name; 10 elsewhere, 12 in titles."""

PICTURES = {
    "font.size": 10,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#E5E9EF",
    "grid.linewidth": 0.8,
    "hatch.color": GREY,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "text.color": INK,
}
"""What every picture is drawn with, as matplotlib names it."""
