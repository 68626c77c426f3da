"""Parts that several test modules use: where the checkout is, and a server in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iio_kg.config import Settings

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A server of the site in a process of its own."""

    url: str
    process: subprocess.Popen[str]
    log: Path


def start_server(settings: Settings, folder: Path, *arguments: str) -> Server:
    """Start ``iio-kg serve`` on a free port and wait until it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "server.log"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IIO_KG_")}
    environment["IIO_KG_DATA_DIR"] = str(settings.data_dir)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "iio_kg", "serve", "--port", str(port), *arguments],
            stdout=output,
            stderr=output,
            env=environment,
            cwd=folder,
            text=True,
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
                if response.status == 200:
                    return Server(url, process, log)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            # Nothing listens yet; an attempt that is refused costs nothing, so ask again until the deadline.
            continue
    process.kill()
    raise AssertionError(f"the server did not become ready: {log.read_text()}")


def stop_server(server: Server) -> int:
    """Tell a server to stop, as a service manager does, and return its exit code."""
    server.process.terminate()
    return server.process.wait(timeout=20)
