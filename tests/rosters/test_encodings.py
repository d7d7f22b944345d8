"""Text files without a mark, with one to a few names outside ASCII: read right, or asked about."""

from __future__ import annotations

import pytest

from mentormatch import read_roster
from mentormatch.rosters.encodings import encoding_of

pytestmark = pytest.mark.filterwarnings("ignore::mentormatch.errors.QuestionsWarning")


def people(names, codec):
    lines = [f"{name},p{place}@x.org,Law" for place, name in enumerate([*names, "Ana Lima"])]
    return "\n".join(["Name,Email,Goals", *lines, ""]).encode(codec)


RIGHT = [
    ("mac_roman", "José Núñez"), ("mac_roman", "Jürgen Groß"), ("mac_roman", "Käthe Müller"),
    ("mac_roman", "Søren Ødegård"), ("mac_roman", "João Gonçalves"),
    ("mac_roman", "Mäki Hämäläinen"), ("mac_roman", "Chloé Girard"),
    ("koi8_r", "Иван Петров"), ("koi8_r", "Ольга"), ("koi8_u", "Олена Шевченко"),
    ("cp1251", "Дмитрий Жуков"), ("cp866", "Иван"), ("mac_cyrillic", "Ольга Смирнова"),
    ("iso8859_5", "Мария Димитрова"),
    ("cp1252", "Élodie Lefèvre"), ("cp1252", "Jón Þór"), ("cp1252", "Siân O’Brien"),
    ("cp1252", "Zoë"), ("cp850", "Käthe Müller"), ("cp850", "José Núñez"),
    ("cp1250", "Jiří Dvořák"), ("cp1250", "Łukasz Wójcik"), ("iso8859_2", "Święty Żak"),
    ("mac_latin2", "Małgorzata Dąbrowska"), ("cp1254", "Gülşah Yıldız"), ("cp1253", "Ελένη Δήμου"),
    ("cp1255", "שרה לוי"), ("cp1256", "فاطمة حسن"), ("cp874", "สมชาย ใจดี"),
    ("cp932", "山田太郎"), ("euc_jp", "佐藤花子"), ("gb18030", "李娜"), ("big5", "陳大文"),
    ("cp949", "김철수"),
]  # fmt: skip


@pytest.mark.parametrize(("codec", "name"), RIGHT)
def test_one_name_tells_the_encoding(codec, name) -> None:
    profiles = read_roster(people([name], codec), "mentee")
    assert profiles.names == (name, "Ana Lima")
    finding = profiles.repairs.set_index("code").loc["encoding"]
    assert name.split()[0] in finding["value"]
    assert "encoding=" in finding["action"]


@pytest.mark.parametrize(
    ("codec", "name"),
    [("cp1250", "Győző Szűcs"), ("mac_latin2", "Věra Šťastná"), ("cp850", "Nicolò Pezzè"),
     ("cp1257", "Rūta Čepaitė"), ("cp1255", "דוד כהן"), ("cp850", "Åsa Björk"),
     ("mac_cyrillic", "Дмитрий Жуков")],
)  # fmt: skip
def test_words_that_may_be_garbled_are_shown_and_asked_about(codec, name) -> None:
    content = people([name], codec)
    profiles = read_roster(content, "mentee")
    question = profiles.questions.set_index("code").loc["encoding"]
    garbled = profiles.names[0]
    assert any(word in question["reading"] for word in garbled.split())
    lines = question["settle"].split("\n")
    assert all(line.startswith("encoding='") for line in lines)
    assert len(lines) > 1
    given = read_roster(content, "mentee", encoding=codec)
    assert given.names[0] == name
    assert not len(given.questions)


@pytest.mark.parametrize("codec", ["cp1252", "mac_roman"])
def test_a_whole_programme_is_read_without_a_question(codec) -> None:
    names = ["José Núñez", "Élodie Lefèvre", "Jürgen Groß", "Ana D’Angelo", "Åsa Björk", "Zoë Hall",
             "María Gómez", "João Simões"]  # fmt: skip
    profiles = read_roster(people(names, codec), "mentee")
    assert profiles.names == (*names, "Ana Lima")
    assert not len(profiles.questions)


@pytest.mark.parametrize(
    "text", ["“Law” and tax – it’s 50€", "don’t… l’art d’Ana", "20°C, ±2, 5×3", "2½ years", "«oui»"]
)
def test_signs_of_typography_are_no_doubt(text) -> None:
    verdict = encoding_of(text.encode("cp1252"))
    assert verdict.codec == "cp1252"
    assert not verdict.rivals
