"""Ordered scales that people answer on, known in full so that both rosters count alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from mentormatch.rosters.vocabulary import (
    fold_header,
    is_one_of,
    ladders,
    plain_letters,
    title_endings,
)

LEVEL_WORDS: dict[str, float] = {
    "none": 0, "no experience": 0, "not at all": 0, "no knowledge": 0,
    "beginner": 1, "basic": 1, "basics": 1, "novice": 1, "foundation": 1, "awareness": 1,
    "elementary": 1, "low": 1, "entry": 1, "learner": 1, "some": 1, "limited": 1,
    "intermediate": 2, "working": 2, "medium": 2, "moderate": 2, "competent": 2,
    "practitioner": 2, "good": 2, "conversational": 2,
    "advanced": 3, "proficient": 3, "high": 3, "strong": 3, "experienced": 3, "fluent": 3,
    "very good": 3, "skilled": 3,
    "expert": 4, "master": 4, "native": 4, "excellent": 4, "mother tongue": 4, "very high": 4,
}  # fmt: skip
"""Words for a level of skill: 0 none, 1 beginner, 2 intermediate, 3 advanced, 4 expert."""

CIVIL_SERVICE = (
    "AA",
    "AO",
    "EO",
    "HEO",
    "SEO",
    "Grade 7",
    "Grade 6",
    "SCS1",
    "SCS2",
    "SCS3",
    "SCS4",
)
AGREEMENT = (
    "Strongly disagree",
    "Disagree",
    "Neither agree nor disagree",
    "Agree",
    "Strongly agree",
)
FREQUENCY = ("Never", "Rarely", "Sometimes", "Often", "Always")
IMPORTANCE = (
    "Not at all important", "Slightly important", "Moderately important", "Very important",
    "Extremely important",
)  # fmt: skip
RHYTHM = (
    "Once a year", "Twice a year", "Quarterly", "Every two months", "Monthly", "Every two weeks",
    "Weekly", "Several times a week", "Daily",
)  # fmt: skip
CAREER = (
    "Intern", "Junior", "Professional", "Senior", "Lead", "Manager", "Senior manager", "Director",
    "Senior director", "Vice president", "Senior vice president", "President",
)  # fmt: skip
FINANCE = (
    "Analyst", "Associate", "Senior associate", "Vice president", "Director", "Managing director",
    "Partner",
)  # fmt: skip
_PATTERNS: dict[tuple[str, ...], tuple[str, ...]] = {
    CIVIL_SERVICE: (
        r"aa|administrative assistant", r"ao|administrative officer", r"eo|executive officer",
        r"heo|higher executive officer|heo ?/? ?d|fast ?stream(?:er)?", r"seo"
        r"|senior executive officer",
        r"(?:g|grade) ?7", r"(?:g|grade) ?6", r"scs ?(?:pb)? ?1|deputy director",
        r"scs ?(?:pb)? ?2", r"scs ?(?:pb)? ?3|director general", r"scs ?(?:pb)? ?4"
        r"|permanent secretary",
    ),
    AGREEMENT: (
        r"strongly disagree", r"(?:somewhat )?disagree",
        r"neutral|neither(?: agree)?(?: n?or disagree)?|undecided", r"(?:somewhat )?agree",
        r"strongly agree",
    ),
    FREQUENCY: (r"never", r"rarely|seldom", r"sometimes|occasionally", r"often|frequently|usually",
                r"always|almost always"),
    IMPORTANCE: (
        r"not (?:at all )?important|unimportant", r"(?:slightly|somewhat|a little) important",
        r"(?:moderately )?important|neutral", r"very important", r"(?:extremely|most) important"
        r"|essential|critical",
    ),
    RHYTHM: (
        r"(?:once a year|yearly|annually)", r"(?:twice a year|every (?:six|6) months|half ?yearly)",
        r"(?:quarterly|(?:once )?(?:every|per|a) (?:quarter|three months|3 months))",
        r"(?:every (?:two|2|other|second) months?|bi ?monthly)",
        r"(?:(?:once )?(?:monthly|a month|per month|every month|every (?:four|4) weeks))",
        r"(?:every (?:two|2|other|second) weeks?|bi ?weekly|fortnightly|twice (?:a|per) month"
        r"|once a fortnight|(?:two|2) times (?:a|per) month|(?:every|a|per) fortnight)",
        r"(?:(?:once )?(?:weekly|a week|per week|every week))",
        r"(?:several|few|two|three|2|3) times (?:a|per) week|twice (?:a|per) week"
        r"|a few times a week",
        r"daily|every day|once a day",
    ),
    CAREER: (
        r"intern|trainee|apprentice|graduate|student", r"junior|entry(?: level)?|associate"
        r"|assistant",
        r"professional|mid(?: ?level)?|intermediate|individual contributor|analyst|specialist",
        r"senior|senior (?:professional|level|analyst|specialist|associate)",
        r"(?:team |tech )?lead|principal|staff|supervisor|team leader",
        r"manager|middle management", r"senior manager|head(?: of .*)?", r"director",
        r"senior director|executive director",
        r"vp|vice president|avp", r"svp|evp|senior vice president|executive vice president",
        r"president|ceo|c level|c suite|executive|chief .*",
    ),
    FINANCE: (
        r"(?:junior |summer |senior )?analyst", r"associate", r"senior associate"
        r"|assistant vice president|avp", r"vp|vice president|svp|senior vice president",
        r"(?:executive )?director|ed|principal", r"managing director|md", r"partner",
    ),
}  # fmt: skip


def fold(text: str) -> str:
    """Return a text as the scales' patterns expect it: lower case, words only."""
    return re.sub(r"[^\w]+", " ", text.casefold()).strip()


