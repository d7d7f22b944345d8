"""Which encoding a text file without a mark is in, from the words that are not ASCII.

Rosters hold few such words, so statistics of long texts do not help. Every codec is tried on each
word, and what comes out is judged: letters of one language, capitals in front, no signs within.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

SAMPLE = 1 << 14
"""Bytes of lines outside ASCII that are looked at."""
MARGIN = 2.0
"""By how much (nats) the best reading must beat the next one, else it is asked."""
ODD_WORD = 6.0
"""Cost of a letter, on average, from which on the best reading is doubtful by itself."""
SHOWN_WORDS = 3
"""How many words a finding shows, and how many other readings of a doubtful one."""
_FOREIGN, _WITHIN, _MIXED, _CAPITAL, _BESIDE, _LOST = 9.0, 7.0, 5.0, 3.0, 2.0, 12.0
_LANGUAGE = 1.0
_OPENING, _CLOSING, _OF_FIGURES = "“„«‘¿¡•", "”“»’ªº…", "€£½¼¾²³°×±"
_APART = r"\s,;|\t\"()<>/@:.\[\]-"
_WORD = re.compile(rf"[^{_APART}]*[^\x00-\x7f{_APART}][^{_APART}]*")
_ELISION = re.compile(r"\w{1,2}’(?:[aeiouhéèêæœ]|[A-Z]|(?:s|t|m|d|re|ve|ll)\b)")
"""O’Brien, d’Angelo, l’art, Ana’s, don’t."""

# letters outside ASCII by language, the commonest first
_LATIN = {
    "es": "éáíóñúü", "fr": "éèçëêïôâîàûœùüÿæ", "de": "üöäßé", "pt": "ãçáéíóêõâúôà", "it": "òèàùìé",
    "sv": "öäåé", "da": "øåæéö", "is": "óáíéúðþöýæ", "nl": "ëéïèöü", "ca": "éòíàóèúçïü",
    "pl": "łóśęążćńź", "cs": "áíéěřšžčýúůňťď", "sk": "áíéšžčýúľňťďôĺŕä", "hu": "áéóöüőíúű",
    "ro": "ăâșțîşţ", "hr": "ćčšžđ", "tr": "üıöşçğiâ", "lt": "ūčšžėįęąų", "lv": "āēīšžņļķģū",
    "et": "äõöüšž", "sq": "ëç",
}  # fmt: skip
_OTHER = {
    "ru": "аиоенртлсвкмдяуйьгпбшчхыжзюфцэщёъ", "uk": "аоинерітлксвмдуяькгпбйшчхжзюїєцщґф",
    "bg": "аиоетнрвлсдкмягпуъбчзхцжшюйщфь", "sr": "аиоенрсјтвлкмдупбгзћчшњжђхцљфџ",
    "el": "αοιςσνηετρκλμπυδγςωάίόέθφχήύβζξώψϊϋ",
    "he": "יולרמאהבנתשדחעקפגםןסזכטצךףץ", "ar": "ايملرنبدعحتسوةفهقشكجصخزطىضأذغثظإآؤئء",
    "fa": "ایرنمدهسبتلوشزعفکحجقپخگصطغضثچظذژ",
    "th": "านรกมลวัชยอสตทพจิีด์ศณปุคะธขหบ่้งไเแโใูำ็ผภถฉซฐญฟฬฤฑฎฏฌฒฃ",
}  # fmt: skip
# characters of names and of work
_COMMON = {
    "zh": "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜"
        "叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦方白邹孟熊秦邱江尹薛段雷侯龙史陶黎贺顾"
        "毛郝龚邵万钱严伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂小大子文华建国玉红海春"
        "梅雪晓志俊宇欣怡轩梓涵的一是不了在有人我他这个们来到时要就出会可也你对生能法学年发作"
        "经技业数理管领导沟通职展市场销售工北京上部门",
    "zht": "陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐周葉蘇莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧"
        "梁趙顏柯翁魏孫戴范方宋鄧杜傅侯曹薛丁卓馬阮董溫唐藍石蔣古紀姚連歐程湯田康姜汪白鄒尤巫"
        "大文美麗雅婷怡君志明俊傑家豪淑芬宏偉建國華玉英惠心小子的一是不了在有人我他這個們來到"
        "時要就出會可也你對生能法學年發作經技業數理管領導溝通職展市場銷售工台北香港部門",
    "ja": "山田太郎佐藤花子高橋鈴木中村小林加吉井斎松本清水森池阿部石川前岡長谷後近青坂遠福西三"
        "原竹内上金和野渡辺伊東大島平今河杉丸菅久保新宮美香恵一二真由優奈健翔介輝陽菜結衣愛悠"
        "斗拓也直樹誠隆浩明博之幸雄正英法務術税業職開発営門技画管理経験年月日人語学会社員目標"
        "希望支援相談指導成研究京阪・ー",
    "ko": "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지"
        "나엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모영수미은경희숙철"
        "준호재상훈동아다가의는을를로에과법사개발리더십",
}  # fmt: skip
_WEST = ("es", "fr", "de", "pt", "it", "sv", "da", "is", "nl", "ca", "et", "sq")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "de")
_SLAVIC = ("ru", "uk", "bg", "sr")


@dataclass(frozen=True)
class _Codec:
    """A codec, what people call it, its languages, and how unlikely it is before a look (nats)."""

    name: str
    spoken: str
    languages: tuple[str, ...]
    prior: float


CODECS = tuple(
    _Codec(*row)
    for row in (
        ("cp1252", "Windows-1252", _WEST, 0.0), ("mac_roman", "Mac Roman", _WEST, 2.0),
        ("cp1250", "Windows-1250", _CENTRAL, 1.5), ("cp1251", "Windows-1251", _SLAVIC, 0.0),
        ("iso8859_15", "ISO-8859-15", _WEST, 2.5), ("iso8859_2", "ISO-8859-2", _CENTRAL, 2.0),
        ("cp850", "DOS 850", _WEST, 3.0), ("cp852", "DOS 852", _CENTRAL, 4.0),
        ("mac_latin2", "Mac Central European", _CENTRAL, 4.0),
        ("mac_croatian", "Mac Croatian", ("hr",), 5.0), ("iso8859_16", "ISO-8859-16", ("ro",), 4.5),
        ("cp1254", "Windows-1254", ("tr", "de"), 1.5), ("mac_turkish", "Mac Turkish", ("tr",), 4.5),
        ("cp1257", "Windows-1257", ("lt", "lv", "et"), 2.5),
        ("koi8_r", "KOI8-R", ("ru", "bg"), 0.5), ("koi8_u", "KOI8-U", ("uk", "ru"), 0.7),
        ("iso8859_5", "ISO-8859-5", _SLAVIC, 1.5), ("cp866", "DOS 866", ("ru", "bg"), 1.0),
        ("mac_cyrillic", "Mac Cyrillic", _SLAVIC, 1.0),
        ("cp1253", "Windows-1253", ("el",), 0.0), ("iso8859_7", "ISO-8859-7", ("el",), 0.5),
        ("cp1255", "Windows-1255", ("he",), 0.0), ("cp1256", "Windows-1256", ("ar", "fa"), 0.0),
        ("iso8859_6", "ISO-8859-6", ("ar",), 1.0), ("cp874", "Windows-874", ("th",), 0.0),
        ("cp932", "Shift-JIS", ("ja",), 0.0), ("euc_jp", "EUC-JP", ("ja",), 1.0),
        ("gb18030", "GB18030", ("zh",), 0.0), ("big5", "Big5", ("zht",), 0.0),
        ("cp949", "EUC-KR", ("ko",), 0.0),
    )
)  # fmt: skip
_DAILY = {"cp932": (0x88, 0x97), "euc_jp": (0xB0, 0xCF), "gb18030": (0xB0, 0xD7),
          "big5": (0xA4, 0xC6), "cp949": (0xB0, 0xC8)}  # fmt: skip
"""Lead bytes of the characters in daily use."""


@dataclass(frozen=True)
class Verdict:
    """How a file is read: the codec, words by it, and other readings that are as good.

    rivals : (codec, words) of each; empty where nothing is in doubt.
    """

    codec: str
    spoken: str
    words: tuple[str, ...]
    rivals: tuple[tuple[str, tuple[str, ...]], ...]


def encoding_of(content: bytes) -> Verdict:
    """Return the codec that reads the words outside ASCII best, and those that may be meant.

    Notes
    -----
    A reading costs, in nats, what its letters cost in the language that suits a word best, and
    more for capitals after small letters, signs within words and mixed scripts. Time
    O(codecs x languages x sample).
    """
    lines = list(dict.fromkeys(line for line in content.split(b"\n") if not line.isascii()))
    sample = b"\n".join(lines)
    if len(sample) > SAMPLE:
        sample = sample[:SAMPLE].rpartition(b"\n")[0] or sample[:SAMPLE]
    readings = []
    for place, codec in enumerate(CODECS):
        words = tuple(dict.fromkeys(_WORD.findall(sample.decode(codec.name, "replace"))))
        readings.append((codec.prior + _cost(words, codec), place, codec, words))
    readings.sort(key=lambda reading: reading[:2])
    least, _, best, words = readings[0]
    letters = sum(sign > "\x7f" for word in words for sign in word)
    doubtful = least - best.prior > ODD_WORD * letters or any(_shape(w) >= _WITHIN for w in words)
    rivals: dict[tuple[str, ...], str] = {}
    for cost, _, codec, other in readings[1:]:
        near = cost - least < MARGIN or (doubtful and len(rivals) < SHOWN_WORDS)
        if near and other != words and not any("\ufffd" in word for word in other):
            rivals.setdefault(other, codec.name)
    return Verdict(best.name, best.spoken, words, tuple((c, w) for w, c in rivals.items()))


def _cost(words: Sequence[str], codec: _Codec) -> float:
    """Return what the words cost, each in the language that suits it best, and each language."""
    total = 0.0
    spoken = set()
    costs = {language: _letters(language, codec.name) for language in codec.languages}
    for word in words:
        least, language = min((sum(map(cost, word)), name) for name, cost in costs.items())
        total += least + _shape(word)
        spoken.add(language)
    return total + _LANGUAGE * len(spoken)


def _letters(language: str, codec: str) -> Callable[[str], float]:
    """Return what one sign costs in a language."""
    if language in _COMMON:
        return partial(_character, common=_COMMON[language], codec=codec, kana=language == "ja")
    if language in _LATIN:
        return partial(_letter, alphabet=_LATIN[language], first=1.5, step=0.15)
    return partial(_letter, alphabet=_OTHER[language], first=1.9, step=0.1)


def _letter(sign: str, *, alphabet: str, first: float, step: float) -> float:
    if sign <= "\x7f" or not (sign.isalpha() or unicodedata.combining(sign)):
        return 0.0
    rank = alphabet.find(sign.lower()[:1])  # İ is a dotted i, in ASCII as in Turkish
    return _FOREIGN if rank < 0 else first + step * rank


def _character(sign: str, *, common: str, codec: str, kana: bool) -> float:
    if sign <= "\x7f" or sign == "\ufffd":
        return 0.0
    if "\uff61" <= sign <= "\uff9f":  # of half width
        return 9.0
    if sign in common or not sign.isalpha():
        return 4.0
    if "\u3040" <= sign <= "\u30ff":
        return 3.0 if kana else 11.0
    low, high = _DAILY[codec]
    spelt = sign.encode(codec, "replace")
    return 7.0 if len(spelt) == 2 and low <= spelt[0] <= high and spelt[1] > 0x3F else 11.0


def _shape(word: str) -> float:
    """Return what is odd about a word whatever its language: signs, capitals, mixed scripts."""
    cost = 0.0
    small = any(map(str.islower, word))
    for place, sign in enumerate(word):
        before = word[place - 1] if place else ""
        if sign > "\x7f" and not sign.isalpha() and not unicodedata.combining(sign):
            cost += _sign(word, place)
        if not (before.isalpha() and sign.isalpha()):
            continue
        cost += _CAPITAL * (small and sign.isupper())
        scripts = {_script(letter) for letter in (before, sign) if letter > "\x7f"}
        if before > "\x7f" < sign:
            cost += _BESIDE if scripts == {"L"} else _MIXED * (len(scripts) > 1)
        elif scripts - {"L"}:
            cost += _MIXED
    return cost


def _sign(word: str, place: int) -> float:
    sign, first, last = word[place], place == 0, place == len(word) - 1
    if sign == "\ufffd" or unicodedata.category(sign) in ("Cc", "Cn", "Co"):
        return _LOST
    if sign == "’" and _ELISION.match(word, max(0, place - 2)):
        return 0.0
    around = [] if first else [word[place - 1]]
    around += [] if last else [word[place + 1]]
    if sign in "–—" and not all(map(str.isalpha, around)):
        return 0.0
    if sign in _OF_FIGURES and any(map(str.isdecimal, around)):
        return 0.0
    if (first and sign in _OPENING) or (last and sign in _CLOSING) or (first and last):
        return 1.5
    return 4.0 if "\u3000" <= sign <= "\u303f" or sign >= "\uff00" else _WITHIN


def _script(sign: str) -> str:
    """Return one letter for a script: L for Latin, C and G for Cyrillic and Greek, O for others."""
    if sign < "\u0250":
        return "L"
    if sign < "\u0400":
        return "G"
    return "C" if sign < "\u0530" else "O"
