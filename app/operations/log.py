"""The structured log: one JSON object a line on standard error, each request with its id. No query string, no body."""

import json
import logging
import secrets
import time
from typing import Any

from flask import Flask, Response, g, has_request_context, request

FIELDS = ("method", "path", "status", "ms", "user")
access = logging.getLogger("access")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id")
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_requests(app: Flask) -> None:
    """Give each request an id, which its error page shows, and write a line when it is answered."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("flask_appbuilder", "alembic", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    @app.before_request
    def begin() -> None:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static":
            access.info(
                "answered",
                extra={
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
                    "user": getattr(g.get("actor"), "user_id", None),
                },
            )
        return response
