"""The feed of bad lines, to be loaded after the demo, and which field each must be answered by."""

import csv
import shutil
from pathlib import Path

from app.operations.demo.load import FEED

DATA = Path(__file__).with_name("data")
LINES = (DATA / "bad.ndjson").read_bytes().splitlines()


def told() -> dict[int, str]:
    """Line number → the field that its answer names; a line that is not here is good."""
    with (DATA / "bad.expect.tsv").open() as file:
        return {int(row[0]): row[1] for row in csv.reader(file, delimiter="\t")}


def bad_feed(folder: Path, *lines: bytes) -> Path:
    """A feed of these lines, or of all, beside the proofs of the demo that they name."""
    shutil.copytree(FEED.with_name("proofs"), folder / "proofs")
    file = folder / "bad.ndjson"
    file.write_bytes(b"\n".join(lines or LINES) + b"\n")
    return file
