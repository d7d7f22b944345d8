"""Several answers in one cell: where to split it."""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from mentormatch.rosters.answers import literal_list
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.repair import BLOCK_TAG, INLINE_TAG
from mentormatch.rosters.scales import LEVEL_WORDS
from mentormatch.rosters.table import TextColumn

RARE_SIGNS = (
    "·", "・", "•", "~", "～", "〜", "\\", "＼", "^", "¦", "／", "\u3000", "§", "¶", "→",
    " + ", " ＋ ",
)  # fmt: skip
"""Signs that part answers where the pieces recur, and are asked about where they do not."""
DASHES = (" - ", " – ", " — ", " -- ")
"""Signs that also stand within an option: they part answers only where the options show it."""
# list marks of other scripts, but not within parentheses
_WIDE = re.compile("[、；؛،﹑，︐︔｜](?![^（(]{0,200}[）)])")
_QUOTED = re.compile(r'(?:"[^"]+"|[^",;]+)(?:[,;]\s*(?:"[^"]+"|[^",;]+))*')
_MARKS = "'\"‘’‚“”„«»‹›「」『』"
_IN_QUOTES = re.compile(f"([{_MARKS}])(.*[^{_MARKS}])[{_MARKS}]")
_DOTS = "•‣▪●○◦·・∙⋅✓✔☑■□◆◇➢►▶※"
_BULLET = re.compile(rf"(?:^|\n)\s*(?:[{_DOTS}*]\s*|[-–—]\s+)")
_BETWEEN = re.compile(r"\s+[•‣▪●◦■◆➢►▶]\s+")
_DIGITS, _ROMAN, _LETTERS = r"\d{1,2}", "[ivx]{1,4}", "[a-zа-яابجدهو]"
_MARKER = re.compile(
    rf"(?:^|(?<=[\s,;、，；]))[(（\[]?({_DIGITS}|{_ROMAN}|{_LETTERS}|[一二三四五六七八九十])"
    r"[.)．）、\]]\s*(?=[^\d\s])|([①-⑳])\s*",
    re.IGNORECASE,
)
_COUNTS = (
    [str(number) for number in range(1, 100)],
    list("abcdefghijklmnopqrstuvwxyz"),
    ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"],
    list("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    list("一二三四五六七八九十"),
    list("абвгдежзиклм"),
    list("ابجدهو"),
)
"""How lists are counted."""
NUMBERS = "numbers"


def marked_list(text: str) -> tuple[list[str], str] | None:
    """Return the options of an answer that shows by its marks where to split, and what they are.

    JSON and Python lists, Postgres arrays, HTML, SharePoint's ``;#``, bullets, counted lists, tabs,
    quoted options, and the commas and semicolons of Chinese, Japanese, Arabic and Persian.

    Examples
    --------
    >>> marked_list('["Law","Art"]'), marked_list("3;#Law;#5;#Art")
    ((['Law', 'Art'], 'a JSON list'), (['Law', 'Art'], "';#'"))
    >>> marked_list("a) Law b) Art"), marked_list("Law<br>Art")
    ((['Law', 'Art'], 'numbers'), (['Law', 'Art'], 'HTML'))
    """
    word = text.strip()
    if word[:1] in "[{(" and word[-1:] in "]})" and (items := literal_list(word)) is not None:
        return items, "a JSON list"
    if word[:1] == "{" and word[-1:] == "}":
        items = next(csv.reader([word[1:-1]], escapechar="\\", skipinitialspace=True), [])
        return [item for item in _stripped(items) if item != "NULL"], "braces"
    if "<" in word and (BLOCK_TAG.search(word) or ("</" in word and INLINE_TAG.search(word))):
        pieces = BLOCK_TAG.split(word)
        return _stripped(html.unescape(INLINE_TAG.sub("", piece)) for piece in pieces), "HTML"
    if ";#" in word:
        return _looked_up(_stripped(word.split(";#"))), "';#'"
    if _BULLET.match(word):
        options = _bulleted(word)
        return (options, "bullets") if options else None
    if counted := _counted(word):
        return counted, NUMBERS
    if "\t" in word:
        return _stripped(word.split("\t")), "tabs"
    if not word.isascii() and _BETWEEN.search(word):
        return _stripped(_BETWEEN.split(word)), "bullets"
    if not word.isascii() and _WIDE.search(word):
        return _stripped(_WIDE.split(word)), "'、' or its like"
    if word.count('"') > 1 and _QUOTED.fullmatch(word):
        return _stripped([a or b for a, b in re.findall(r'"([^"]+)"|([^",;]+)', word)]), "quotes"
    return None


def _stripped(pieces: Iterable[str]) -> list[str]:
    return [piece.strip() for piece in pieces if piece.strip()]


def _looked_up(pieces: list[str]) -> list[str]:
    """Return the names of ``3;#Law;#5;#Art`` or ``Law;#3;#Art;#5`` without their numbers."""
    if len(pieces) % 2 == 0:
        for numbers, names in ((pieces[::2], pieces[1::2]), (pieces[1::2], pieces[::2])):
            if all(map(str.isdecimal, numbers)):
                return names
    return pieces


def _bulleted(word: str) -> list[str]:
    if "\n" in word:
        parts = _BULLET.split(word)
    elif word[0] in "-–—*":
        parts = re.split(rf"(?:^|\s+)[{re.escape(word[0])}]\s+", word)
        parts = [word[1:]] if len(parts) < 2 else parts
    else:
        parts = word.split(word[0])
    return _stripped(part.strip().rstrip(",;") for part in parts)


def _counted(word: str) -> list[str]:
    """Return the options of ``1. Law 2. Art`` and ``a) Law b) Art``; none of other texts."""
    found = list(_MARKER.finditer(word)) if _MARKER.match(word) else []
    if len(found) < 2:
        return []
    marks = [(match[1] or match[2]).casefold() for match in found]
    if not any(marks == count[: len(marks)] for count in _COUNTS):
        return []
    ends = [match.start() for match in found[1:]] + [len(word)]
    pieces = [word[match.end() : end] for match, end in zip(found, ends, strict=True)]
    return _stripped(piece.strip().rstrip(",;、，；") for piece in pieces)


class Splitter:
    """Splits the multi-answers of one column.

    An answer that shows by its marks where to split (`marked_list`) is split there. The others
    have one separator for the whole column: Microsoft Forms ends each option with ``;``, and its
    options may hold commas; Google Forms joins options with ``, ``, which is ambiguous when
    options hold commas. A comma splits unless it stands in parentheses, or the piece after it
    starts with a lower-case letter and belongs to the one before: in a column whose options start
    with capitals, or where neither piece ever stands without the other.
    """

    def __init__(
        self, texts: Sequence[str], separator: str | None = None, options: Sequence[str] = ()
    ) -> None:
        given = separator is not None
        self.marked = (
            {}
            if given
            else {text: found for text in texts if (found := marked_list(text)) is not None}
        )
        plain = [text for text in texts if text not in self.marked]
        in_tags = [o for parts, mark in self.marked.values() if mark == "HTML" for o in parts]
        self.separator = separator or _separator_of([*plain, *in_tags])
        self.given = given or bool(options)
        self.joined: dict[str, list[str]] = {}
        self._capitals = False
        self._inseparable: set[tuple[str, str]] = set()
        longest = sorted(options, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest)), re.I) if longest else None
        for text, (parts, mark) in self.marked.items():
            if mark == "HTML":
                self.marked[text] = [piece for part in parts for piece in self._cut(part)], mark
        if not given:
            self._count_off(texts)
        if self.separator == "," and not given:
            cut = [self._cut(text) for text in plain]
            pieces = {p for options in cut for p in options[1:] if p[:1].isalpha()}
            capitals = sum(p[0].isupper() for p in pieces)
            self._capitals = len(pieces) > 2 and capitals >= 0.7 * len(pieces)
            self._inseparable = _inseparable(cut, ticked=capitals >= 0.3 * len(pieces))

    def _count_off(self, texts: Sequence[str]) -> None:
        """Take the numbers off lists of one, ``1) Law``, in a column where lists are counted.

        Where every answer has a number and none is a counted list, it is the option's own.
        """
        marks = {text: mark for text, (_, mark) in self.marked.items()}
        numbered = [t for t in texts if marks.get(t) != NUMBERS and _MARKER.match(t)]
        lists = NUMBERS in marks.values()
        if not numbered or (not lists and len(numbered) == len(texts)):
            return
        bare = {piece.casefold() for text in texts for piece in self._cut(text)}
        for text in numbered:
            rest = _MARKER.sub("", text, count=1)
            found = marked_list(rest)
            cut = self._cut(rest) if found is None else found[0]
            pieces = [_MARKER.sub("", piece, count=1) for piece in cut]
            first = text[: len(text) - len(rest)].strip("()[]. （）．、")
            alone = any(first.casefold() == count[0] for count in _COUNTS)
            if lists or alone or all(piece.casefold() in bare for piece in pieces):
                self.marked[text] = pieces, NUMBERS

    def _cut(self, text: str) -> list[str]:
        if self.separator != ",":
            return [piece.strip() for piece in text.split(self.separator) if piece.strip()]
        pieces: list[str] = []
        depth = start = 0
        for place, sign in enumerate(text):
            depth += (sign in "([") - (sign in ")]" and depth > 0)
            if (
                sign == ","
                and not depth
                and not text[place - 1 : place + 2].replace(",", "0").isdigit()
            ):
                pieces.append(text[start:place])
                start = place + 1
        pieces.append(text[start:])
        return [piece.strip() for piece in pieces if piece.strip()]

    def _with_known(self, text: str, known: re.Pattern[str]) -> list[str]:
        """Return the options that were given, as they stand, and what is left between them."""
        pieces: list[str] = []
        start = 0
        for match in known.finditer(text):
            pieces += self._cut(text[start : match.start()])
            pieces.append(match.group())
            start = match.end()
        return pieces + self._cut(text[start:])

    def __call__(self, text: str) -> list[str]:
        """Return the options of one answer, without quotation marks around each."""
        pieces = self._parted(text)
        quoted = [_IN_QUOTES.fullmatch(piece) for piece in pieces]
        return [m[2] for m in quoted if m] if pieces and all(quoted) else pieces

    def _parted(self, text: str) -> list[str]:
        if (found := self.marked.get(text)) is not None:
            return found[0]
        if self._known is not None:
            return self._with_known(text, self._known)
        pieces = self._cut(text)
        if not self._capitals and not self._inseparable:
            return pieces
        merged: list[str] = []
        for before, piece in zip(["", *pieces], pieces, strict=False):
            belongs = (before, piece) in self._inseparable or (
                self._capitals and piece[0].islower()
            )
            if merged and belongs:
                merged[-1] = f"{merged[-1]}, {piece}"
                self.joined.setdefault(merged[-1], []).append(text)
            else:
                merged.append(piece)
        return merged


