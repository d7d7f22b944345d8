"""Totals, footers and unfinished answers, in the words of each language that the rosters know."""

from __future__ import annotations

import pandas as pd
import pytest

from mentormatch.rosters import read_roster
from mentormatch.rosters.unfinished import is_of_survey
from mentormatch.rosters.vocabulary import languages

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")

TOTALS = {
    "en": ["Grand total", "Averages", "Mean: 2,5"], "de": ["Zwischensumme", "Durchschnitt:"],
    "fr": ["Total général", "Moyenne :"], "es": ["Promedio", "Media: 2,5"],
    "pt": ["Soma", "Média:"], "it": ["Totale complessivo", "Media:"],
    "nl": ["Totaal aantal", "Gemiddelde"], "pl": ["Razem", "Suma końcowa"],
    "ja": ["合計", "平均：2.5"], "zh": ["总计", "小计"], "ar": ["الإجمالي", "المجموع:"],
    "fa": ["جمع کل", "میانگین"],
}  # fmt: skip
FOOTERS = {
    "en": ["Printed 2 Jan 2026", "Records: 2"], "de": ["Exportiert von der Personalabteilung",
    "Stand: 02.01.2026"], "fr": ["Confidentiel", "Page 1"], "es": ["Generado el 2 de enero",
    "Fuente: RR. HH."], "pt": ["Gerado por RH", "Página 1"], "it": ["Riservato", "Pagina 1 di 1"],
    "nl": ["Vertrouwelijk", "Bron: HR"], "pl": ["Wygenerowano 2026-01-02", "Strona 1"],
    "ja": ["以上", "出典：人事部"], "zh": ["导出时间", "第1页"], "ar": ["سري", "صفحة 1"],
    "fa": ["محرمانه", "صفحه ۱"],
}  # fmt: skip
STATES = {  # header of the state, finished, unfinished, a test
    "en": ("Response Status", "Completed", "Partially completed", "Survey Preview"),
    "de": ("Antwortstatus", "Abgeschlossen", "Teilweise abgeschlossen", "Vorschau"),
    "fr": ("Statut", "Terminé", "En cours", "Aperçu de l'enquête"),
    "es": ("Tipo de respuesta", "Finalizado", "Incompleto", "Vista previa"),
    "pt": ("Tipo de resposta", "Concluído", "Em andamento", "Pré-visualização"),
    "it": ("Tipo di risposta", "Completato", "Parziale", "Anteprima del sondaggio"),
    "nl": ("Antwoordtype", "Voltooid", "Gedeeltelijk voltooid", "Enquêtevoorbeeld"),
    "pl": ("Typ odpowiedzi", "Ukończona", "Niekompletna", "Podgląd ankiety"),
    "ja": ("ステータス", "完了", "未完了", "プレビュー"),
    "zh": ("答卷状态", "已完成", "未完成", "预览"),
    "ar": ("نوع الاستجابة", "مكتمل", "غير مكتمل", "معاينة"),
    "fa": ("نوع پاسخ", "کامل", "ناقص", "پیش‌نمایش"),
}
FINISHED = {  # header, yes, no; beside a column that only a survey writes
    "en": ("Finished", "True", "False", "Response ID"), "de": ("Beendet", "Wahr", "Falsch",
    "Startdatum"), "fr": ("Terminé", "Vrai", "Faux", "Date de début"),
    "es": ("Finalizado", "Verdadero", "Falso", "Fecha de inicio"),
    "pt": ("Concluído", "Verdadeiro", "Falso", "Data de início"),
    "it": ("Completato", "Vero", "Falso", "Data di inizio"),
    "nl": ("Voltooid", "Waar", "Onwaar", "Begindatum"),
    "pl": ("Ukończono", "Prawda", "Fałsz", "Data rozpoczęcia"),
    "ja": ("完了", "はい", "いいえ", "開始日時"), "zh": ("完成", "是", "否", "提交时间"),
    "ar": ("مكتمل", "نعم", "لا", "تاريخ البدء"), "fa": ("تکمیل شده", "بله", "خیر", "تاریخ شروع"),
}  # fmt: skip
PEOPLE = {"Name": ["Mia Alder", "Ned Birch"], "Email": ["m@x.example", "n@x.example"]}


def left_out(frame: pd.DataFrame) -> set[str]:
    """Read the roster, which must hold Mia and Ned alone; return the codes of what was listed."""
    roster = read_roster(frame, "mentee")
    assert roster.names == ("Mia Alder", "Ned Birch")
    return set(roster.repairs["code"])


def test_every_language_is_tried():
    for table in (TOTALS, FOOTERS, STATES, FINISHED):
        assert table.keys() == languages().keys()


@pytest.mark.parametrize("word", [word for words in TOTALS.values() for word in words])
def test_a_total_is_nobody(word):
    people = pd.DataFrame({**PEOPLE, "Hours a month": ["2", "3"]})
    people.loc[2] = [word, "", "5"]
    assert "total_row" in left_out(people)


@pytest.mark.parametrize("word", ["Media", "Mean", "Max Summe", "Pagina Bianca", "Note Worthy"])
def test_people_whose_names_look_like_totals_stay(word):
    people = pd.DataFrame({"Name": [word, "Ned Birch"], "Hours a month": ["2", "3"]})
    assert read_roster(people, "mentee").names == (word, "Ned Birch")


@pytest.mark.parametrize("words", [word for words in FOOTERS.values() for word in words])
def test_a_footer_is_nobody(words):
    people = pd.DataFrame({**PEOPLE, "Goals": ["Law", "Art"]})
    people.loc[2] = [words, "", ""]
    assert "footer" in left_out(people)


@pytest.mark.parametrize(("header", "done", "unfinished", "test"), STATES.values(), ids=STATES)
def test_unfinished_answers_and_previews_are_left_out(header, done, unfinished, test):
    frame = pd.DataFrame({k: [*v, "O. Cedar", "o@x.example"][:4] for k, v in PEOPLE.items()})
    frame.insert(0, header, [done, done, unfinished, test])
    frame.insert(0, "Response ID", ["R_1", "R_2", "R_3", "R_4"])
    assert {"unfinished_answer", "test_answer"} <= left_out(frame)


@pytest.mark.parametrize(("header", "yes", "no", "own"), FINISHED.values(), ids=FINISHED)
def test_answers_that_were_not_finished_are_left_out(header, yes, no, own):
    assert is_of_survey(own)
    frame = pd.DataFrame({k: [*v, "Ola"] for k, v in PEOPLE.items()})
    frame.insert(0, header, [yes, yes, no])
    frame.insert(0, own, ["2026-01-02"] * 3)
    assert "unfinished_answer" in left_out(frame)
