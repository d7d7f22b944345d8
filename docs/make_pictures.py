"""Make the README's pictures anew: the workbook and the report of the shipped example.

Run ``python docs/make_pictures.py`` from anywhere. It writes ``docs/pictures/*.png`` and needs the
extra `plot`, a browser (``chromium``), LibreOffice (``soffice``) and poppler (``pdftoppm``); on
Debian: ``apt-get install chromium libreoffice-calc poppler-utils fonts-crosextra-carlito`` (the
font has the widths of Excel's own).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

import mentormatch as mm

PICTURES = Path(__file__).parent / "pictures"
TOOLS = ("chromium", "soffice", "pdftoppm")
WIDTH, HEIGHT = 1220, 1180
"""Pixels of the browser's window."""
SHEET = 2
"""The page of the workbook that is shown: the matches, after the first page's summary."""
SHOWN_ROWS = 0.59
"""Share of that page, from the top."""


def main() -> None:
    """Match the example, write its workbook and report, and take a picture of each."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"Not installed: {', '.join(missing)}. The first lines of this file say how.")
    PICTURES.mkdir(exist_ok=True)
    matching = mm.match(*mm.load_example())
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        matching.to_excel(folder / "matches.xlsx")
        mm.report(matching, folder / "report.html", title="Spring mentoring round")
        save(workbook_page(folder), "workbook.png")
        save(report_page(folder), "report.png")


def workbook_page(folder: Path) -> Image.Image:
    """Return the workbook's sheet of matches as LibreOffice prints it."""
    run("soffice", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless",
        "--convert-to", "pdf", "--outdir", str(folder), str(folder / "matches.xlsx"))  # fmt: skip
    run("pdftoppm", "-r", "110", "-png", "-f", str(SHEET), "-l", str(SHEET), "-singlefile",
        str(folder / "matches.pdf"), str(folder / "sheet"))  # fmt: skip
    page = Image.open(folder / "sheet.png").convert("RGB")
    return without_margin(page.crop((0, 0, page.width, round(SHOWN_ROWS * page.height))))


def report_page(folder: Path) -> Image.Image:
    """Return what a browser shows of the report when it is opened."""
    run("chromium", "--headless=new", "--no-sandbox", "--hide-scrollbars",
        f"--user-data-dir={folder / 'browser'}", f"--window-size={WIDTH},{HEIGHT}",
        f"--screenshot={folder / 'report.png'}", (folder / "report.html").as_uri())  # fmt: skip
    return Image.open(folder / "report.png").convert("RGB")


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} failed: {done.stderr.strip()}")


def without_margin(page: Image.Image) -> Image.Image:
    """Cut off white edges."""
    white = Image.new("RGB", page.size, "white")
    return page.crop(ImageChops.difference(page, white).getbbox())


def save(picture: Image.Image, name: str) -> None:
    """Write a small PNG: 64 colours are plenty for text and tables."""
    path = PICTURES / name
    small = picture.quantize(64, dither=Image.Dither.NONE)
    small.save(path, "PNG", optimize=True)
    print(f"{path}: {picture.width} x {picture.height}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