def splitter_of(column: TextColumn, reading: Reading) -> Splitter:
    """Return what splits the answers of a column, by what the caller settled about it."""
    header = column.header
    given = reading.choices
    return Splitter(column.texts, given.separators.get(header), given.options.get(header, ()))


def _separator_of(texts: Sequence[str]) -> str:
    for separator in (";", "\n", "|"):
        holding = sum(separator in text for text in texts)
        if holding and holding >= 0.1 * len(texts):
            return separator
    commas = sum("," in text for text in texts)
    whole = "\n".join(texts)
    least = max(0.1 * len(texts), commas)
    for sign in (sign for sign in RARE_SIGNS if sign in whole):
        if sum(sign in text for text in texts) >= least and recurring(texts, sign):
            return sign
    for sign in (sign for sign in DASHES if sign in whole):
        if sum(sign in text for text in texts) >= least and options_alone(texts, sign) > 1:
            return sign
    if commas:
        return ","
    if any(" / " in text for text in texts):
        return " / "
    return next((sign for sign in ("/", "+") if sign in whole and recurring(texts, sign)), ",")


def recurring(texts: Sequence[str], separator: str) -> bool:
    """Tell whether most of the pieces that a sign would make occur in several answers."""
    pieces = Counter(p for text in texts for p in set(_stripped(text.split(separator))))
    parted = {p for text in texts if separator in text for p in _stripped(text.split(separator))}
    return bool(parted) and sum(pieces[p] > 1 for p in parted) > 0.6 * len(parted)


