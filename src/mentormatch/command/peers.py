"""peers: the people of one file in pairs, with a trio where somebody would be left over."""

from __future__ import annotations

import argparse

from mentormatch.command.exits import Exit
from mentormatch.command.forms import finish, left_over, outputs_of, scored
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
    told = [("Together", [left_over(peers, peers.unmatched)], 3)]
    finish(peers, outputs, options, told, found.questions)
    return Exit.OK
