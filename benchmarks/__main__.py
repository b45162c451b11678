"""`make bench [ARGS="archive sqlite"]`: the figures that the product promises, as a table; ARGS names some of them."""

import sys
import tempfile
from pathlib import Path

from benchmarks import applications, archive, home, overview, registrations
from tests.engines import ENGINES

SUBJECTS = {
    "registrations": registrations.figures,
    "archive": archive.figures,
    "applications": applications.figures,
    "home": home.figures,
    "overview": overview.figures,
}


def main(*wanted: str) -> int:
    engines = [kind for kind in ENGINES if kind.name in wanted] or ENGINES
    subjects = [SUBJECTS[name] for name in wanted if name in SUBJECTS] or SUBJECTS.values()
    broken = 0
    for kind in engines:
        with tempfile.TemporaryDirectory() as folder:
            engine = kind(Path(folder))
            for figure in (figure for figures in subjects for figure in figures(engine, Path(folder))):
                mark = "" if figure.kept else "  <- broken"
                print(f"{kind.name:11} {figure.what:42} {figure.value:40} {figure.bound}{mark}", flush=True)
                broken += not figure.kept
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
