"""Availability: what people write about their week, as quarter hours, and their time zones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from unicodedata import combining, normalize

import numpy as np
import numpy.typing as npt

from mentormatch.rosters.columns import SLOT_MINUTES, SLOTS_PER_WEEK
from mentormatch.rosters.findings import Finding
from mentormatch.rosters.remembered import remembered
from mentormatch.rosters.vocabulary import languages

DAY_SLOTS = SLOTS_PER_WEEK // 7
DAY_MINUTES = 24 * 60
WEEKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
PARTS = {
    "morning": (9 * 60, 12 * 60),
    "lunch": (12 * 60, 13 * 60),
    "afternoon": (13 * 60, 17 * 60),
    "evening": (17 * 60, 20 * 60),
    "night": (20 * 60, 23 * 60),
    "early morning": (7 * 60, 9 * 60),
    "late afternoon": (15 * 60, 17 * 60),
    "early evening": (17 * 60, 19 * 60),
    "before work": (7 * 60, 9 * 60),
    "after work": (17 * 60, 20 * 60),
    "working day": (9 * 60, 17 * 60),
    "any time": (8 * 60, 20 * 60),
}
"""What the words for parts of the day mean, in minutes after midnight, local time."""

DAY_WORDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:mon|tues?|wednes|wed|thu(?:rs?)?|fri|satur|sat|sun)(?:days?)?s?\b\.?"
_CLOCK = (
    r"(?:[0-2]\d[0-5]\d(?!\d)"
    r"|\d{1,2}(?:[:.h]\d{2}|\d{2}(?=\s*(?:-|[ap]m|h\b)))?\s*(?:[ap]m|h(?:rs?)?\b|o'?clock)?)"
)
_SCAN = re.compile(
    rf"(?P<dayrange>{_DAY}\s*-\s*{_DAY})"
    rf"|(?P<day>\b{_DAY})"
    r"|(?P<phrase>\b(?:early mornings?|late afternoons?|early evenings?|before work|after work)\b)"
    r"|(?P<days>\b(?:week\s?days?|working days|work\s?days?|business days)\b)"
    r"|(?P<weekend>\bweek\s?ends?\b)"
    r"|(?P<daily>\b(?:every\s?day|daily|any day|all days|all week|each day|7 days)\b)"
    r"|(?P<always>\b(?:any\s?time|always|flexible|all day(?: long)?|whenever|fully available"
    r"|open|whole day|full day)\b)"
    r"|(?P<office>\b(?:(?:office|business|working|work) hours)\b)"
    r"|(?P<self>\bi am\b)"
    r"|(?P<part>\b(?:mornings?|[ap]m|afternoons?|evenings?|nights?|lunch(?:\s?times?| ?hours?"
    r"| breaks?)?|midday)\b)"
    rf"|(?P<onward>(?<![\d.:]){_CLOCK}\s*(?:\+|(?:onwards?|or later|and later|and after)\b))"
    rf"|(?P<span>(?:from |between )?(?<![\d.:]){_CLOCK}\s*(?:-|\band\b(?=\s*\d))\s*{_CLOCK})"
    rf"|(?P<after>\b(?:after|from|since|later than)\s+{_CLOCK})"
    rf"|(?P<before>\b(?:before|by|until|earlier than)\s+{_CLOCK})"
    rf"|(?P<clock>(?<![\d.:]){_CLOCK})"
    r"|(?P<filler>\b(?:and|or|on|in|at|the|between|from|of|i|i'm|is|are|can|could|usually"
    r"|only|mostly|generally|available|free|work|works|best|for|me|preferably|ideally|prefer|also"
    r"|during|time|times|hours?|around|both|please|local|each|all|yes|a|to|meet|my"
    r"|any|every|week|weeks|onwards?)\b|[&/+().'])"
    r"|(?P<comma>,)"
)
_REFUSED = re.compile(
    r"\b(?:except|not|un-?available|busy|cannot|can't|cant|but|never|no|other than|apart from"
    r"|every (?:other|second)|alternate|fortnight\w*|varies|depends)\b"
)
_WORDS = {
    **{day: day for day in DAY_WORDS}, "mornings": "mornings", "afternoons": "afternoons",
    "evenings": "evenings", "weekdays": "weekdays", "weekends": "weekends", "daily": "daily",
    "any_time": "any time", "all_day": "all day", "after": "after", "lunch": "lunch",
    "and": "and", "to": "-", "from": "from", "filler": "",
}  # fmt: skip
"""Keys of the vocabulary's hours, in the order in which they are put into English -> English."""


