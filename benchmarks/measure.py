"""Times and memory of what people wait for, on an installation of its own."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.security import generate_password_hash

from app import clock
from app.accounts.models import Account, Grant
from app.extensions import begin_write
from app.operations.seed import seed_registrations
from app.sealing import Number, check_key
from app.tenancy import UNGUARDED, everything
from app.units.models import Unit
from tests.browsing import Browser
from trials.installation import built, environment

PASSWORD = "a password for benchmarks"
FEW, MANY = 1_000, 100_000
REQUESTS = 40


@dataclass(frozen=True)
class Figure:
    what: str
    value: str
    bound: str = ""
    kept: bool = True


@contextmanager
def installation(
    engine: Any, folder: Path, database: str, fill: Callable[[Any], None]
) -> Iterator[tuple[Flask, dict[str, str]]]:
    """A database that `fill` has filled, with an account for its first unit (`unit`) and one for the province
    (`province`) and its reviewer (`reviewer`)."""
    from flask_migrate import upgrade  # inline: alembic is not needed by those who only measure

    engine.create(database)
    env = environment(engine, database, folder)
    with built(env) as app:
        upgrade()
        with everything("benchmark") as session:
            check_key(session)
            session.rollback()
            fill(session)
            begin_write(session)
            first = session.scalar(sa.select(sa.func.min(Unit.id)))
            _account(session, "unit", {"role": "unit_administrator", "unit_id": first})
            _account(session, "province", {"role": "auditor", "region": "350000"})
            _account(session, "reviewer", {"role": "hr_reviewer", "region": "350000"})
            session.commit()
        settle(app)
    yield app, env


def waiting(*sizes: int) -> Callable[[Any], None]:
    """Fills the n-th unit with `sizes[n]` waiting registrations."""

    def fill(session: Any) -> None:
        for number, size in enumerate(sizes):
            seed_registrations(session, 1, size, number, lambda _count: None, outcomes=("pending",))

    return fill


def _account(session: Any, username: str, grant: dict[str, Any]) -> None:
    account = Account(
        username=username,
        first_name=username,
        last_name="",
        email=f"{username}@example.cn",
        password=generate_password_hash(PASSWORD, method="pbkdf2:sha256:1000"),
        active=True,
        id_number=Number.of("110101196001010000" if username == "unit" else "110101196001010001"),
    )
    session.add(account)
    session.flush()
    session.add(Grant(user_id=account.id, granted_at=clock.now(), **grant))


def settle(app: Flask) -> None:
    """What the engine does by itself a while after many rows came: statistics, and on PostgreSQL the map of the pages
    that an index alone may answer for (autovacuum)."""
    owner = sa.create_engine(
        app.config["MIGRATION_DATABASE_URL"], isolation_level="AUTOCOMMIT", execution_options={UNGUARDED: "benchmark"}
    )
    with owner.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if owner.dialect.name == "postgresql" else "ANALYZE")
    owner.dispose()


def times(action: Callable[[], Any], count: int = REQUESTS) -> tuple[float, float]:
    """p50 and p95 of an action, in milliseconds, after three runs that do not count."""
    taken = []
    for n in range(count + 3):
        began = time.perf_counter()
        action()
        if n >= 3:
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[18]


def page(app: Flask, username: str, address: str = "/registrations/list/") -> tuple[float, float]:
    browser = Browser(app).sign_in(username, PASSWORD)
    assert browser.get(address).status_code == 200, address
    return times(lambda: browser.get(address))


def batch(app: Flask) -> float:
    """Seconds of passing all that wait in the first unit, in one go."""
    browser = Browser(app).sign_in("unit", PASSWORD)
    browser.get("/registrations/list/")
    began = time.perf_counter()
    form = {"all": "1", "verdict": "pass", "opinion": "同意", "seen_at": clock.now().isoformat()}
    answer = browser.post("/registrations/decide", form)
    assert answer.status_code == 303 and "/batch/" in answer.location, answer.status
    return time.perf_counter() - began


def download(env: dict[str, str], username: str, address: str, idle: str) -> tuple[float, float, int]:
    """(seconds, MB over idle at the peak, bytes) of a download, in a process of its own; `idle` is a small one of the
    same sort, taken before."""
    command = [sys.executable, "-m", "benchmarks.download_once", username, address, idle]
    answer = subprocess.run(command, env={**env, "PATH": ""}, capture_output=True, text=True, check=True)
    seconds, megabytes, size = answer.stdout.split()
    return float(seconds), float(megabytes), int(size)


def memory(name: str) -> float:
    """Of this process, in MB: what it holds now (`VmRSS`), or has held at most (`VmHWM`, proc(5))."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024


def forget_peak() -> None:
    """Let the peak begin again at what is held now: a process starts with its parent's."""
    Path("/proc/self/clear_refs").write_text("5")
