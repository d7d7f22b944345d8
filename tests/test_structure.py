"""The house holds: imports flow down, importing is light, public names resolve."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

import mentormatch

SOURCE = Path(mentormatch.__file__).parent
ROOMS = (
    "doors",
    "errors",
    "memory",
    "domains",
    "journal",
    "values",
    "writing",
    "solvers",
    "rosters",
    "scoring",
    "matching",
    "insight",
    "programmes",
    "outcomes",
    "delivery",
    "command",
)
# Results have methods that write and draw, thin doors to rooms above: notebooks want them there.
DOORS = {
    ("matching/matching.py", "insight.defects", "defects_frame"),
    ("matching/matching.py", "matching.manifest", "manifest"),
    ("matching/matching.py", "matching.given", "matching_of_pairs"),
    ("matching/matching.py", "matching.broken", "broken"),
    ("matching/matching.py", "delivery.workbook", "write_workbook"),
    ("matching/matching.py", "delivery.export", "to_csv"),
    ("matching/matching.py", "delivery.export", "to_json"),
    ("matching/matching.py", "delivery.export", "to_chronus"),
    ("matching/matching.py", "delivery.saved.files", "from_json"),
    ("matching/matching.py", "delivery.saved.parquet", "matching_to_parquet"),
    ("matching/matching.py", "delivery.saved.parquet", "from_parquet"),
    ("scoring/scores.py", "delivery.saved.files", "scores_to_json"),
    ("scoring/scores.py", "delivery.saved.files", "from_json"),
    ("scoring/scores.py", "delivery.saved.parquet", "scores_to_parquet"),
    ("scoring/scores.py", "delivery.saved.parquet", "from_parquet"),
    ("rosters/profiles.py", "delivery.saved.files", "profiles_to_json"),
    ("rosters/profiles.py", "delivery.saved.files", "from_json"),
    ("rosters/profiles.py", "delivery.saved.parquet", "profiles_to_parquet"),
    ("rosters/profiles.py", "delivery.saved.parquet", "from_parquet"),
    ("insight/audit.py", "delivery.audit_plot", "draw"),
    ("insight/tradeoff.py", "delivery.tradeoff_plot", "draw"),
    ("outcomes/goal_review.py", "delivery.goals_plot", "draw"),
    ("outcomes/learnt.py", "delivery.weights_plot", "draw"),
    ("outcomes/evaluation.py", "outcomes.evaluation_tables", "figures"),
    ("outcomes/evaluation.py", "delivery.evaluation_plot", "draw"),
    ("outcomes/evaluation.py", "delivery.export", "write_csv"),
    ("outcomes/lottery.py", "delivery.lottery_plot", "draw"),
    ("outcomes/power.py", "delivery.power_plot", "draw"),
    ("programmes/form.py", "delivery.export", "write_csv"),
    ("programmes/form.py", "delivery.form_workbook", "write_form"),
    ("programmes/form.py", "delivery.saved.files", "form_to_json"),
    ("programmes/form.py", "delivery.saved.files", "from_json"),
    ("programmes/rounds/result.py", "programmes.rounds.views", "by_person"),
    ("programmes/rounds/result.py", "programmes.rounds.views", "by_round"),
    ("programmes/rounds/result.py", "programmes.rounds.views", "sat_out"),
    ("programmes/form.py", "delivery.form_plot", "draw"),
    ("programmes/rounds/result.py", "programmes.rounds.views", "explained"),
    ("programmes/rounds/result.py", "programmes.rounds.views", "why_not"),
    ("programmes/rounds/result.py", "programmes.rounds.proof", "verified"),
    ("programmes/rounds/result.py", "delivery.letters.ical", "to_ics"),
    ("programmes/groups/result.py", "programmes.groups.questions", "isolation"),
    ("programmes/groups/result.py", "programmes.groups.questions", "explained"),
    ("programmes/groups/result.py", "programmes.groups.questions", "why_not_led"),
    ("programmes/groups/result.py", "programmes.groups.questions", "left_over"),
    ("programmes/groups/result.py", "programmes.groups.questions", "verified"),
    ("programmes/peers/result.py", "programmes.peers.questions", "blocking"),
    ("programmes/peers/result.py", "programmes.peers.questions", "explained"),
    ("programmes/peers/result.py", "programmes.peers.questions", "why_not_together"),
    ("programmes/peers/result.py", "programmes.peers.questions", "left_over"),
    ("programmes/peers/result.py", "programmes.peers.questions", "verified"),
    ("programmes/suggest/result.py", "programmes.suggest.exposure", "by_mentor"),
    ("programmes/suggest/result.py", "programmes.suggest.exposure", "fairness"),
    ("programmes/suggest/result.py", "programmes.suggest.questions", "news"),
    ("programmes/suggest/result.py", "programmes.suggest.questions", "explained"),
    ("programmes/suggest/result.py", "programmes.suggest.questions", "why_not_listed"),
    ("programmes/suggest/result.py", "programmes.suggest.questions", "short_lists"),
    ("programmes/suggest/result.py", "programmes.suggest.questions", "verified"),
    ("outcomes/surveys.py", "outcomes.figures", "reliability"),
    ("outcomes/surveys.py", "outcomes.figures", "response"),
    ("outcomes/surveys.py", "outcomes.saved_survey", "survey_from_json"),
    ("outcomes/surveys.py", "outcomes.saved_survey", "survey_to_json"),
    ("outcomes/surveys.py", "outcomes.survey_words", "counts"),
    ("outcomes/surveys.py", "outcomes.survey_words", "directions"),
    ("outcomes/surveys.py", "outcomes.survey_words", "doubts"),
    ("outcomes/surveys.py", "outcomes.waves", "added"),
    ("outcomes/surveys.py", "delivery.survey_plot", "draw"),
}
MOST_PARAMETERS = 8
# the solvers' own faces take keywords
FACES = {"assign", "assign_source", "assign_sparse"}
HEAVY = (
    "numba",
    "sklearn",
    "networkx",
    "matplotlib",
    "xlsxwriter",
    "python_calamine",
    "pyarrow",
    "scipy",
)


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imported_rooms(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == "mentormatch":
                names = [f"mentormatch.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "mentormatch" and len(parts) > 1:
                found.add(parts[1])
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_file_imports_only_from_rooms_above_it(path: Path) -> None:
    place = str(path.relative_to(SOURCE)).replace("\\", "/")
    room = place.split("/")[0].removesuffix(".py")
    if room not in ROOMS:
        return  # __init__, __main__ and datasets stand beside the pipeline
    below = ROOMS[ROOMS.index(room) + 1 :]
    upward = {r for r in imported_rooms(path) if r in below}
    assert not upward, f"{place} imports from {sorted(upward)}, which come after {room}"
    if room == "solvers":
        known = {"solvers", "errors", "writing"}
        assert imported_rooms(path) <= known, "solvers import nothing else of ours"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_only_one_file_imports_numba(path: Path) -> None:
    if path == SOURCE / "solvers" / "compile.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] != "numba" for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "numba"


def name_of(path: Path) -> str:
    parts = list(path.relative_to(SOURCE).with_suffix("").parts)
    return ".".join(["mentormatch", *(parts[:-1] if parts[-1] == "__init__" else parts)])


def imports() -> nx.DiGraph:
    """Every import between files, also those within functions and for types only."""
    paths = {name_of(path): path for path in modules()}
    graph = nx.DiGraph()
    graph.add_nodes_from(paths)
    for name, path in paths.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mentormatch"):
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    graph.add_edge(name, full if full in paths else node.module)
    return graph


def test_no_files_import_one_another_in_a_circle() -> None:
    circles = [
        sorted(part) for part in nx.strongly_connected_components(imports()) if len(part) > 1
    ]
    assert not circles


def test_the_doors_upstairs_are_those_listed() -> None:
    found = set()
    for path in modules():
        place = str(path.relative_to(SOURCE)).replace("\\", "/")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "upstairs":
                found.add((place, *(argument.value for argument in node.args)))  # type: ignore[attr-defined]
    assert found == DOORS


def test_only_scoring_and_the_solvers_name_points() -> None:
    """A matrix of all pairs may not exist.

    Others ask scores for pairs (`at`), for rows (`block`), or for the whole `matrix`, and say then
    what for: that is what the user reads where it does not fit. What else would be called points
    has another name there.
    """
    named = []
    for path in modules():
        place = path.relative_to(SOURCE)
        if place.parts[0] in ("scoring", "solvers"):
            continue
        named += [
            f"{place}:{node.lineno}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute) and node.attr == "points"
        ]
    assert not named


def test_one_file_speaks_to_highs_and_one_to_least_squares() -> None:
    speaking = {
        str(path.relative_to(SOURCE)).replace("\\", "/")
        for path in modules()
        if "scipy.optimize" in path.read_text(encoding="utf-8")
    }
    assert speaking == {"solvers/rows/highs.py", "outcomes/shrinkage.py"}


def test_no_function_of_the_solvers_has_many_parameters() -> None:
    many = []
    for path in (SOURCE / "solvers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name not in FACES:
                arguments = node.args
                names = [a.arg for a in (*arguments.posonlyargs, *arguments.args,
                                         *arguments.kwonlyargs)]  # fmt: skip
                if len([name for name in names if name not in ("self", "cls")]) > MOST_PARAMETERS:
                    many.append(f"{path.name}: {node.name}")
    assert not many


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_is_light() -> None:
    assert not loaded_by("import mentormatch") & {*HEAVY, "pandas", "numpy"}


def test_every_public_name_resolves() -> None:
    for name in mentormatch.__all__:
        assert getattr(mentormatch, name) is not None
    assert set(mentormatch.__all__) <= set(dir(mentormatch))
    with pytest.raises(AttributeError, match="no attribute 'solv'"):
        mentormatch.solv  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    stub = ast.parse((SOURCE / "__init__.pyi").read_text(encoding="utf-8"))
    told = {
        alias.asname
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told | {"__version__"} == set(mentormatch.__all__)
