"""The process of its own."""

import json
import os
import signal
import sys
import threading
import time
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from .pages import serving
from .server import Client, Provider

WATCH_SECONDS = 0.5


class Quiet(WSGIRequestHandler):
    """Codes and names stand in the addresses: nothing is written of a request."""

    def log_request(self, *_arguments: Any) -> None:
        pass


def main() -> None:
    """Serve on an open socket (its number is told) until the process that started this one ends."""
    told = json.load(sys.stdin)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    threading.Thread(target=_end_with, args=(told["parent"],), daemon=True).start()
    provider = Provider(told["issuer"], Client(told["client_id"], told["client_secret"]))
    make_server("127.0.0.1", 0, serving(provider), True, request_handler=Quiet, fd=told["fd"]).serve_forever()


def _end_with(parent: int) -> None:
    """The parent becomes gunicorn and keeps its number; whose parent ends, however it does, gets another one."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main()
