"""Builds what the benchmarks need outside the repository: the load generator and the peers."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
CFLAGS = ("-O2", "-std=gnu11", "-Wall", "-Wextra")


def folder() -> Path:
    """Return the folder for builds, environments and servers' files; it may be deleted any time."""
    path = Path(tempfile.gettempdir()) / f"patchbay-bench-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def load_generator() -> Path:
    """Compile the load generator unless this source is compiled already.

    Raises SystemExit where no C compiler is installed.
    """
    sources = sorted((HERE / "load").glob("*.[ch]"))
    binary = folder() / f"load-{_digest(sources)}"
    if not binary.exists():
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            raise SystemExit("bench: the load generator is written in C: install gcc first.")
        units = [str(path) for path in sources if path.suffix == ".c"]
        _run("compiling the load generator", [compiler, *CFLAGS, "-o", str(binary), *units])
    return binary


def peer_python() -> Path:
    """Return the interpreter of the Python peers' own environment, made on first use."""
    requirements = HERE / "requirements.txt"
    home = folder() / f"venv-{_digest([requirements])}"
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        _run("making the peers' environment", [sys.executable, "-m", "venv", str(home)])
        install = [str(python), "-m", "pip", "install", "-qq", "-r", str(requirements)]
        _run("installing the Python peers", install)
        (home / "complete").touch()
    return python


def node_modules() -> Path:
    """Return the folder that holds the Node peer's packages, installed on first use.

    Raises SystemExit where Node or npm is missing.
    """
    package = HERE / "peers" / "package.json"
    home = folder() / f"node-{_digest([package])}"
    if not (home / "node_modules" / "ws").exists():
        if not (shutil.which("node") and shutil.which("npm")):
            raise SystemExit("bench: the Node peer needs node and npm.")
        home.mkdir(exist_ok=True)
        shutil.copy(package, home)
        install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error"]
        _run("installing the Node peer", install, cwd=home)
    return home


def _digest(paths: list[Path]) -> str:
    content = b"".join(path.read_bytes() for path in paths)
    return hashlib.sha256(content).hexdigest()[:12]


def _run(what: str, command: list[str], cwd: Path | None = None) -> None:
    print(f"bench: {what} …", file=sys.stderr, flush=True)
    subprocess.run(command, check=True, cwd=cwd, timeout=600, stdout=sys.stderr)
