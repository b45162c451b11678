"""The app for gunicorn (`run:served()`), and `python run.py`: migrate, load the demo, check the key, serve."""

import json
import os
import secrets
import socket
import subprocess
import sys

import click
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.attachments import StorageError, storage
from app.operations import chores, demo
from app.sealing import KeyMismatch, check_key
from app.tenancy import everything
from config import ROOT, settings


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


def stand_in(port: int) -> dict[str, str]:
    """Start the demo's provider of 单位登录, which ends with this process; the settings that lead to it.

    Its socket is open before it starts: the next port, or any that is free.
    """
    try:
        door = socket.create_server(("127.0.0.1", port + 1))
    except (OSError, OverflowError):
        door = socket.create_server(("127.0.0.1", 0))
    issuer = f"http://127.0.0.1:{door.getsockname()[1]}"
    client = {"client_id": "title-review-desk", "client_secret": secrets.token_urlsafe(32)}
    told = {"issuer": issuer, **client, "fd": door.fileno(), "parent": os.getpid()}
    places = os.pathsep.join(map(str, (ROOT, ROOT / "app" / "operations" / "demo")))  # imported without the product
    provider = subprocess.Popen(
        [sys.executable, "-P", "-m", "provider"],
        env={**os.environ, "PYTHONPATH": places},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=[door.fileno()],
        text=True,
    )
    assert provider.stdin
    with door, provider.stdin:
        json.dump(told, provider.stdin)
    print(f"  单位登录 · a stand-in of the province's single sign-on, for the demo   {issuer}/\n", flush=True)
    named = {f"SIGN_ON_{name.upper()}": value for name, value in {"issuer": issuer, **client}.items()}
    return {**named, "SIGN_ON_STAND_IN": "1", "SIGN_ON_CLAIMS": "", "SIGN_ON_SCOPE": ""}


def serve() -> None:
    """Become gunicorn."""
    config = settings()
    needed = config["DEMO"] and not config["SIGN_ON"]
    environment = {**os.environ, **(stand_in(config["PORT"]) if needed else {})}
    arguments = ["gunicorn", "--bind", f"127.0.0.1:{config['PORT']}", "--workers", str(config["WORKERS"])]
    arguments += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket", "run:served()"]
    os.execve(sys.executable, [sys.executable, "-m", "gunicorn", *arguments[1:]], environment)


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
