"""Damaged and hostile files, a few of each kind: (kind, bytes, codes of which one must be listed).

An empty set of codes means that the file must be refused.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import openpyxl

Case = tuple[str, bytes, set[str]]

PEOPLE = [
    ["Name", "Email", "Skills", "Capacity", "Availability"],
    ["Ana Lima", "ana@x.example", "Law;Art", "2", "Mon 9-11"],
    ["Bo Chan", "bo@x.example", "Art", "1", "Tue 10-12"],
    ["Cy Dahl", "cy@x.example", "Law", "1", "Wed 9-11"],
]


def text(rows: list[list[str]], mark: str = ",") -> bytes:
    return ("\n".join(mark.join(row) for row in rows) + "\n").encode()


def changed(row: int, column: int, cell: str) -> bytes:
    rows = [list(cells) for cells in PEOPLE]
    rows[row][column] = cell
    return text(rows)


def book(change=lambda book, sheet: None) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in PEOPLE:
        sheet.append(row)
    change(workbook, sheet)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def put(place: str, cell: object, kind: str | None = None) -> bytes:
    def change(_, sheet):
        sheet[place] = cell
        if kind:
            sheet[place].data_type = kind

    return book(change)


def with_part(content: bytes, part: str, change) -> bytes:
    """Return a package with one part rewritten."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def cases() -> Iterator[Case]:
    """Yield more than 200 small files."""
    rng = np.random.default_rng(7)
    for corner in ("XFD1048576", "XFD2000", "ZZZ30000".replace("ZZZ", "XFA"), "CV1000000"):
        yield "far corner", put(corner, "x"), set()
    for row in range(2, 5):
        yield "far below", put(f"A{3000 * row}", "Di Vo"), {"blank_row"}
    for word in ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"):
        for place in ("C2", "C3", "E4"):
            yield "failed formula", put(place, word, "e"), {"failed_formula", "blank_word"}
    for place in ("C2", "C3", "C4", "E2", "E3"):
        yield "no stored value", put(place, "=A1&A2"), {"formula_without_value"}
    for row in (2, 3, 4):
        yield (
            "hidden row",
            book(lambda _, s, row=row: setattr(s.row_dimensions[row], "hidden", True)),
            {"hidden_rows"},
        )
    for letter in "ABCDE":
        yield (
            "hidden column",
            book(lambda _, s, letter=letter: setattr(s.column_dimensions[letter], "hidden", True)),
            {"hidden_column"},
        )
    for state in ("hidden", "veryHidden"):
        yield (
            "hidden sheet",
            book(
                lambda b, s, state=state: (
                    b.create_sheet("First"),
                    setattr(s, "sheet_state", state),
                )
            ),
            {"hidden_sheet"},
        )
    whole = book()
    for share in np.linspace(0.05, 0.95, 12):
        yield "truncated workbook", whole[: int(len(whole) * share)], set()
    for _ in range(6):
        damaged = bytearray(whole)
        begin = whole.index(SHEET.encode()) + 40
        for place in rng.integers(begin, begin + 300, 40):
            damaged[place] = rng.integers(256)
        yield "damaged workbook", bytes(damaged), set()
    for part in (SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        for wrong in (b"", b"<a", b"\x00\xff" * 9, b"<a/>"):
            yield "rewritten part", with_part(whole, part, lambda _, wrong=wrong: wrong), set()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 80_000_000)
    yield "zip bomb", bomb.getvalue(), set()
    entities = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            b'<!ENTITY a%d "%s">' % (k, b"&a;" * 10 if k == 0 else b"&a%d;" % (k - 1) * 10)
            for k in range(12)
        )
        + b"]><x>&a11;</x>"
    )
    yield "entities", with_part(whole, "xl/workbook.xml", lambda _: entities), set()
    for cell in ("1e308", "12345678", "99999999999999999999", "room for 10000000"):
        yield "huge capacity", changed(2, 3, cell), set()
    for cell in ("2026-03-02", "02-Jan", "5. Mai", "Jan-03", "1900-01-02", "2026-05-20"):
        yield "date as capacity", changed(2, 3, cell), {"capacity_date"}
    for cell in ('"1,000"', "1e3", "0x10", "-1", "50%", "hmm", "2-3", '"2,0"', "½"):
        yield "odd capacity", changed(2, 3, cell), {
            "capacity_words", "capacity_unread", "capacity_decimals", "capacity_negative",
        }  # fmt: skip
    for sign in ("\u202e", "\u200b", "\u2066", "\ufeff", "\u200f", "\u00ad"):
        for column in (0, 2):
            yield "invisible", changed(2, column, f"B{sign}o X"), {"invisible_characters"}
    for sign in ("\x00", "\x07", "\x1b", "\x7f"):
        yield "control", changed(2, 2, f"A{sign}rt"), {"control_characters", "nul"}
    for cell in ("=HYPERLINK(1)", "@SUM(A1)", "=cmd|'/c calc'!A1", "+SUM(A1)"):
        yield "formula text", changed(2, 0, cell), {"formula_text"}
    for word in ("#BEZUG!", "#VALEUR!", "#¡REF!", "#RIF!", "Err:502", "#ADR!", "Loading..."):
        yield "failed formula text", changed(3, 2, word), {"failed_formula"}
    for row in ("Total,,,4,", "Summe,,,4,", "Moyenne,,,1.3,", "合计,,,4,", "Average,,,1.3,"):
        yield "total", text(PEOPLE) + row.encode() + b"\n", {"total_row"}
    for row in ("Generated by HR,,,,", "© 2026 HR,,,,", "Confidentiel,,,,", "Seite 1 von 1,,,,"):
        yield "footer", text(PEOPLE) + row.encode() + b"\n", {"footer"}
    for gap in ("", "\n", "\n\n"):
        yield "pasted twice", text(PEOPLE) + gap.encode() + text(PEOPLE), {"repeated_header"}
        turned = [row[::-1] for row in PEOPLE]
        yield "pasted turned", text(PEOPLE) + gap.encode() + text(turned), set()
    yield "open quote", text(PEOPLE) + b'"Di Vo,di@x.example,Law,1,Mon\n', set()
    for row in (1, 2):
        lines = text(PEOPLE).split(b"\n")
        lines[row] = b'"' + lines[row]
        yield "open quote", b"\n".join(lines), set()
    for extra in (",x", ",x,y", ",,,z"):
        lines = text(PEOPLE).decode().split("\n")
        lines[2] += extra
        yield "long row", "\n".join(lines).encode(), set()
    for count in (1, 2, 3, 4):
        yield (
            "short row",
            text([*PEOPLE, ["Di Vo", "di@x.example", "Law", "1"][:count]]),
            {"short_row"},
        )
    for start in (b"%PDF-1.7\n", b"<html><body>", b"\x1f\x8b\x08", b"{\\rtf1", b"\x89PNG\r\n",
                  b"PAR1", b"<!DOCTYPE html>"):  # fmt: skip
        yield "another kind", start + text(PEOPLE), set()
    for size in (1, 10, 1000):
        yield "nothing", b"\x00" * size, set()
        yield "nothing", b"\n ,"[: size % 3 + 1] * size, set()
    for name in ("cp1252", "mac_roman", "cp1250"):
        content = text([*PEOPLE, ["Zoë Näf", "z@x.example", "Ökologie", "1", ""]])
        yield "encoding", content.decode().encode(name), {"encoding"}
    for name in ("cp932", "euc_jp", "gb18030"):
        content = text([*PEOPLE, ["山田太郎", "z@x.example", "機械学習", "1", ""]])
        yield "encoding", content.decode().encode(name), {"encoding"}
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield "encoding", text(PEOPLE).decode().encode(name), {"utf-16", "utf16", "utf-32"}
    for length in (6_000, 50_000, 300_000):
        for sign in ("x", "x,", "mon 9-11;", "[", "1. "):
            for column in (2, 4):
                cell = '"' + sign * (length // len(sign)) + '"'
                yield "long cell", changed(2, column, cell), {"long_text", "longest_text"}
    for row, code in ((0, "long_header"), (1, "long_text"), (3, "long_text")):
        for column, sign in enumerate(("x", "a@", "mentor ", "not ", "1-")):
            cell = '"' + sign * (32_000 // len(sign)) + '"'
            yield "long cell", changed(row, column, cell), {code}
    for column in range(5):
        header = [list(row) for row in PEOPLE]
        header[0][column] = header[0][(column + 1) % 5]
        yield "header twice", text(header), {"same_header", "no_id_column"}
    ids = [["Employee ID", *PEOPLE[0]], *(["7", *row] for row in PEOPLE[1:])]
    yield "one id for all", text(ids), {"no_id_column"}
    for mark in ("\t", ";", "|"):
        yield "delimiter", text([*PEOPLE, ["", "", "", "", ""], PEOPLE[1]], mark), {
            "blank_row", "repeated",
        }  # fmt: skip


def large_cases() -> Iterator[Case]:
    """Yield files that take memory or time where nothing bounds them."""
    for sign in ("x", ",", "mon 9-11;", "x, ", "1. a "):
        for column in (2, 4):
            cell = '"' + sign * (10_000_000 // len(sign)) + '"'
            yield "10 MB cell", changed(2, column, cell), {"longest_text"}
    for column, sign in enumerate(("x", "a@", "mentor ", "not ", "1-")):
        cell = '"' + sign * (10_000_000 // len(sign)) + '"'
        for row, code in ((0, "long_header"), (1, "longest_text")):
            yield "10 MB cell", changed(row, column, cell), {code}
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(SHEET, "w", force_zip64=True) as stream,
    ):
        for _ in range(600):
            stream.write(b"<c/>" * 250_000)
    yield "zip bomb of 600 MB", bomb.getvalue(), set()
    yield "far below", put("B1048576", "x"), set()
    wide = [["Name", *(f"Extra {k}" for k in range(16_000))], ["Ana"] * 16_001]
    yield "16,000 columns", text(wide), set()
    yield (
        "many rows of nothing",
        text(PEOPLE) + b",,,,\n" * 1_000_000 + text(PEOPLE[1:2]),
        {"blank_row"},
    )
