"""The app for gunicorn (`run:served()`), and `python run.py`: migrate, load the demo, check the key, serve."""

import os
import sys

import click
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.attachments import StorageError, storage
from app.operations import chores, demo
from app.sealing import KeyMismatch, check_key
from app.tenancy import everything


def prepare() -> None:
    """Everything that is done once before the workers start."""
    app = create_app()
    with app.app_context():
        upgrade()
        with everything("start") as session:
            check_key(session)
        try:
            storage().check()
        except StorageError as error:
            print(f"\n  {error}\n  Files cannot be kept until this is mended; see /readyz.", flush=True)
        accounts = demo.load() if app.config["DEMO"] else None
        print(f"\n  职称评审台 · Title Review Desk   http://127.0.0.1:{app.config['PORT']}/\n", flush=True)
        if accounts:
            print(accounts, flush=True)


def serve() -> None:
    """Become gunicorn."""
    from config import settings

    config = settings()
    arguments = ["gunicorn", "--bind", f"127.0.0.1:{config['PORT']}", "--workers", str(config["WORKERS"])]
    arguments += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "run:served()"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *arguments[1:]])


def served() -> Flask:
    """The app of one worker, which also does the chores. gunicorn calls it after the fork (no --preload)."""
    chores.start(app)
    return app


if __name__ == "__main__":
    try:
        prepare()
    except (click.ClickException, KeyMismatch) as error:  # a wrong setting is one of the first
        sys.exit(f"{error}")
    serve()
else:
    app = create_app()
