"""themes: which words people share in what they wrote; small, careful, about nobody."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from mentormatch.domains import typed
from mentormatch.errors import (
    ParameterError,
    check_parameter,
    counted,
    did_you_mean,
    listed,
)
from mentormatch.matching.matching import Matching
from mentormatch.outcomes.function_words import FUNCTION_WORDS
from mentormatch.outcomes.surveys import Survey
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.profiles import Profiles, Role
from mentormatch.values import Told

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Themes", "themes"]

WORD = re.compile(r"[^\W\d_]{3,}")
_NOT_WORDS = re.compile(r"\S+@\S+|\bhttps?:\S+|\bwww\.\S+|@\w+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_SENTENCE_END = re.compile(r"[.!?:;\n\u2022-]\s*$")
SHOWN = 8
"""Words by which a theme is told."""
SPELT_LARGE = 0.2
"""Share of words within sentences with a capital beyond which a language writes nouns so."""


@dataclass(frozen=True, eq=False, repr=False)
class Themes(Told):
    """Which words go together in what people wrote, and how many people write so.

    About nobody: no person is given a theme, none can be looked up, and there is no score.

    Attributes
    ----------
    table : DataFrame
        One row per theme, the largest first: `theme` (1, 2, ...), `words` (the heaviest first),
        `people` (whose answer is nearest to it), `share` of those who wrote; `quotations` (lists
        of texts) where they were asked for.
    question : str
        What was answered.
    people : int
        How many wrote.
    text : str
        The same in words.
    """

    _table: ClassVar[str | None] = "table"

    table: pd.DataFrame
    question: str
    people: int
    text: str


@typed
def themes(
    survey: Survey,
    question: str,
    *,
    k: int = 6,
    role: Role = "mentee",
    people: Profiles | Matching | Sequence[Profiles | Matching] | None = None,
    smallest: int = 5,
    quotations: int = 0,
    leave_out: Sequence[str] = (),
) -> Themes:
    """Find themes in answers in words: sets of words that occur together.

    A help for whoever reads the answers, not in their place: it counts words, knows no feelings
    and no irony, and what comes out is no criterion and no measure of anybody.

    Words that fewer than `smallest` people use are never shown, nor the names and addresses of
    `people`, what the ids of the survey are made of, or words that are always written with a
    capital within sentences (except where the language writes nouns so).

    Parameters
    ----------
    survey
        With answers in words, `Survey.texts`.
    question
        Header of the question, a part of it, or the name that it was given with ``columns=``.
    k
        Most themes.
    role
        Whose answers.
    people
        Rosters or matchings whose names are left out.
    smallest
        Fewest people of a theme that is shown, and fewest who use a word.
    quotations
        How many answers to show for each theme, nearest first, without the names that are known.
        People may know one another by how they write: ask them before these are passed on.
    leave_out
        Further words that carry no theme.

    Returns
    -------
    Themes
        Empty, with the reason in `text`, where too few people wrote.

    Raises
    ------
    ParameterError
        If the survey has no such question, or it is written without spaces between words.

    Notes
    -----
    TF-IDF of words, one document per person, and a non-negative factorisation from a fixed start:
    the same answers give the same themes, in whatever order. O(n words k) an iteration.

    References
    ----------
    .. [1] Lee & Seung (1999), Learning the parts of objects by non-negative matrix factorization,
       Nature 401, 788-791.
    """
    for ok, name, domain, value in (
        (k >= 1, "k", "an int in [1, inf)", k),
        (smallest >= 2, "smallest", "an int in [2, inf)", smallest),
        (quotations >= 0, "quotations", "an int in [0, inf)", quotations),
        (role in ("mentee", "mentor"), "role", "'mentee' or 'mentor'", role),
    ):
        check_parameter(ok, name, "themes", domain, value)
    texts = _written(survey, _question(survey, question), role)
    if sum(map(_unspaced, texts)) > 0.5 * len(texts) and texts:
        raise ParameterError(
            f"The answers to {question!r} are written without spaces between words; themes cannot "
            "be found in them."
        )
    names = _names(survey, people)
    barred = names | {label_key(w) for w in leave_out} | _capitals(texts)
    words = [_words(text, barred) for text in texts]
    found = _factors(words, k, smallest) if len(texts) >= 2 * smallest else None
    if found is None:
        return _none(question, len(texts), smallest)
    near, heavy = found
    return _made(question, texts, near, heavy, names, smallest, quotations)


def _question(survey: Survey, wanted: str) -> str:
    known = list(dict.fromkeys(survey.texts["question"]))
    key = label_key(wanted)
    exact = [one for one in known if label_key(one) == key]
    several = exact or [one for one in known if key and key in label_key(one)]
    if len(several) != 1:
        why = f"several questions hold {wanted!r}: {listed(several)}" if several else (
            f"the survey has no answers in words to {wanted!r}. {did_you_mean(wanted, known)}"
        )  # fmt: skip
        raise ParameterError(f"{why[0].upper()}{why[1:]}")
    return str(several[0])


def _written(survey: Survey, question: str, role: str) -> list[str]:
    """Return what each person wrote, sorted, so that nothing depends on the order of rows."""
    frame = survey.texts
    chosen = frame[(frame["question"] == question) & (frame["role"] == role)]
    by_person: dict[tuple[str, str], list[str]] = {}
    for row in chosen.to_dict("records"):
        person = row["person"]
        key = ("", str(person)) if isinstance(person, str) else (row["wave"], str(row["row"]))
        by_person.setdefault(key, []).append(str(row["text"]))
    return sorted("\n".join(sorted(texts)) for texts in by_person.values())


def _unspaced(text: str) -> bool:
    return len(_UNSPACED.findall(text)) > 0.3 * max(len(text), 1)


def _names(survey: Survey, people: Any) -> set[str]:
    """Return the words that names, addresses and ids are made of."""
    several = (people,) if isinstance(people, Profiles | Matching) else tuple(people or ())
    rosters: list[Profiles] = []
    for one in several:
        check_parameter(isinstance(one, Profiles | Matching), "people", "themes",
                        "rosters or matchings", type(one).__name__)  # fmt: skip
        scores = one.problem.scores if isinstance(one, Matching) else None
        rosters += [one] if scores is None else [scores.mentees, scores.mentors]
    told: list[str | None] = [
        word for one in rosters for word in (*one.ids, *one.names, *one.emails, *one.called)
    ]
    told += [person for person in survey.texts["person"] if isinstance(person, str)]
    whole = (word.split("@")[0] if word and "@" in word else word or "" for word in told)
    return {piece.casefold() for word in whole for piece in re.findall(r"[^\W\d_]{2,}", word)}


def _capitals(texts: Iterable[str]) -> set[str]:
    """Return the words that only ever stand with a capital within sentences, names most likely."""
    large: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        for match in WORD.finditer(text):
            before = text[: match.start()].rstrip(" \"'“”„«»(")
            if not before or _SENTENCE_END.search(before):
                continue
            word = match.group()
            (large if word[0].isupper() else small)[word.casefold()] += 1
    if large.total() > SPELT_LARGE * max(large.total() + small.total(), 1):
        return set()
    return {word for word in large if not small[word]}


def _words(text: str, barred: set[str]) -> str:
    """Return the words that may carry a theme."""
    found = (word.casefold() for word in WORD.findall(_NOT_WORDS.sub(" ", text)))
    return " ".join(word for word in found if word not in barred and word not in FUNCTION_WORDS)


def _factors(
    documents: Sequence[str], k: int, smallest: int
) -> tuple[npt.NDArray[np.float64], list[list[str]]] | None:
    """Return (people x themes) nearness and the heaviest words of each theme, None without any."""
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer

    counting = TfidfVectorizer(
        lowercase=False, token_pattern=r"\S+", min_df=smallest, max_df=0.8, sublinear_tf=True
    )
    try:
        weights = counting.fit_transform(documents)
    except ValueError:  # no word is left
        return None
    vocabulary = counting.get_feature_names_out()
    parts = min(k, len(vocabulary), len(documents) // smallest)
    model = NMF(parts, init="nndsvda", random_state=0, max_iter=1000, tol=1e-4)
    with warnings.catch_warnings():  # slow to settle where few words are left: near enough
        warnings.simplefilter("ignore", ConvergenceWarning)
        near = model.fit_transform(weights)
    scale = model.components_.max(axis=1)
    heavy = []
    for row in model.components_:
        order = sorted(range(len(row)), key=lambda place: (-round(row[place], 9), place))
        heavy.append([str(vocabulary[p]) for p in order[:SHOWN] if row[p] > 0.1 * row.max() > 0])
    return np.asarray(near * scale, dtype=np.float64), heavy


def _none(question: str, people: int, smallest: int) -> Themes:
    import pandas as pd

    table = pd.DataFrame(columns=["theme", "words", "people", "share"], dtype=object).astype(
        {"theme": "Int64", "people": "Int64", "share": "Float64"}
    )
    why = (
        f"fewer than the {2 * smallest} that themes take"
        if people < 2 * smallest
        else f"but no words that {smallest} of them share"
    )
    wrote = counted(people, "person", "people")
    return Themes(table, question, people, f"{wrote} answered {question!r} in words, {why}.")


def _made(
    question: str,
    texts: Sequence[str],
    near: npt.NDArray[np.float64],
    heavy: Sequence[Sequence[str]],
    names: set[str],
    smallest: int,
    quotations: int,
) -> Themes:
    import pandas as pd

    best = np.where(near.max(axis=1) > 0, near.argmax(axis=1), -1)
    sizes = np.bincount(best[best >= 0], minlength=near.shape[1])
    shown = [t for t in np.argsort(-sizes, kind="stable").tolist() if sizes[t] >= smallest]
    rows = []
    for number, theme in enumerate(shown, 1):
        row: dict[str, Any] = {
            "theme": number, "words": ", ".join(heavy[theme]), "people": int(sizes[theme]),
            "share": sizes[theme] / len(texts),
        }  # fmt: skip
        if quotations:
            members = np.flatnonzero(best == theme)
            order = members[np.argsort(-near[members, theme], kind="stable")][:quotations]
            row["quotations"] = [_without_names(texts[place], names) for place in order.tolist()]
        rows.append(row)
    columns = ["theme", "words", "people", "share", *["quotations"] * bool(quotations)]
    table = pd.DataFrame(rows, columns=columns).astype(
        {"theme": "Int64", "people": "Int64", "share": "Float64"}
    )
    return Themes(table, question, len(texts), _told(question, len(texts), table, smallest))


def _without_names(text: str, names: set[str]) -> str:
    plain = _NOT_WORDS.sub("…", text)
    return re.sub(
        r"[^\W\d_]{2,}", lambda m: "…" if m.group().casefold() in names else m.group(), plain
    )


def _told(question: str, people: int, table: pd.DataFrame, smallest: int) -> str:
    if table.empty:
        wrote = f"{people:,} people answered {question!r} in words"
        return f"{wrote}, but no theme has {smallest} of them."
    told = "; ".join(f"{row['words']} ({row['people']} people)" for row in table.to_dict("records"))
    left = people - int(table["people"].sum())
    rest = f" {left} wrote of other things." if left >= smallest else ""
    return (
        f"{people:,} people answered {question!r} in words. Words that go together: {told}.{rest} "
        "Words are counted, not meanings: read the answers."
    )
