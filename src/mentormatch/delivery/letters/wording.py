"""Templates that put facts into words: four languages of our own, or anybody's, in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mentormatch.delivery.letters.meeting_times import Meeting
from mentormatch.errors import ParameterError, check_parameter
from mentormatch.rosters.hours import shown_zone
from mentormatch.rosters.language_words import language_code
from mentormatch.rosters.profiles import Role

if TYPE_CHECKING:
    from babel import Locale
    from jinja2 import Environment, Template

__all__ = ["LANGUAGES", "Words", "words_of"]

LANGUAGES = ("en", "de", "es", "fr")
"""Languages with a template of their own."""
LOCALES = {"en": "en_GB"}
"""Where a language writes dates and times more than one way."""
SPELT_OUT = 4
"""Items of a list that are named before the rest is counted."""
SHARES = (0.25, 0.25, 0.35, 0.15)
"""Share of the time for each step of a GROW talk: goal, reality, options, will."""
SUBJECT = "Subject:"


@dataclass(frozen=True, eq=False)
class Words:
    """One language's template and its way of writing lists, dates and times."""

    locale: Locale
    template: Template
    name: str

    def letter(self, facts: Mapping[str, Any]) -> tuple[str, str]:
        """Return subject and text.

        Raises
        ------
        ParameterError
            If the template cannot be filled in, or writes no subject.
        """
        import jinja2

        try:
            text = self.template.render(facts)
        except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise ParameterError(
                f"The template {self.name} cannot be filled in{_line(error)}: {error}. It may use "
                f"{', '.join(sorted(facts))}, as the how-to of letters lists them."
            ) from error
        head, _, body = text.lstrip().partition("\n")
        if not head.startswith(SUBJECT):
            raise ParameterError(
                f"The template {self.name} must begin with a line 'Subject: ...'. "
                f"It begins with {head[:60]!r}."
            )
        return " ".join(head.removeprefix(SUBJECT).split()), _tidy(body)

    def when(self, meeting: Meeting, role: Role) -> str:
        """Return a meeting on this role's clock, in words, with the place of the clock."""
        local = meeting.mentee_local if role == "mentee" else meeting.mentor_local
        end = meeting.end.astimezone(local.tzinfo)
        hours = f"{_clock(local.time(), self.locale)}–{_clock(end.time(), self.locale)}"
        return f"{_day(local.date(), self.locale)}, {hours} ({_place(local.tzinfo, self.locale)})"

    def weekly(self, start: datetime, minutes: int) -> str:
        """Return a time of every week on its clock, in words, with the place of the clock."""
        end = (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)
        hours = f"{_clock(start.time(), self.locale)}–{_clock(end.time(), self.locale)}"
        day = _weekday(start.date(), self.locale)
        return f"{day}, {hours} ({_place(start.tzinfo, self.locale)})"


def words_of(
    language: str,
    template: str | PathLike[str] | None,
    owner: str = "letters.write",
    base: str = "letter.txt",
) -> Words:
    """Return the words of a language, by our template or by one's own.

    Parameters
    ----------
    language
        One of `LANGUAGES`; with a template of one's own any that Babel knows, such as "pt_BR".
    template
        None for ours; a text of more than one line, or the path of a file.
    base
        What our letters are made of: `letter.txt` for pairs, `form.txt` for the other forms.

    Raises
    ------
    ParameterError
        If there is no such language or file, or the template is no Jinja2.
    """
    from babel import Locale, UnknownLocaleError

    check_parameter(
        template is not None or language in LANGUAGES,
        "language",
        owner,
        f"one of {', '.join(LANGUAGES)}, or come with a template of your own",
        language,
    )
    try:
        locale = Locale.parse(LOCALES.get(language, language).replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError) as error:
        raise ParameterError(
            f"The 'language' parameter of {owner} must be a language such as 'en' or 'pt_BR'. "
            f"Got {language!r}."
        ) from error
    if template is None:
        name = f"{language}.txt"
        return Words(locale, _ours(name, locale, base), name)
    source, name = _source(template, owner)
    return Words(locale, _anybodys(source, name, locale), name)


