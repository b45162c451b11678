"""The app for gunicorn (`run:app`), and `python run.py`: migrate, load the demo, check the key, serve."""

import os
import sys

from flask_migrate import upgrade

from app import create_app
from app.operations import demo
from app.sealing import KeyMismatch, check_key
from app.tenancy import everything
from config import ConfigurationError


def prepare() -> None:
    """Everything that is done once before the workers start."""
    app = create_app()
    with app.app_context():
        upgrade()
        with everything("start") as session:
            check_key(session)
        accounts = demo.load() if app.config["DEMO"] else None
        print(f"\n  职称评审台 · Title Review Desk   http://127.0.0.1:{app.config['PORT']}/\n", flush=True)
        if accounts:
            print(accounts, flush=True)


def serve() -> None:
    """Become gunicorn."""
    from config import settings

    config = settings()
    arguments = ["gunicorn", "--bind", f"127.0.0.1:{config['PORT']}", "--workers", str(config["WORKERS"])]
    arguments += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "run:app"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments[1:]])


if __name__ == "__main__":
    try:
        prepare()
    except (ConfigurationError, KeyMismatch) as error:
        sys.exit(f"{error}")
    serve()
else:
    app = create_app()
