"""Rows that are no people: second headers, totals, footers, further tables, unfinished answers.

Every row that is taken out is listed with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mentormatch.rosters.reading import Reading
from mentormatch.rosters.repair import repaired_header

Row = tuple[int, list[str]]

_IMPORT_ID = re.compile(r"""\s*\{\s*['"]?ImportId['"]?\s*:""")
_CODE = re.compile(
    r"Q(?:ID)?_?\d+(?:[._]\w+)*|VAR_?\d+|V\d+|G\d+Q\d+(?:\[\w+\])?|(?:question|field|frage|pregunta)"
    r"[_ ]?\d+|S\d+Q\d+",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？؟]|(?:\S+\s+){3}\S|[\u3040-\u9fff]{4}")
_CHOICE_SUFFIX = re.compile(r"\s+-\s+Selected Choice$")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_NUMBER = re.compile(r"[-+]?[\d\s.,%€$£]*\d[\d\s.,%€$£]*")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?")
_TOTAL = re.compile(
    r"(?:(?:grand|sub|general|overall)?[\s-]*totals?(?:\s+\w+){0,2}|averages?|(?:sum|mean|count|median)\s*:"
    r"|(?:gesamt|zwischen)?summe|gesamt\w*|insgesamt|mittelwert|durchschnitt|total\s+g[ée]n[ée]ral|moyenne"
    r"|somme|suma|promedio|totaal|gemiddelde|totale|razem|łącznie|średnia|合计|总计|平均|合計|小計|총계|합계"
    r"|المجموع|الإجمالي|مجموع|جمع کل)\s*[:=：]?\s*[\d.,\s%]*",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"\W*(?:generated|exported|printed|produced|downloaded|prepared by|last updated"
    r"|confidential\b|copyright|end of|internal use|erstellt|exportiert|gedruckt|vertraulich"
    r"|ende de[rs]|généré|exporté|imprimé|confidentiel|fin d[eu]|generado|exportado|impreso"
    r"|confidencial|generato|esportato|stampato|riservato|gerado|impresso|gegenereerd"
    r"|geëxporteerd|afgedrukt|vertrouwelijk|wygenerowano|poufne|出力|作成日|以上$|导出|生成于"
    r"|匯出|تم إنشاء|سري)"
    r"|[©*※†].+"
    r"|(?:report|pages?|source|notes?|records?|rows?|as of|number of|seite|stand|quelle"
    r"|hinweis|anzahl|remarque|nombre|página|fuente|nota|fonte|pagina|bron|strona|źródło"
    r"|注|备注|来源|第).*[:\d：]",
    re.IGNORECASE,
)
_RESPONSE_WORDS = frozenset(
    [
        "openendedresponse",
        "response",
        "offeneantwort",
        "antwort",
        "réponselibre",
        "réponseouverte",
        "réponse",
        "respuestaabierta",
        "respuesta",
        "respostaaberta",
        "resposta",
        "rispostaaperta",
        "risposta",
        "openantwoord",
        "antwoord",
        "odpowiedźotwarta",
        "odpowiedź",
        "自由回答",
        "回答",
        "開放式回答",
        "开放式回答",
    ]
)


def fold(text: str) -> str:
    """Return a text without case, spaces and signs, to compare headers and states by."""
    return re.sub(r"[\W_]+", "", text.casefold())


# --- second headers -----------------------------------------------------------------------------


def header_of(records: Sequence[Row], start: int, reading: Reading) -> tuple[list[str], int]:
    """Return the headers, and where the people begin: one row under them, or two, or three.

    Qualtrics writes the questions and its own ids below short names; SurveyMonkey, and merged
    cells in a spreadsheet, write the options of a question below it.
    """
    header = [repaired_header(cell) for cell in records[start][1]]
    below = records[start + 1 : start + 3]
    for place, (_, cells) in enumerate(below):
        if _mostly(cells, _IMPORT_ID):
            asked = [repaired_header(cell) for cell in below[0][1]] if place else header
            names = [
                _CHOICE_SUFFIX.sub("", asked[k])
                if k < len(asked) and asked[k] and k < len(cells) and "QID" in cells[k]
                else name
                for k, name in enumerate(header)
            ]
            _say_second_header(below[: place + 1], reading)
            return names, start + 2 + place
    if below and _questions_under_codes(header, below[0][1]):
        asked = [repaired_header(cell) for cell in below[0][1]]
        names = [
            asked[k] if _CODE.fullmatch(name) and k < len(asked) and asked[k] else name
            for k, name in enumerate(header)
        ]
        _say_second_header(below[:1], reading)
        return names, start + 2
    if below and _options_under_questions(header, below[0][1]):
        _say_second_header(below[:1], reading)
        return _with_options(header, below[0][1]), start + 2
    return header, start + 1


def _say_second_header(rows: Sequence[Row], reading: Reading) -> None:
    for number, cells in rows:
        reading.note(
            "second_header",
            "the row belongs to the header",
            "read as part of the headers, nobody's answers",
            rows=[number],
            value="; ".join(cell.strip() for cell in cells if cell.strip()),
        )


def _mostly(cells: Sequence[str], pattern: re.Pattern[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and sum(bool(pattern.match(c)) for c in filled) >= 0.5 * len(filled)


def _questions_under_codes(header: Sequence[str], cells: Sequence[str]) -> bool:
    coded = [k for k, name in enumerate(header) if _CODE.fullmatch(name)]
    asked = [cells[k] for k in coded if k < len(cells) and cells[k].strip()]
    others = [cells[k] for k in range(min(len(header), len(cells))) if k not in set(coded)]
    return (
        len(coded) > 1
        and len(asked) > 1
        and sum(bool(_QUESTION.search(text)) for text in asked) >= 0.6 * len(asked)
        and not any(_ADDRESS.search(text) or _DATE.fullmatch(text.strip()) for text in others)
    )


def _options_under_questions(header: Sequence[str], cells: Sequence[str]) -> bool:
    width = min(len(header), len(cells))
    bare = [k for k in range(width) if not header[k] and cells[k].strip()]
    headed = [k for k, name in enumerate(header) if name]
    empty = [k for k in headed if k >= len(cells) or not cells[k].strip()]
    known = sum(fold(cell) in _RESPONSE_WORDS for cell in cells)
    if any(_ADDRESS.search(cell) or _DATE.fullmatch(cell.strip()) for cell in cells):
        return False
    if known and len(empty) + known >= 0.3 * len(headed):
        return True
    return len(bare) > 1 and headed[:1] == empty[:1] and 3 * len(empty) >= len(headed)


def _with_options(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    names: list[str] = []
    question = ""
    for k in range(max(len(header), len(cells))):
        question = header[k] if k < len(header) and header[k] else question
        option = repaired_header(cells[k]) if k < len(cells) else ""
        bare = not option or fold(option) in _RESPONSE_WORDS
        names.append(question if bare else f"{question} [{option}]" if question else option)
    return names


# --- rows among and below the people ------------------------------------------------------------


def without_other_rows(
    people: Sequence[Row],
    header: Sequence[str],
    headers: Sequence[Sequence[str]],
    gaps: set[int],
    reading: Reading,
) -> list[Row]:
    """Return the rows that hold somebody.

    Parameters
    ----------
    people
        Rows that are not blank.
    header
        As read.
    headers
        The rows of the file that make the header, to know them again.
    gaps
        Numbers of the rows that follow a blank one.
    """
    wide = sum(map(bool, header)) > 1
    repeats = [
        known for h in headers if (known := {k: f for k, c in enumerate(h) if (f := fold(c))})
    ]
    initials = {word[0] for known in repeats for word in known.values()}
    kept: list[Row] = []
    for row in people:
        sign = next(filter(None, map(str.strip, row[1])))[0]
        begins = sign.casefold() in initials or not sign.isalnum()
        if wide and begins and any(_is_header(row, known, reading) for known in repeats):
            continue
        if wide and _is_total(row[1]):
            _drop(row, "total_row", "the row is a total, nobody's answers", reading)
            continue
        kept.append(row)
    kept = _without_second_tables(kept, header, gaps, reading)
    while len(kept) > 1 and len(header) > 2 and _is_footer(kept[-1][1]):
        _drop(kept.pop(), "footer", "a line below the table", reading)
    return kept


def _drop(row: Row, code: str, problem: str, reading: Reading) -> None:
    words = "; ".join(cell.strip() for cell in row[1] if cell.strip())
    reading.note(code, problem, "left it out", rows=[row[0]], value=words)


def _is_header(row: Row, known: dict[int, str], reading: Reading) -> bool:
    number, cells = row
    first = next(iter(known), None)
    names = known.values()
    if first is None or first >= len(cells) or fold(cells[first]) not in names:
        return False
    filled = {k: fold(cell) for k, cell in enumerate(cells) if cell.strip()}
    same = sum(known.get(k) == word for k, word in filled.items())
    if same > 1 and same >= 0.6 * len(filled):
        _drop(
            row, "repeated_header", "the headers once more, as in exports pasted together", reading
        )
        return True
    shifted = sum(word in names for word in filled.values())
    if shifted > 1 and shifted >= 0.6 * len(filled):
        reading.note(
            "second_table",
            "a second table with its columns in another order begins here",
            "put it in a file or a sheet of its own",
            rows=[number],
            value="; ".join(cell.strip() for cell in cells if cell.strip()),
            fatal=True,
        )
        return True
    return False


def _is_total(cells: Sequence[str]) -> bool:
    if _TOTAL.fullmatch(next(filter(None, map(str.strip, cells)))) is None:
        return False
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) <= max(1, len(cells) - 1) and all(
        _NUMBER.fullmatch(cell) for cell in filled[1:]
    )


def _is_footer(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) == 1 and (bool(_FOOTER.match(filled[0])) or len(filled[0].split()) > 6)


def _without_second_tables(
    rows: list[Row], header: Sequence[str], gaps: set[int], reading: Reading
) -> list[Row]:
    """Leave out blocks below a blank row that hold none of the addresses, numbers and dates above.

    A block of late sign-ups has addresses where the others have them; a summary does not.
    """
    starts = [k for k, (number, _) in enumerate(rows) if k and number in gaps]
    if not starts:
        return rows
    first = [cells for _, cells in rows[: starts[0]]]
    typed = [
        (k, pattern)
        for k in range(len(header))
        for pattern in (_ADDRESS, _DATE, _NUMBER)
        if len(first) > 1
        and sum(k < len(c) and bool(pattern.fullmatch(c[k].strip())) for c in first)
        >= 0.9 * len(first)
    ]
    if not typed:
        return rows
    kept = rows[: starts[0]]
    for begin, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        block = rows[begin:end]
        fits = any(
            k < len(cells) and pattern.fullmatch(cells[k].strip())
            for _, cells in block
            for k, pattern in typed
        )
        if fits or max(sum(bool(c.strip()) for c in cells) for _, cells in block) < 2:
            kept += block
            continue
        for row in block:
            _drop(row, "second_table", "a row of a second table below the first", reading)
    return kept


# --- tests and unfinished answers ---------------------------------------------------------------

_STATUS = frozenset(
    [
        "status",
        "responsetype",
        "responsestatus",
        "submissionstatus",
        "antworttyp",
        "antwortstatus",
        "statut",
        "état",
        "estado",
        "stato",
        "状态",
        "状態",
    ]
)
_PREVIEW = frozenset(
    [
        "surveypreview",
        "surveytest",
        "preview",
        "test",
        "testresponse",
        "offlinesurveypreview",
        "spam",
        "vorschau",
        "umfragevorschau",
        "umfragetest",
        "aperçu",
        "aperçudelenquête",
        "vistaprevia",
        "anteprima",
        "voorbeeld",
        "预览",
        "テスト",
        "プレビュー",
    ]
)
_PARTIAL = frozenset(
    [
        "partial",
        "partiallycompleted",
        "incomplete",
        "inprogress",
        "disqualified",
        "unvollständig",
        "teilweise",
        "partiel",
        "incomplet",
        "incompleto",
        "parcial",
        "parziale",
        "gedeeltelijk",
        "onvolledig",
        "niekompletny",
        "未完成",
        "未完了",
    ]
)
_FINISHED = frozenset(
    [
        "finished",
        "complete",
        "completed",
        "isfinished",
        "iscomplete",
        "beendet",
        "abgeschlossen",
        "vollständig",
        "terminé",
        "complété",
        "finalizado",
        "completado",
        "completo",
        "completato",
        "finito",
        "concluído",
        "voltooid",
        "afgerond",
        "ukończono",
        "zakończono",
        "完了",
        "已完成",
        "完成",
        "완료",
    ]
)
_NO = frozenset(
    [
        "false",
        "0",
        "no",
        "n",
        "falsch",
        "nein",
        "non",
        "faux",
        "falso",
        "nee",
        "onwaar",
        "nie",
        "fałsz",
        "não",
        "いいえ",
        "否",
        "لا",
    ]
)
_YES = frozenset(
    [
        "true",
        "1",
        "yes",
        "y",
        "wahr",
        "ja",
        "oui",
        "vrai",
        "sí",
        "si",
        "verdadero",
        "vero",
        "waar",
        "tak",
        "prawda",
        "sim",
        "はい",
        "是",
        "نعم",
    ]
)
_SURVEY = frozenset(
    [
        "responseid",
        "respondentid",
        "collectorid",
        "progress",
        "durationinseconds",
        "recordeddate",
        "startdate",
        "enddate",
        "starttime",
        "completiontime",
        "submitdate",
        "datesubmitted",
        "lastpage",
        "ipaddress",
        "datestarted",
        "timestamp",
        "antwortid",
        "startzeit",
        "startdatum",
        "idderéponse",
        "datededébut",
        "datesoumission",
        "identifiantdelaréponse",
        "iddelarespuesta",
        "fechadeinicio",
        "fechadeenvío",
        "提交时间",
        "开始时间",
        "回答id",
        "開始日時",
    ]
)


def unanswered(
    columns: Sequence[tuple[str, Sequence[str], np.ndarray[tuple[int], np.dtype[np.int64]]]],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    reading: Reading,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows are tests, previews or answers that were never sent, all of them listed.

    Parameters
    ----------
    columns
        (header, distinct texts, int64 (n,) position in the texts, -1 where blank) of each column.
    rows
        int64 (n,): spreadsheet numbers.
    """
    by_name = {fold(header): (header, texts, codes) for header, texts, codes in columns}
    survey = bool(_SURVEY & set(by_name))
    gone = np.zeros(len(rows), dtype=bool)

    def leave_out(
        header: str, people: np.ndarray[tuple[int], np.dtype[np.bool_]], text: str
    ) -> None:
        fresh = people & ~gone
        test = fold(text) in _PREVIEW
        reading.note(
            "test_answer" if test else "unfinished_answer",
            "the answer is a preview or a test" if test else "the answer was never finished",
            "left it out",
            rows=rows[fresh],
            column=header,
            value=text,
        )
        gone[fresh] = True

    for name, (header, texts, codes) in by_name.items():
        told = name in _STATUS or (survey and name in _FINISHED)
        words = [fold(text) for text in texts] if told else []
        if name in _STATUS:
            out = _PREVIEW | (_PARTIAL if survey or name != "status" else frozenset())
            for place, word in enumerate(words):
                if word in out and (word not in ("test", "spam") or survey):
                    leave_out(header, codes == place, texts[place])
        elif survey and name in _FINISHED and set(words) <= _NO | _YES and len(texts) > 0:
            for place, word in enumerate(words):
                if word in _NO:
                    leave_out(header, codes == place, texts[place])
        elif name == "progress" and not _FINISHED & set(by_name) and "100" in texts:
            for place, text in enumerate(texts):
                if re.fullmatch(r"\d{1,2}", text):
                    leave_out(header, codes == place, text)
        elif name in ("submitdate", "datesubmitted") and "lastpage" in by_name and texts:
            leave_out(header, codes < 0, "")
    return gone
