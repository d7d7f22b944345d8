"""The house holds: imports flow down, importing is light, public names resolve."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mentormatch

SOURCE = Path(mentormatch.__file__).parent
ROOMS = (
    "errors",
    "solvers",
    "rosters",
    "scoring",
    "matching",
    "insight",
    "programmes",
    "outcomes",
)
# Matching's export methods are thin doors to insight: the notebook's contract wants methods there.
DOORS = {
    ("matching/matching.py", "insight"),
}
HEAVY = ("numba", "sklearn", "networkx", "matplotlib", "xlsxwriter", "python_calamine", "scipy")


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
    upward = {r for r in imported_rooms(path) if r in below and (place, r) not in DOORS}
    assert not upward, f"{place} imports from {sorted(upward)}, which come after {room}"
    if room == "solvers":
        assert imported_rooms(path) <= {"solvers", "errors"}, "solvers import nothing of ours"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_only_one_file_imports_numba(path: Path) -> None:
    if path == SOURCE / "solvers" / "compile.py":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert all(alias.name.split(".")[0] != "numba" for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] != "numba"


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
