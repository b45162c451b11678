"""`make trials [SCALE=…]`: runs each trial on both engines and prints count, seed and failures."""

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.engines import ENGINES
from trials import guesses, kill, kill_load, race, race_positions

# name → (what runs, how often at scale 1)
TRIALS = {
    "race: two processes decide the same 500 rows": (race.run, 20),
    "race: two reviewers pass three for two positions": (race_positions.run, 50),
    "kill -9 in a batch of 20,000": (kill.run, 20),
    "kill -9 in a load of 60 records with files": (kill_load.run, 20),
    "10,000 guesses over 8 connections; 1,000 timed": (guesses.run, 1),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make trials")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    options = parser.parse_args()
    failed = 0
    print(f"{'trial':48} {'engine':11} {'count':>5} {'failures':>8} {'seconds':>8}   seed {options.seed}")
    for name, (run, count) in TRIALS.items():
        for kind in ENGINES:
            times = max(1, round(count * options.scale))
            began = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                failures = run(kind(Path(folder)), Path(folder), times, options.seed)
            took = time.perf_counter() - began
            print(
                f"{name:48} {kind.name:11} {times:5} {len(failures):8} {took:8.1f}", *failures, sep="\n  ", flush=True
            )
            failed += len(failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
