"""The product as it is really run: gunicorn with two workers, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from config import ROOT


class Product:
    """A running product. `environment` is all that it is told; its output goes to `log`."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        # The socket is open before gunicorn starts: no port to race for, and the first request waits in its queue.
        with socket.create_server(("127.0.0.1", 0), backlog=64) as door, log.open("w") as output:
            self.leads_to = environment.get("SIGN_ON_ISSUER")  # out of the product, and back
            self.url = f"http://127.0.0.1:{door.getsockname()[1]}"
            command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{door.fileno()}", "--workers", "2"]
            command += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "run:app"]
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                pass_fds=[door.fileno()],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            build_opener(ProxyHandler({})).open(f"{self.url}/readyz", timeout=30).close()
        except OSError as error:
            self.stop()
            raise RuntimeError(f"the product does not start: {log.read_text()[-2000:]}") from error

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # gunicorn's quick end
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