def options_alone(texts: Sequence[str], sign: str) -> int:
    """Return how many pieces stand alone or in several places, where most pieces recur; else 0.

    In "Finance - Rome" each piece has its one place; "Python - advanced" has a level.
    """
    if not recurring(texts, sign):
        return 0
    alone = {text.strip() for text in texts if sign not in text}
    places: dict[str, set[bool]] = {}
    for text in texts:
        for place, piece in enumerate(_stripped(text.split(sign)) if sign in text else ()):
            places.setdefault(piece, set()).add(place == 0)
    if any(piece.casefold() in LEVEL_WORDS or piece.isdecimal() for piece in places):
        return 0
    return sum(piece in alone or len(of) > 1 for piece, of in places.items())


def _inseparable(answers: Sequence[Sequence[str]], *, ticked: bool) -> set[tuple[str, str]]:
    """Return pieces of one option: ``CVs``, ``interviews and tests``; ``Research``, ``clinical``.

    The second starts with a lower-case letter and only ever follows the first, which starts with
    a capital and never stands without such a second. Where the answers are `ticked`, not typed as
    a sentence, the first may have several seconds.
    """
    after: dict[str, Counter[str]] = {}
    before: dict[str, Counter[str]] = {}
    for options in filter(None, answers):
        for left, right in zip(options, [*options[1:], ""], strict=True):
            after.setdefault(left, Counter())[right] += 1
            before.setdefault(right, Counter())[left] += 1
        before.setdefault(options[0], Counter())[""] += 1
    found: set[tuple[str, str]] = set()
    for left, rights in after.items():
        own = all(right[:1].islower() and len(before[right]) == 1 for right in rights)
        if own and left[:1].isupper() and rights.total() > 1 and (ticked or len(rights) == 1):
            found |= {(left, right) for right in rights}
    return found
