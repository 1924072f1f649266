"""Rules over the whole source: sizes, who may import what, where settings are read, mirrors."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "app"
SOURCES = sorted([*APP.rglob("*.py"), *(ROOT / "sidecars").rglob("*.py")])
LONGEST = 300

# Where Flask is at home beside `api` and `dashboard`, and why.
FLASK = {
    "app/__init__.py": "makes the app",
    "app/config.py": "finds the running app's settings",
    "app/extensions.py": "binds the extensions",
    "app/cli.py": "adds commands to the app",
    "app/run/database.py": "migrates through the app's extension",
    "app/live/registrar.py": "works inside an app context",
    "app/live/lanes.py": "works inside an app context",
}

# Modules whose test has another name or place, and where it is.
MIRRORED_ELSEWHERE = {
    "app/api/__init__.py": "tests/api/test_api.py",
    "app/errors/base.py": "tests/test_errors.py",
    "app/live/__main__.py": "tests/system",
    "app/run/__main__.py": "tests/system",
    # A dialect's formats are tested through its endpoints.
    "app/api/gateway/schemas.py": "tests/api/gateway",
    "app/api/rooms/schemas.py": "tests/api/rooms",
    "app/platforms/__init__.py": "tests/contracts/test_platforms.py",
}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_no_file_is_too_long():
    long = {name(path): len(path.read_text().splitlines()) for path in SOURCES}

    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_every_module_says_what_it_is_for():
    silent = [name(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))]

    assert silent == []


def test_no_module_is_named_after_nothing():
    vague = {"utils", "helpers", "common", "misc", "managers"}

    assert [name(path) for path in SOURCES if vague & {*path.parts[:-1], path.stem}] == []


def test_settings_are_read_in_one_place():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb"):
                owner = node.value
                if isinstance(owner, ast.Name) and owner.id == "os":
                    found.append(name(path))

    assert set(found) <= {"app/config.py"}


def test_marshmallow_is_known_to_the_apis_alone():
    found = [name(path) for path in SOURCES if "marshmallow" in imported(path)]

    assert [path for path in found if not path.startswith("app/api/")] == []


def test_flask_is_known_where_it_must_be():
    found = [
        name(path)
        for path in SOURCES
        if any(package == "flask" or package.startswith("flask_") for package in imported(path))
    ]

    at_home = ("app/api/", "app/dashboard/")
    assert {path for path in found if not path.startswith(at_home)} <= set(FLASK)


def test_sidecars_and_the_app_do_not_know_each_other():
    for path in SOURCES:
        other = "app" if name(path).startswith("sidecars/") else "sidecars"
        assert other not in imported(path), name(path)


def test_nothing_is_swallowed_without_a_name():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, ast.ExceptHandler) or node.type, name(path)


def mirror(path: Path) -> Path:
    if name(path) in MIRRORED_ELSEWHERE:
        return ROOT / MIRRORED_ELSEWHERE[name(path)]
    return ROOT / "tests" / path.relative_to(APP).with_name(f"test_{path.name}")


def works(path: Path) -> bool:
    """Whether a module does anything beside declaring; an interface's methods do nothing."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds)]
    return any(node.name != "__init__" and len(node.body) > 1 for node in nodes) or any(
        not isinstance(node.body[0], ast.Expr) for node in nodes if node.name != "__init__"
    )


@pytest.mark.parametrize(
    "path", [path for path in APP.rglob("*.py") if works(path)], ids=lambda path: name(path)
)
def test_every_module_has_a_test_of_its_name(path):
    if path.name == "__init__.py" and name(path) not in MIRRORED_ELSEWHERE:
        pytest.skip("A package's own file is tested by its parts.")
    found = mirror(path)

    assert found.exists() or list(found.parent.glob(f"{found.stem}_*.py")), f"Missing: {found}"


def test_imports_keep_to_their_layers():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command is not None

    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
