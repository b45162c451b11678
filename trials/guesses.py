"""Passwords are guessed at a running product: eight connections, two workers. And the time that an answer takes does not
tell whether anybody has a name."""

import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from werkzeug.security import generate_password_hash

from app import clock
from app.accounts.guessing import ACCOUNT
from app.accounts.models import Account, Grant, Guesses
from app.extensions import begin_write
from app.sealing import Number
from app.tenancy import everything
from config import PROVINCE
from tests.browser.product import Product
from trials.installation import built, environment, prepare

CONNECTIONS, EACH = 8, 1250  # guesses of each
DOOR, PASSWORD = "/login/built-in", "the right words of a trial"
CLOSE = 0.05  # how far the medians may be apart


class Guesser:
    """One connection that stands at the door."""

    def __init__(self, url: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.connection.request("GET", DOOR)
        answer = self.connection.getresponse()
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        found = re.search(rb'name="csrf_token" value="([^"]+)"', answer.read())
        assert found, "the door has a form"
        self.token = found[1].decode()

    def try_(self, username: str, password: str) -> int:
        form = urlencode({"csrf_token": self.token, "username": username, "password": password})
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", DOOR, form, headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


def run(engine: Any, folder: Path, times: int, number: int, guesses: int = EACH, tries: int = 1000) -> list[str]:
    """Guess `times` times over; the failures in words."""
    return [failure for n in range(times) for failure in _once(engine, folder, n, number, guesses, tries)]


def _once(engine: Any, folder: Path, n: int, number: int, guesses: int, tries: int) -> list[str]:
    with _installed(engine, folder, f"guesses_{n}", number) as (env, url):
        return [*_guess(url, guesses), *_time(env, url, tries)]


@contextmanager
def _installed(engine: Any, folder: Path, database: str, number: int) -> Iterator[tuple[dict[str, str], str]]:
    data_dir = folder / database
    data_dir.mkdir()
    prepare(engine, database, data_dir, 1, number)
    env = environment(engine, database, data_dir)
    with built(env), everything("trial") as session:
        begin_write(session)
        for k, name in enumerate(("wanted", "other", "timed")):
            facts = {"first_name": name, "last_name": "", "email": f"{name}@trial.invalid", "active": True}
            account = Account(username=name, password=generate_password_hash(PASSWORD), **facts)
            account.id_number = Number.of(f"3501021990010{k:04}X"[:18])
            session.add(account)
            session.flush()
            session.add(Grant(user_id=account.id, role="hr_reviewer", region=PROVINCE, granted_at=clock.now()))
        session.commit()
    product = Product(env, folder / f"{database}.log")
    try:
        yield env, product.url
    finally:
        product.stop()
        engine.drop(database)


def _statuses(url: str, n: int, number: int) -> list[int]:
    guesser = Guesser(url)
    return [guesser.try_("wanted", f"guess {n} {k}") for k in range(number)]


def _guess(url: str, each: int) -> list[str]:
    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        found = pool.map(lambda n: _statuses(url, n, each), range(CONNECTIONS))
        statuses = Counter(status for one in found for status in one)
    most, waited = ACCOUNT.free, 0.0
    while most < ACCOUNT.locked and waited <= time.monotonic() - began:
        waited += ACCOUNT.wait(most).total_seconds()
        most += 1
    looked_at, refused = statuses.pop(401, 0), statuses.pop(429, 0)
    failures = [f"answered with {dict(statuses)}"] if statuses else []
    if looked_at > most or looked_at + refused != CONNECTIONS * each:
        failures.append(f"{looked_at} of {CONNECTIONS * each} guesses were looked at, at most {most} may be")
    if (status := Guesser(url).try_("wanted", PASSWORD)) != 429:
        failures.append(f"the right password amid the guesses is answered with {status}")
    if (status := Guesser(url).try_("other", PASSWORD)) != 303:
        failures.append(f"another account at the same address is answered with {status}")
    return failures


def _time(env: dict[str, str], url: str, tries: int) -> list[str]:
    """Wrong passwords for a name that is known and one that is not, in turn; their medians."""
    took: dict[str, list[float]] = {"timed": [], "nobody": []}
    guesser = Guesser(url)
    with built(env), everything("trial") as session:
        for k in range(tries):
            if k % (ACCOUNT.free - 1) == 0:
                session.rollback()
                begin_write(session)
                session.execute(sa.delete(Guesses))
                session.commit()
            for name in sorted(took, reverse=bool(k % 2)):
                began = time.perf_counter()
                status = guesser.try_(name, f"wrong {k}")
                took[name].append(time.perf_counter() - began)
                if status != 401:
                    return [f"{name} is answered with {status}"]
    if not tries:
        return []
    known, unknown = (statistics.median(times) for times in took.values())
    apart = abs(known - unknown) / min(known, unknown)
    return [f"medians {known * 1000:.1f} and {unknown * 1000:.1f} ms, {apart:.1%} apart"] if apart >= CLOSE else []