def _source(template: str | PathLike[str], owner: str) -> tuple[str, str]:
    """Return a template's text, and what to call it."""
    if isinstance(template, str) and "\n" in template:
        return template, "of your own"
    try:
        return Path(template).read_text(encoding="utf-8-sig"), repr(str(template))
    except (OSError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise ParameterError(
            f"The 'template' parameter of {owner} must be a text of several lines, or a text file "
            f"in UTF-8. {template!r} cannot be read: {error}."
        ) from error


def _anybodys(source: str, name: str, locale: Locale) -> Template:
    """Compile a template of somebody's own, in a sandbox."""
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    try:
        return _equipped(ImmutableSandboxedEnvironment(**_settings()), locale).from_string(source)
    except jinja2.TemplateSyntaxError as error:
        raise ParameterError(
            f"The template {name} is not understood{_line(error)}: {error.message}."
        ) from error


@cache
def _ours(name: str, locale: Locale, base: str) -> Template:
    """Compile our template of a language: the words of its file in the blocks of a base.

    Filling them in is a pass of its own, in square brackets, so that letters do not pay for it.
    """
    from jinja2 import Environment, PackageLoader

    whole = Environment(
        loader=PackageLoader("mentormatch.delivery.letters"),
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    source = whole.get_template(name).render(base=base)
    return _equipped(Environment(**_settings()), locale).from_string(source)


def _settings() -> dict[str, Any]:
    from jinja2 import StrictUndefined

    # plain text, so nothing to escape; names are data and never run as a template
    return {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "autoescape": False,
    }


def _equipped(environment: Environment, locale: Locale) -> Environment:
    """Add the filters that templates may use."""
    environment.filters["listed"] = _lister(locale)
    environment.filters["minutes"] = step_minutes
    environment.filters["spoken"] = partial(_spoken, locale=locale)
    return environment


def _lister(locale: Locale) -> Callable[[Iterable[str]], str]:
    from babel.lists import format_list

    rest = {"de": "{} weitere", "es": "{} más", "fr": "{} autres"}
    marks = {"de": ("„", "“"), "es": ("«", "»"), "fr": ("«", "»")}
    opening, closing = marks.get(locale.language, ("“", "”"))
    blank = "\N{NO-BREAK SPACE}" if locale.language == "fr" else ""

    @lru_cache(maxsize=4096)
    def joined(words: tuple[str, ...]) -> str:
        return format_list(words, locale=locale)

    def listed(words: Iterable[str]) -> str:
        """Join words as the language does; beyond four the rest is counted.

        Words that hold a comma themselves stand in quotation marks.
        """
        shown = [
            f"{opening}{blank}{word}{blank}{closing}" if "," in word else str(word)
            for word in words
        ]
        if len(shown) > SPELT_OUT:
            more = rest.get(locale.language, "{} more").format(len(shown) - SPELT_OUT)
            shown = [*shown[:SPELT_OUT], more]
        return joined(tuple(shown))

    return listed


def _spoken(names: Iterable[str], locale: Locale) -> list[str]:
    """Return names of languages as the letter's language has them; unknown ones as written."""
    return [locale.languages.get(language_code(name) or "", name) for name in names]


def step_minutes(step: int, minutes: int) -> int:
    """Return the minutes of a step of a GROW talk (0 to 3), in fives."""
    return max(5, round(minutes * SHARES[step] / 5) * 5)


@lru_cache(maxsize=4096)
def _day(day: date, locale: Locale) -> str:
    from babel.dates import format_date

    return format_date(day, "full", locale=locale)


@lru_cache(maxsize=4096)
def _weekday(day: date, locale: Locale) -> str:
    from babel.dates import format_date

    return format_date(day, "EEEE", locale=locale)


@lru_cache(maxsize=4096)
def _clock(moment: time, locale: Locale) -> str:
    from babel.dates import format_time

    return format_time(moment, "short", locale=locale)


@lru_cache(maxsize=4096)
def _place(zone: tzinfo | None, locale: Locale) -> str:
    """Return the city that a clock is named after, or the name of a clock without one (UTC)."""
    from babel.dates import get_timezone_location

    name = shown_zone(zone)
    if "/" not in name:
        return name
    return get_timezone_location(zone, locale=locale, return_city=True)


def _line(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    return f", line {line}" if line else ""


def _tidy(text: str) -> str:
    """Drop blanks at line ends and blank lines beyond one, which left-out parts leave."""
    lines: list[str] = []
    for line in (raw.rstrip() for raw in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