def place_on(scale: tuple[str, ...], text: str) -> int | None:
    """Return the position of an answer on a known scale, None if it is not on it."""
    word = re.sub(r" (?:level|grade|band|staff)$", "", fold(text))
    for place, pattern in enumerate(_PATTERNS[scale]):
        if re.fullmatch(pattern, word):
            return place
    return None


def known_scale(
    texts: Sequence[str], scales: Sequence[tuple[str, ...]], share: float = 1.0
) -> tuple[str, ...] | None:
    """Return the scale that holds at least this share of the distinct answers, else None."""
    if not texts:
        return None
    most_off = len(texts) - max(1, share * len(texts))
    held = {
        scale: len(texts) - off
        for scale in scales
        if (off := _not_on(scale, texts, most_off)) <= most_off
    }
    return max(held, key=lambda scale: held[scale]) if held else None


def _not_on(scale: tuple[str, ...], texts: Sequence[str], most: float) -> int:
    """Return how many answers are not on a scale; counting ends where there are too many."""
    off = 0
    for text in texts:
        off += place_on(scale, text) is None
        if off > most:
            break
    return off


def numbered_scale(texts: Sequence[str]) -> tuple[tuple[str, ...], dict[str, float]] | None:
    """Read a scale whose answers carry their own numbers, so that both rosters count alike.

    ``4. I have taught it`` sits at 4; ``Manager Level 30-39`` sits at 3, because its range is ten
    wide. Levels that nobody chose are named by their numbers.

    Returns
    -------
    labels
        Names of the levels 0, 1, ..., highest seen.
    places
        Position of every text.
    """
    found = {text: _own_number(text) for text in texts}
    if not texts or any(value is None for value in found.values()):
        return None
    numbered = {text: value for text, value in found.items() if value is not None}
    widths = {width for _, width in numbered.values()}
    if len(widths) > 1 or len(texts) < 2:
        return None
    width = widths.pop()
    places = {text: start // width for text, (start, _) in numbered.items()}
    if max(places.values()) > 30 or len(set(places.values())) < len({fold(t) for t in texts}):
        return None
    top = max(places.values())
    blank = [
        f"{k * width}-{k * width + width - 1}" if width > 1 else str(k) for k in range(top + 1)
    ]
    for text in sorted(places):
        blank[places[text]] = text
    return tuple(blank), {text: float(place) for text, place in places.items()}


_GRADE = re.compile(
    r"([^\W\d_]{1,4}|[^\W\d_]+(?: [^\W\d_]+)?)\.?[\s-]*(\d{1,2})"
    r"|(?:([^\W\d_]+(?: [^\W\d_]+)?)[\s.-]+)?(X{0,2}(?:IX|IV|V?I{1,3}|V|X))"
    r"|(\d{1,2})(?:st|nd|rd|th|er|ère|re|e|è|ème|eme|[.º°ª])?[\s-]*([^\W\d_]+)|([A-Z]{1,4})"
)
_ROMAN = {"I": 1, "V": 5, "X": 10}


def grade_codes(texts: Sequence[str]) -> dict[str, tuple[str, int]] | None:
    """Return (letters, number) of ``IC3``, ``Level II``, ``3rd year``, ``LT`` for each, else None.

    Roman numbers count only where all grades have one behind the same letters, or none.
    """
    codes = {}
    romans = set()
    for text in texts:
        match = _GRADE.fullmatch(text.strip())
        if match is None:
            return None
        letters, number, prefix, roman, ordinal, unit, alone = match.groups()
        if roman is not None and prefix is None:  # I, V and X are letters as well
            romans.add(text)
        found = number or ordinal or (str(_from_roman(roman)) if roman else "0")
        codes[text] = (letters or unit or alone or prefix or "").upper(), int(found)
    if romans and len(romans) < len(codes):
        return {t: (t.strip().upper(), 0) if t in romans else code for t, code in codes.items()}
    return codes or None


def _from_roman(word: str) -> int:
    values = [_ROMAN[sign] for sign in word]
    return sum(-v if v < max(values[k:]) else v for k, v in enumerate(values))


def rises_by_number(codes: Mapping[str, tuple[str, int]]) -> bool:
    """Tell whether the letters say no more than level or grade, the same for all.

    British grades 5 to 7 count down, others up: of these alone nobody can tell.
    """
    letters = {fold(plain_letters(code[0])) for code in codes.values()}
    if len(letters) != 1:
        return False
    word = letters.pop()
    if word in ("grade", "g", "gr") and {number for _, number in codes.values()} <= {5, 6, 7}:
        return False
    return not word or is_one_of("grades", "rising")(word)


def by_number(texts: Iterable[str]) -> list[str]:
    """Return texts in the order of the numbers in them: GS-9 before GS-12, 7 before 7a."""
    return sorted(texts, key=_by_number)


def _by_number(text: str) -> tuple[tuple[str, int], ...]:
    parts = re.split(r"(\d+)", fold(text))
    return tuple(("", int(part)) if part.isdecimal() else (part, 0) for part in parts)


def same_letters(texts: Sequence[str]) -> bool:
    """Tell whether texts differ in a number, or a number and a letter behind it, alone."""
    parted = [re.fullmatch(r"(.*?)(\d+) ?([a-z]?)", fold(text)) for text in texts]
    return len(texts) > 1 and all(parted) and len({match[1] for match in parted if match}) == 1


def by_ladder(codes: Mapping[str, tuple[str, int]]) -> list[str] | None:
    """Return grades from lowest to highest by a usual ladder (IC before M before D), else None.

    Numbers that nobody has are filled in, so that a step is a step on both rosters.
    """
    letters = {code[0] for code in codes.values()}
    for ladder in (list(map(str.upper, steps)) for steps in ladders()):
        if letters <= set(ladder):
            break
    else:
        return None
    spelt = {code: text for text, code in sorted(codes.items(), reverse=True)}
    order: list[str] = []
    for step in ladder:
        numbers = [number for letter, number in spelt if letter == step]
        if numbers:
            every = range(min(numbers), max(numbers) + 1)
            order += [spelt.get((step, number), f"{step}{number}") for number in every]
    return order


LONGEST_STEP = 300
"""No step of a scale is worded in more characters."""


def _own_number(text: str) -> tuple[int, int] | None:
    """Return (number, width of its range) of ``4. I have`` or ``Level 30-39``."""
    if len(text) > LONGEST_STEP:
        return None
    if (lead := re.match(r"\s*(\d{1,2})\s*[.):–-]\s*(?=[^\W\d])", text)) is not None:
        return int(lead.group(1)), 1
    if (span := re.search(r"[^\W\d].*?\b(\d+)\s*[-–]\s*(\d+)\s*$", text)) is not None:
        low, high = int(span.group(1)), int(span.group(2))
        width = high - low + 1
        return (low, width) if width > 1 and low % width == 0 else None
    return None


# --- forms of one title ------------------------------------------------------------------------

MOST_TITLES = 200
"""In a column with more different answers nobody looks for forms of one title."""


def are_forms(one: str, other: str) -> bool:
    """Tell whether two titles are one for a woman and for a man: Direktorin, Direktor.

    Examples
    --------
    >>> are_forms("Directrice générale", "Directeur général"), are_forms("Manager", "Director")
    (True, False)
    """
    ours, theirs = _title(one).split(), _title(other).split()
    return len(ours) == len(theirs) and all(map(_same_word, ours, theirs))


def _title(text: str) -> str:
    return fold_header(re.sub(r"/-?(?=in(?:nen)?\b)|(?<=\w)[(](?=\w+[)])|(?<=\w)[)]", "", text))


def _same_word(one: str, other: str) -> bool:
    return one == other or any(
        one.endswith(mine) and other.endswith(theirs)
        and one[: len(one) - len(mine)] == other[: len(other) - len(theirs)]
        and len(one) - len(mine) > 2
        for endings in title_endings() for mine in endings for theirs in endings
    )  # fmt: skip


def one_form(texts: Sequence[str], counts: Sequence[int]) -> dict[str, str]:
    """Return the form to read each title as: the first of those that are forms of one title.

    The commonest comes first, then the shortest.
    """
    if len(texts) > MOST_TITLES:
        return {text: text for text in texts}
    shown: dict[str, str] = {}
    ranked = sorted(zip(texts, counts, strict=True), key=lambda t: (-t[1], len(t[0]), t[0]))
    for text, _ in ranked:
        halves = [half for half in re.split(r"\s*/\s*", text) if half]
        plain = halves[0] if len(halves) == 2 and are_forms(*halves) else text
        known = (form for form in dict.fromkeys(shown.values()) if are_forms(plain, form))
        shown[text] = next(known, plain)
    return shown
