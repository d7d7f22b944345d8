"""peers: the people of one file in pairs, with a trio where somebody would be left over."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.forms import finish, outputs_of, scored
from mentormatch.errors import counted
from mentormatch.insight.wording import joined
from mentormatch.programmes.peers.peers import match_peers
from mentormatch.programmes.peers.result import Peers

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Run the job; return its exit code."""
    outputs = outputs_of(options, "peers")
    found = scored(options, pool=True)
    if found is None:
        return Exit.NOT_AS_ASKED
    peers = match_peers(
        found.scores, odd=options.odd, mutual=options.mutual, stable=options.stable,
        previous=[Peers.from_json(path) for path in options.after], seed=options.seed,
        time_limit=options.time_limit,
    )  # fmt: skip
    people = peers.scores.mentees
    alone = [people.name(people.position(person)) for person in peers.unmatched]
    told = "Everybody is."
    if alone:
        is_are = "is" if len(alone) == 1 else "are"
        told = f"{counted(len(alone), 'person', 'people')} {is_are} not: {joined(alone, 5)}."
    finish(peers, outputs, options, [("Together", [told], 3)], found.questions)
    return Exit.OK
