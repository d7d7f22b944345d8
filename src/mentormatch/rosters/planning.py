"""What becomes of every column of a file: the plan that `profiles.mapping` shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mentormatch.errors import ColumnError, did_you_mean
from mentormatch.rosters.columns import label_key
from mentormatch.rosters.headers import (
    WISHED,
    Claim,
    claims,
    is_inverted,
    kind_of,
    plausible,
)
from mentormatch.rosters.other_text import take_other_texts
from mentormatch.rosters.plan import Part, Plan, by_key
from mentormatch.rosters.reading import Reading
from mentormatch.rosters.references import parse_email
from mentormatch.rosters.spread import (
    is_ticked,
    options_of,
)
from mentormatch.rosters.spread_fields import (
    GRID,
    take_day_columns,
    take_grids,
    take_numbered,
    take_rank_grids,
    take_ticks,
)
from mentormatch.rosters.table import TextColumn
from mentormatch.rosters.vocabulary import fold_header
from mentormatch.rosters.wishes import asks_for_own_gender, find_grids, wants_own

_STAY_ALONE = re.compile(
    r"\b(?:rather not be (?:paired|matched)|not be (?:paired|matched) with any|only (?:match"
    r"|pair) me"
    r"|rather (?:stay|remain) unmatched|rather wait)\b",
    re.IGNORECASE,
)

MOST_CHOICES = 200
"""A column with more distinct texts is no question with choices."""


def make_plan(
    columns: Mapping[str, TextColumn],
    reading: Reading,
) -> Plan:
    """Return what becomes of every column; columns given by the caller come first."""
    chosen, kinds = reading.choices.columns, reading.choices.kinds
    plan = Plan(columns, reading.role)
    _take_chosen(plan, reading)
    reading.settled |= plan.left | set(plan.used)
    plan.left |= reading.tell_roles.keys() - plan.used.keys()
    blocked = {name for name, header in chosen.items() if header is None}
    take_day_columns(plan)
    take_ticks(plan)
    take_rank_grids(plan)
    take_grids(plan)
    take_numbered(plan, blocked, reading)
    _take_by_content(plan)
    _take_claims(plan, blocked, reading)
    if "preferred_gender" not in blocked:
        _take_own_gender(plan)
    _take_wishes(plan)
    take_other_texts(plan)
    for name, kind in kinds.items():
        if name in plan.parts:
            part = plan.parts[name]
            plan.parts[name] = Part(**{**part.__dict__, "kind": kind})
    return plan


def _take_chosen(plan: Plan, reading: Reading) -> None:
    chosen, kinds = reading.choices.columns, reading.choices.kinds
    by_key = {label_key(header): header for header in plan.columns}
    missing: list[str] = []
    for name, wanted in chosen.items():
        if wanted is None:
            own = name if name in plan.columns else by_key.get(label_key(name))
            plan.left |= {own} if own is not None else set()
            continue
        if name in reading.tell_roles.values():
            continue  # read before: it tells whose row is whose
        wanted_headers = [wanted] if isinstance(wanted, str) else list(wanted)
        headers = []
        for header in wanted_headers:
            tidy = " ".join(str(header).split())
            found = tidy if tidy in plan.columns else by_key.get(label_key(tidy))
            if found is None:
                missing.append(f"{header!r} for {name!r}. {did_you_mean(tidy, plan.columns)}")
            else:
                headers.append(found)
        if not headers:
            continue
        kind = kinds.get(name, kind_of(name))
        plan.add(_joined(name, kind, headers, "given with columns=", plan.columns))
    if missing:
        raise ColumnError(f"{reading.source} has no column " + "\nand no column ".join(missing))


def _joined(
    name: str,
    kind: str,
    headers: Sequence[str],
    reason: str,
    columns: Mapping[str, TextColumn],
) -> Part:
    if len(headers) == 1:
        return Part(name, kind, tuple(headers), reason)
    if kind == "hours":
        grid = [GRID.fullmatch(header) for header in headers]
        items = tuple(g.group(2) if g else h for g, h in zip(grid, headers, strict=True))
        words = " ".join(g.group(1) for g in grid if g)
        return Part(
            name,
            kind,
            tuple(headers),
            reason,
            "hours_grid",
            items=items,
            inverted=is_inverted(words),
        )
    if kind == "labels" and all(is_ticked(columns[header]) for header in headers):
        options = tuple(options_of(headers))
        return Part(name, kind, tuple(headers), reason, "ticks", items=options)
    shape = {"people": "choices", "labels": "paired", "wishes": "paired"}.get(kind, "joined")
    return Part(name, kind, tuple(headers), reason, shape, levels=(None,) * len(headers))


def _take_by_content(plan: Plan) -> None:
    """Questions that only their answers give away."""
    for column in plan.free():
        if "only_preferred" in plan.parts or len(column.texts) > MOST_CHOICES:
            continue
        if any(map(_STAY_ALONE.search, column.texts)):
            plan.add(
                Part(
                    "only_preferred",
                    "yes_no",
                    (column.header,),
                    "an answer says: rather not be paired with anyone",
                )
            )
    folded = {fold_header(c.header): c.header for c in plan.free()}
    gate, wish = folded.get("match with similar identity"), folded.get("identity to match")
    if gate and wish and "preferred_identity" not in plan.parts:
        plan.add(
            Part(
                "preferred_identity",
                "wishes",
                (wish, gate),
                f"wishes of those who said yes to {gate!r}",
                "gated",
                items=(wish, gate),
            )
        )


def _take_claims(plan: Plan, blocked: set[str], reading: Reading) -> None:
    """Give each field its best column; people are identified before their managers are."""
    offers: list[tuple[Claim, TextColumn]] = [
        (claim, column)
        for column in plan.free()
        for claim in claims(column.header, plan.role)
        if column.texts and claim.field not in blocked and plausible(claim, column)
    ]
    offers = [(_by_answers(claim, column, offers), column) for claim, column in offers]
    _settle(plan, [o for o in offers if o[0].field != "supervisor_id"])
    managers = [offer for offer in offers if offer[0].field == "supervisor_id"]
    if managers:
        known = _known_people(plan)
        _settle(
            plan,
            [
                (Claim(c.field, c.strength + _overlap(column, known), c.reason), column)
                for c, column in managers
            ],
        )
    for column in plan.free():
        lost = [c for c, other in offers if other is column and c.field in plan.parts]
        if lost and lost[0].field != "signed_up":
            better = plan.parts[lost[0].field].headers[0]
            reading.note(
                "second_column",
                f"could also be {lost[0].field!r}, for which {better!r} is used",
                "kept under its own header; choose with columns=",
                column=column.header,
            )


def _settle(plan: Plan, offers: list[tuple[Claim, TextColumn]]) -> None:
    ranked = sorted(
        offers,
        key=lambda o: (-o[0].strength, -int(o[1].given.sum()), o[0].field, *by_key(o[1].header)),
    )
    for claim, column in ranked:
        if claim.field in plan.parts or column.header in plan.used or claim.strength <= 0:
            continue
        kind = kind_of(claim.field)
        if kind == "labels" and _is_prose(column):
            if "about" in plan.parts:
                continue
            plan.add(
                Part(
                    "about",
                    "text",
                    (column.header,),
                    f"free text about {claim.field!r}, {claim.reason}",
                )
            )
            continue
        plan.add(Part(claim.field, kind, (column.header,), claim.reason))


def _is_prose(column: TextColumn) -> bool:
    """Tell whether people wrote sentences where a list of labels was possible."""
    texts = column.texts[:500]
    plain = [t for t in texts if not re.search(r"[;|]", t)]
    pieces = [p for t in plain for p in re.split(r",|\n", t)]
    words = sum(len(p.split()) for p in pieces) / max(len(pieces), 1)
    return len(plain) > 0.5 * len(texts) and words > 7


def _by_answers(claim: Claim, column: TextColumn, offers: list[tuple[Claim, TextColumn]]) -> Claim:
    """Weigh a claim by the answers: a form's row counter is nobody's id when there is a better."""
    if claim.field == "email":
        shares = sum(parse_email(t) is not None for t in column.texts) / len(column.texts)
        return Claim(claim.field, claim.strength + round(5 * shares), claim.reason)
    if claim.field != "id":
        return claim
    others = [(c, other) for c, other in offers if other is not column]
    fields = {c.field for c, _ in others}
    rival = any(c.field == "id" and c.strength >= 100 and not is_counter(o) for c, o in others)
    a_form = "signed_up" in fields and fold_header(column.header) in ("id", "response id")
    counts_rows = (a_form or rival) and is_counter(column)
    if counts_rows and (rival or "email" in fields):
        return Claim("id", 0, claim.reason)
    if claim.strength <= 60 and "email" in fields:
        return Claim("id", 0, claim.reason)
    return claim


def is_counter(column: TextColumn) -> bool:
    """Tell whether a column may only number the rows: whole numbers, small and all different."""
    if not all(re.fullmatch(r"\d{1,6}(?:\.0)?", text) for text in column.texts):
        return False
    return len(column.texts) == int(column.given.sum())


def _known_people(plan: Plan) -> set[str]:
    known: set[str] = set()
    for name in ("id", "email"):
        if name in plan.parts:
            known.update(plan.columns[plan.parts[name].headers[0]].texts)
    return known


def _overlap(column: TextColumn, known: set[str]) -> int:
    """Return how surely a manager column uses the ids that this roster uses, 0 to 50."""
    hits = sum(map(known.__contains__, column.texts))
    if hits < len(column.texts):  # another spelling of an id: slower to tell
        keys = set(map(label_key, known))
        hits = sum(text in known or label_key(text) in keys for text in column.texts)
    return round(50 * hits / max(len(column.texts), 1))


def _take_own_gender(plan: Plan) -> None:
    """Yes to "a mentor of your own gender" is a wish for the gender that the same row names."""
    if "gender" not in plan.parts or "preferred_gender" in plan.parts:
        return
    for column in plan.free():
        plainly = all(wants_own(text) is not None for text in column.texts)
        if plainly and asks_for_own_gender(column.header, plan.role):
            own = plan.parts["gender"].headers[0]
            reason = f"wishes of those who said yes for what is in {own!r}"
            plan.add(
                Part(
                    "preferred_gender",
                    "wishes",
                    (column.header,),
                    reason,
                    "gated",
                    items=(own, column.header),
                )
            )
            return


def _take_wishes(plan: Plan) -> None:
    attributes = {
        name: plan.columns[part.headers[0]].texts
        for name, part in plan.parts.items()
        if name in WISHED and part.shape == "single"
    }
    for grid in find_grids(plan.free(), attributes):
        name = f"preferred_{grid.attribute}"
        if name not in plan.parts:
            plan.add(
                Part(
                    name,
                    "wishes",
                    tuple(grid.values),
                    f"wishes about {grid.attribute!r}: "
                    "headers are its values, answers say how welcome",
                    "wish_grid",
                    grid=grid,
                )
            )