@cache
def _foreign_words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for key, english in _WORDS.items():
        words = [
            word
            for code, vocabulary in languages().items()
            if code != "en"
            for word in vocabulary.get("hours", {}).get(key, ())
        ]
        found.append((english, re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")))
    return tuple(found)


_GERMAN_DAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
_GERMAN_SHORT = re.compile(
    r"(?:\b(?:mo|di|mi|do|fr|sa|so|uhr|und|bis|von|ab|nach|h|vormittags?|nachmittags?|abends?"
    r"|ganztags|ganztägig)\b"
    r"|[\d\s.:,;/&+|‐-―−-])+"
)
_TIDY = re.compile(
    rf"(?:(?:{'|'.join(DAY_WORDS)}) [012]?\d:[0-5]\d-[012]?\d:[0-5]\d(?:; (?!$)|$))+"
)
"""Weeks that `_normalise` has nothing to do with."""
_NEVER = re.compile(r"(?:none|never|not available|unavailable|no availability|n/?a)\.?")


@dataclass(frozen=True, eq=False)
class Week:
    """A week as read: bool (672,) where free, or None; and what had to be guessed."""

    slots: npt.NDArray[np.bool_] | None
    finding: Finding | None = None


@remembered
def parse_week(text: str, slot: int = 60) -> Week:
    """Read words about a week, e.g. ``Mon 9-11; Wed 14:00-16:00`` or ``weekday mornings``.

    Parameters
    ----------
    text
        What somebody wrote. Days and times in any order, 12- and 24-hour clocks.
    slot
        Minutes that a single time such as ``8AM`` stands for.

    Returns
    -------
    Week
        `slots` is None where the text cannot be read; `finding` says what was guessed.
    """
    tidy = _normalise(text)
    if _NEVER.fullmatch(tidy.strip()):
        return Week(np.zeros(SLOTS_PER_WEEK, dtype=bool))
    if _REFUSED.search(tidy):
        return _not_read()
    slots = np.zeros(SLOTS_PER_WEEK, dtype=bool)
    guesses: list[str] = []
    inherited: tuple[int, ...] = ()
    for segment in re.split(r"[;|\n]", tidy):
        found, guessed = _scan_segment(segment, slot)
        guesses += guessed
        if found is None:
            return _not_read()
        for days, spans in found:
            if not days and not inherited and spans:
                guesses.append("no day named: read as Monday to Friday")
            chosen = days or inherited or WEEKDAYS
            inherited = chosen if days else inherited
            if not spans:
                guesses.append("no time named: read as 9:00-17:00")
            for start, end in spans or [PARTS["working day"]]:
                for day in chosen:
                    _mark(slots, day, start, end, guesses)
    if not slots.any():
        return _not_read()
    if not guesses:
        return Week(slots)
    words = "; ".join(dict.fromkeys(guesses))
    return Week(slots, Finding("hours_guess", "the hours leave something open", words))


def _not_read() -> Week:
    finding = Finding(
        "hours",
        "these hours cannot be read",
        "read as not answered; write them like 'Mon 9:00-11:00; Wed 14:00-16:00'",
    )
    return Week(None, finding)


def _in_english(folded: str) -> str:
    """Return words of other languages for days and their parts in English."""
    if _GERMAN_SHORT.fullmatch(folded):  # "so" and "do" are days in a German week only
        for short, english in zip(_GERMAN_DAYS, DAY_WORDS, strict=True):
            folded = re.sub(rf"\b{short}\b\.?", english, folded)
    for english, words in _foreign_words():
        folded = words.sub(english, folded)
    return folded


def _normalise(text: str) -> str:
    folded = text.casefold()
    if _TIDY.fullmatch(folded):
        return folded
    tidy = _in_english(folded.replace("’", "'"))
    tidy = re.sub(r"\b(?:12\s*)?noon\b", "12pm", tidy)
    tidy = re.sub(r"\bmid-?night\b", "24:00", tidy)
    # "Tue until noon" has no beginning; "9 until noon" has one
    tidy = re.sub(r"(?<![\dmkh])\s+(?:until|till?|up to)\s+(?=\d)", " before ", tidy)
    tidy = re.sub(r"[‐-―−~]|\b(?:to|till?|until|through|thru)\b(?=\s*\S)", "-", tidy)
    tidy = re.sub(r"\bm\s*-\s*f\b", "mon-fri", tidy)
    tidy = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", tidy)
    tidy = re.sub(r"(?<=\d)\s+(?=[ap]m\b)", "", tidy)
    return re.sub(r"^\s*-|-\s*$", "", re.sub(r":(?!\d)", " ", tidy))


@remembered
def _scan_segment(segment: str, slot: int) -> tuple[list[_Group] | None, list[str]]:
    """Return groups of (days, spans of minutes), and what was guessed.

    No groups (None) where a word is not understood. Days may come before their times or after them.
    Where commas part a segment into pieces that each have both, they decide; else the first word
    does.
    """
    guesses: list[str] = []
    pieces: list[list[_Token]] = [[]]
    position = 0
    for token in re.finditer(r"\S", segment):
        if token.start() < position:
            continue
        match = _SCAN.match(segment, token.start())
        if match is None:
            return None, guesses
        position = match.end()
        kind = str(match.lastgroup)
        if kind == "comma":
            pieces.append([])
        if kind in ("filler", "comma", "self"):
            continue
        days = _days(kind, match.group())
        spans = None if days is not None else _spans(kind, match.group(), slot, guesses)
        if days is None and spans is None:
            return None, guesses
        pieces[-1].append((days, spans or []))
    filled = [piece for piece in pieces if piece]
    if not all({days is None for days, _ in piece} == {True, False} for piece in filled):
        filled = [[token for piece in filled for token in piece]]
    groups: list[_Group] = []
    for piece in filled:
        found = _grouped(piece)
        if found is None:
            return None, guesses
        groups += found
    return groups, guesses


_Group = tuple[tuple[int, ...], list[tuple[int, int]]]
_Token = tuple[tuple[int, ...] | None, list[tuple[int, int]]]
"""Days, or None and spans of minutes."""


def _grouped(tokens: Sequence[_Token]) -> list[_Group] | None:
    """Return the days of each group with its times; None where either order could be meant."""
    runs: list[tuple[list[int], list[tuple[int, int]]]] = []
    are_days: bool | None = None
    for days, spans in tokens:
        if are_days != (days is not None):
            are_days = days is not None
            runs.append(([], []))
        runs[-1][0].extend(days or ())
        runs[-1][1].extend(spans)
    if not runs:
        return []
    first = 1 if runs[0][1] else 0  # where the first run of days stands
    if first and len(runs) % 2 and len(runs) > 3:
        return None
    if first:
        times_first = runs if len(runs) % 2 == 0 else [*runs, ([], [])]
        pairs = [(d, t) for (_, t), (d, _) in zip(times_first[::2], times_first[1::2], strict=True)]
        if len(runs) == 3:  # "9-11 Mon, 14-16"
            pairs = [(pairs[0][0], pairs[0][1] + pairs[1][1])]
    else:
        days_first = runs if len(runs) % 2 == 0 else [*runs, ([], [])]
        pairs = [(d, t) for (d, _), (_, t) in zip(days_first[::2], days_first[1::2], strict=True)]
    return [(tuple(dict.fromkeys(days)), times) for days, times in pairs]


def _days(kind: str, word: str) -> tuple[int, ...] | None:
    if kind == "day":
        return (DAY_WORDS.index(word.strip()[:3]),)
    if kind == "dayrange":
        first, last = (DAY_WORDS.index(part.strip()[:3]) for part in word.split("-", 1))
        return tuple((first + step) % 7 for step in range((last - first) % 7 + 1))
    return {"days": WEEKDAYS, "weekend": (5, 6), "daily": EVERY_DAY}.get(kind)


def _spans(kind: str, word: str, slot: int, guesses: list[str]) -> list[tuple[int, int]] | None:
    if kind in ("always", "office"):
        name = "any time" if kind == "always" else "working day"
        return [_named(name, word, guesses)]
    if kind == "phrase":
        return [_named(word if word in PARTS else word.removesuffix("s"), word, guesses)]
    if kind == "part":
        key = "lunch" if word.startswith(("lunch", "midday")) else word.rstrip("s")
        key = {"am": "morning", "pm": "afternoon"}.get(key, key)
        return [_named(key, word, guesses)] if key in PARTS else None
    clocks = [_clock(part) for part in re.findall(_CLOCK, word)]
    if not clocks or any(clock is None for clock in clocks):
        return None
    times = [clock for clock in clocks if clock is not None]
    if kind == "span":
        return None if len(times) != 2 else [_span(times[0], times[1], guesses)]
    minutes = _alone(times[0], guesses)
    if kind in ("after", "onward"):
        end = max(PARTS["evening"][1], minutes + 60)
        guesses.append(f"read until {end // 60}:00")
        return [(minutes, min(end, DAY_MINUTES))]
    if kind == "before":
        start = min(PARTS["any time"][0], max(minutes - 60, 0))
        guesses.append(f"read from {start // 60}:00")
        return [(start, minutes)]
    return [(minutes % DAY_MINUTES, minutes % DAY_MINUTES + slot)]


def _named(name: str, word: str, guesses: list[str]) -> tuple[int, int]:
    start, end = PARTS[name]
    guesses.append(f"{word!r} read as {start // 60}:00-{end // 60}:00")
    return start, end


def _clock(text: str) -> tuple[int, str] | None:
    """Return (minutes after midnight as written, "am" | "pm" | "24" | "")."""
    match = re.match(r"(\d{1,2})(?:[:.h]?(\d{2}))?\s*([ap]m|h)?", text)
    if match is None:
        return None
    hour, minute = int(match.group(1)), int(match.group(2) or 0)
    half = match.group(3) or ""
    if hour > 24 or minute > 59 or (hour == 24 and minute) or (half in ("am", "pm") and hour > 12):
        return None
    if half in ("am", "pm"):
        hour = hour % 12 + (12 if half == "pm" else 0)
    exact = hour > 12 or half == "h" or text.strip().startswith("0") or match.group(2)
    return hour * 60 + minute, half if half in ("am", "pm") else ("24" if exact else "")


def _alone(clock: tuple[int, str], guesses: list[str]) -> int:
    minutes, half = clock
    if half == "" and minutes < 7 * 60:
        guesses.append(f"{minutes // 60} read as {minutes // 60 + 12}:00")
        return minutes + 12 * 60
    return minutes


def _span(start: tuple[int, str], end: tuple[int, str], guesses: list[str]) -> tuple[int, int]:
    (first, first_half), (last, last_half) = start, end
    noon = 12 * 60
    if first_half == "" and last_half == "pm":  # 2-4pm, but 11-1pm starts in the morning
        first += noon if first < noon and first + noon < last else 0
    elif first_half == "" and last_half == "" and first < 7 * 60 and last <= noon:
        first, last = first + noon, last + noon if last < noon else last
        guesses.append(f"read as {first // 60}:00-{last // 60}:00")
    if last <= first and last_half == "" and last < noon:  # 9-5, 10am-2
        last += noon
        if first_half == "":
            guesses.append(f"read as {first // 60}:00-{last // 60}:00")
    if last <= first:  # past midnight
        last += DAY_MINUTES
    return first, last


def _mark(slots: npt.NDArray[np.bool_], day: int, start: int, end: int, guesses: list[str]) -> None:
    """Free the quarter hours that lie wholly in [start, end), wrapping at the week's end."""
    if start % SLOT_MINUTES or end % SLOT_MINUTES:
        guesses.append("cut to whole quarter hours")
    first = day * DAY_SLOTS + -(-start // SLOT_MINUTES)
    last = day * DAY_SLOTS + end // SLOT_MINUTES
    slots[np.arange(first, last) % SLOTS_PER_WEEK] = True


# --- time zones ---------------------------------------------------------------------------------

_ALIASES = {
    "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "eastern": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago",
    "ct": "America/Chicago", "central": "America/Chicago", "mst": "America/Denver",
    "mdt": "America/Denver", "mt": "America/Denver", "mountain": "America/Denver",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "pacific": "America/Los_Angeles", "ast": "America/Halifax", "akst": "America/Anchorage",
    "hst": "Pacific/Honolulu", "gmt": "Etc/GMT", "z": "UTC", "zulu": "UTC", "bst": "Europe/London",
    "wet": "Europe/Lisbon", "cet": "Europe/Paris", "cest": "Europe/Paris", "met": "Europe/Paris",
    "eet": "Europe/Helsinki", "eest": "Europe/Helsinki", "msk": "Europe/Moscow",
    "ist": "Asia/Kolkata", "pkt": "Asia/Karachi", "npt": "Asia/Kathmandu", "ict": "Asia/Bangkok",
    "sgt": "Asia/Singapore", "hkt": "Asia/Hong_Kong", "jst": "Asia/Tokyo", "kst": "Asia/Seoul",
    "awst": "Australia/Perth", "acst": "Australia/Darwin", "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney", "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland",
    "sast": "Africa/Johannesburg", "wat": "Africa/Lagos", "eat": "Africa/Nairobi",
    "mez": "Europe/Berlin", "mesz": "Europe/Berlin", "brt": "America/Sao_Paulo",
    "art": "America/Argentina/Buenos_Aires",
    "uk": "Europe/London", "united kingdom": "Europe/London", "england": "Europe/London",
    "great britain": "Europe/London", "ireland": "Europe/Dublin", "germany": "Europe/Berlin",
    "france": "Europe/Paris", "spain": "Europe/Madrid", "italy": "Europe/Rome",
    "netherlands": "Europe/Amsterdam", "switzerland": "Europe/Zurich", "poland": "Europe/Warsaw",
    "sweden": "Europe/Stockholm", "india": "Asia/Kolkata", "japan": "Asia/Tokyo",
    "china": "Asia/Shanghai", "beijing": "Asia/Shanghai", "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
    "bengaluru": "Asia/Kolkata", "chennai": "Asia/Kolkata", "munich": "Europe/Berlin",
    "frankfurt": "Europe/Berlin", "hamburg": "Europe/Berlin", "manchester": "Europe/London",
    "edinburgh": "Europe/London", "geneva": "Europe/Zurich", "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome", "boston": "America/New_York", "washington": "America/New_York",
    "philadelphia": "America/New_York", "atlanta": "America/New_York",
    "miami": "America/New_York", "houston": "America/Chicago", "dallas": "America/Chicago",
    "austin": "America/Chicago", "seattle": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "montreal": "America/Toronto",
    "cape town": "Africa/Johannesburg", "tel aviv": "Asia/Jerusalem", "kyiv": "Europe/Kiev",
    "gmt standard time": "Europe/London", "greenwich mean time": "Etc/GMT",
    "british summer time": "Europe/London", "w europe standard time": "Europe/Berlin",
    "romance standard time": "Europe/Paris", "central european": "Europe/Paris",
    "central europe standard time": "Europe/Budapest", "eastern european": "Europe/Helsinki",
    "western european": "Europe/Lisbon", "india standard time": "Asia/Kolkata",
    "tokyo standard time": "Asia/Tokyo", "china standard time": "Asia/Shanghai",
    "us eastern": "America/New_York", "us central": "America/Chicago",
    "us mountain": "America/Denver", "us pacific": "America/Los_Angeles",
}  # fmt: skip
# Offsets that are not whole hours have no Etc/ zone: a place that keeps them all year.
_ODD_OFFSETS = {
    210: "Asia/Tehran", 270: "Asia/Kabul", 330: "Asia/Kolkata", 345: "Asia/Kathmandu",
    390: "Asia/Yangon", 525: "Australia/Eucla", 570: "Australia/Darwin",
    630: "Australia/Lord_Howe", 765: "Pacific/Chatham", -150: "America/St_Johns",
    -210: "America/St_Johns", -570: "Pacific/Marquesas",
}  # fmt: skip
_OFFSET = re.compile(
    r"(?:\b(?:utc|gmt))?\s*([+\-−±])\s*(\d{1,2})(?:[:h]?([0-5]\d)(?!\d)|[.,](\d{1,2}))?(?![\d.,]*\d)"
)


@cache
def _known_zones() -> tuple[dict[str, str], dict[str, str]]:
    """Return (every IANA zone by its folded name, zones by the name of their city)."""
    from zoneinfo import available_timezones

    zones = available_timezones() - {"localtime", "posixrules", "Factory"}
    exact = {zone.casefold(): zone for zone in sorted(zones)}
    cities: dict[str, str] = {}
    for zone in sorted(zones):
        area, _, city = zone.rpartition("/")
        if area and area.split("/")[0] not in ("Etc", "US", "posix", "right", "SystemV"):
            cities.setdefault(city.replace("_", " ").casefold(), zone)
    return exact, cities


@remembered
def parse_zone(text: str) -> tuple[str | None, Finding | None]:
    """Return the IANA zone that a text names, and what was repaired to get there.

    Examples
    --------
    >>> parse_zone("Europe/London")[0], parse_zone("GMT+1")[0], parse_zone("london")[0]
    ('Europe/London', 'Etc/GMT-1', 'Europe/London')
    """
    exact, cities = _known_zones()
    word = " ".join(text.split())
    if "/" in word and (zone := exact.get(word.replace(" ", "_").casefold())) is not None:
        return (zone, None) if zone == text else (zone, _zone_read(zone))
    if word in ("UTC", "GMT"):
        return word, None
    zone = _zone_by_words(word, exact, cities)
    if zone is not None:
        return zone, _zone_read(zone)
    finding = Finding(
        "zone",
        "the time zone is unknown",
        "read as not answered; use an IANA name such as 'Europe/London'",
    )
    return None, finding


def _zone_read(zone: str) -> Finding:
    return Finding("zone_alias", "the time zone is not an IANA name", f"read as {zone!r}")


def _zone_by_words(word: str, exact: dict[str, str], cities: dict[str, str]) -> str | None:
    folded = _without_accents(word.casefold())
    places = re.sub(r"\(?\b(?:utc|gmt)?\s*[+\-−±]\s*\d{1,2}(?:[:.,h]?\d{1,2})?\)?", " ", folded)
    places = re.sub(r"[()._]", " ", places)
    names = [
        " ".join(part.replace("&", " ").split())
        for part in [places, *re.split(r"[,;/&]| - |\(|\)", folded.replace("_", " "))]
    ]
    for name in names:
        bare = re.sub(r"\s*\b(?:standard|daylight|summer)?\s*time(?: ?zone)?$", "", name).strip()
        for key in (name, bare, re.sub(r" (?:us|usa|canada|uk).*$", "", bare)):
            if key in _ALIASES:
                return _ALIASES[key]
            if key in cities:
                return cities[key]
    if (offset := _OFFSET.search(folded)) is not None:
        return _zone_at(offset)
    if folded in exact:
        return exact[folded]
    near = get_close_matches(folded.replace(" ", "_"), list(exact), n=1, cutoff=0.88)
    return exact[near[0]] if near and "/" in folded else None


def shown_zone(zone: object) -> str:
    """Return a zone's name as people read it: the Etc zones count west of Greenwich as positive.

    Examples
    --------
    >>> shown_zone("Etc/GMT-8"), shown_zone("Europe/London")
    ('UTC+8', 'Europe/London')
    """
    offset = re.fullmatch(r"Etc/GMT([+-])(\d{1,2})", str(zone))
    if offset is None:
        return str(zone)
    sign, hours = offset.groups()
    return f"UTC{'-' if sign == '+' else '+'}{hours}"


def _without_accents(text: str) -> str:
    return "".join(sign for sign in normalize("NFKD", text) if not combining(sign))


def _zone_at(offset: re.Match[str]) -> str | None:
    if offset.group(1) == "±" and int(offset.group(2)):
        return None
    sign = 1 if offset.group(1) in "+±" else -1
    minutes = sign * (int(offset.group(2)) * 60 + int(offset.group(3) or 0))
    if offset.group(4):  # UTC+5.5; but 5.30 and 5.45 are minutes
        tail = offset.group(4)
        whole = int(tail) if tail in ("30", "45") else round(60 * float(f"0.{tail}"))
        minutes += sign * whole
    if minutes % 60:
        return _ODD_OFFSETS.get(minutes)
    hours = minutes // 60
    if not -12 <= hours <= 14:
        return None
    # the Etc zones count west of Greenwich as positive
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"
