"""Public names for type checkers; `__init__.py` imports the same ones lazily."""

from mentormatch.datasets import make_cohort as make_cohort
from mentormatch.errors import ColumnError as ColumnError
from mentormatch.errors import InfeasibleError as InfeasibleError
from mentormatch.errors import MentormatchError as MentormatchError
from mentormatch.errors import ParameterError as ParameterError
from mentormatch.errors import RosterError as RosterError
from mentormatch.errors import ScoreError as ScoreError
from mentormatch.errors import UnknownPersonError as UnknownPersonError
from mentormatch.insight.explain import Explanation as Explanation
from mentormatch.insight.explain import explain as explain
from mentormatch.matching.constraints import ScoreFloor as ScoreFloor
from mentormatch.matching.matching import Matching as Matching
from mentormatch.matching.objectives import MaximizeMatched as MaximizeMatched
from mentormatch.matching.objectives import MaximizeTotal as MaximizeTotal
from mentormatch.matching.problem import Problem as Problem
from mentormatch.matching.solving import match as match
from mentormatch.matching.solving import solve as solve
from mentormatch.programmes.rematch import Rematch as Rematch
from mentormatch.programmes.rematch import rematch as rematch
from mentormatch.rosters.profiles import Profiles as Profiles
from mentormatch.rosters.read import read_roster as read_roster
from mentormatch.scoring import presets as presets
from mentormatch.scoring.criteria import Closeness as Closeness
from mentormatch.scoring.criteria import Covers as Covers
from mentormatch.scoring.criteria import Criterion as Criterion
from mentormatch.scoring.criteria import Custom as Custom
from mentormatch.scoring.criteria import Overlap as Overlap
from mentormatch.scoring.criteria import Precomputed as Precomputed
from mentormatch.scoring.criteria import Preference as Preference
from mentormatch.scoring.criteria import SharedHours as SharedHours
from mentormatch.scoring.criteria import Similarity as Similarity
from mentormatch.scoring.rules import AtLeast as AtLeast
from mentormatch.scoring.rules import Avoid as Avoid
from mentormatch.scoring.rules import Different as Different
from mentormatch.scoring.rules import Forbid as Forbid
from mentormatch.scoring.rules import Lock as Lock
from mentormatch.scoring.rules import NotHerself as NotHerself
from mentormatch.scoring.rules import NotPrevious as NotPrevious
from mentormatch.scoring.rules import OnlyPreferred as OnlyPreferred
from mentormatch.scoring.rules import ReportingLine as ReportingLine
from mentormatch.scoring.rules import Rule as Rule
from mentormatch.scoring.rules import Same as Same
from mentormatch.scoring.scores import Scores as Scores
from mentormatch.scoring.scores import score as score

__version__: str
