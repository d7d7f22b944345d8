"""Letters to everybody, check-ins at times that both have, and calendar files of them."""

from __future__ import annotations

from mentormatch.delivery.letters.checkins import check_ins
from mentormatch.delivery.letters.facts import Partner, Person, Topic
from mentormatch.delivery.letters.ical import to_ics
from mentormatch.delivery.letters.meeting_times import Meeting
from mentormatch.delivery.letters.result import Letter, Letters
from mentormatch.delivery.letters.write import write

__all__ = [
    "Letter",
    "Letters",
    "Meeting",
    "Partner",
    "Person",
    "Topic",
    "check_ins",
    "to_ics",
    "write",
]


def __dir__() -> list[str]:
    return list(__all__)
