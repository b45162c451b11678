"""Front-end files of others: each is the one whose checksum is kept, and no other lies among them."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT

TOOL = ROOT / ".ci" / "vendor.py"


def check(*options: object) -> tuple[int, list[str]]:
    """What the tool says: its exit code and its lines."""
    command = [sys.executable, TOOL, "--check", *options]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return ran.returncode, ran.stderr.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of files as the tool leaves it."""
    folder = tmp_path / "vendor"
    files = {"chart/dist/chart.min.js": b"draw();\n", "vendor.toml": b"[chart]\n"}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return folder


def test_the_files_of_the_product_are_those_that_were_fetched():
    assert check() == (0, [])


def test_a_folder_as_it_was_fetched_has_no_fault(folder):
    assert check("--folder", folder) == (0, [])


def test_a_changed_byte_is_told(folder):
    (folder / "chart" / "dist" / "chart.min.js").write_bytes(b"draw(); \n")
    assert check("--folder", folder) == (1, ["vendor/chart/dist/chart.min.js: is changed; run make vendor"])


def test_a_file_that_nobody_listed_is_told(folder):
    (folder / "chart" / "more.js").write_bytes(b"steal();\n")
    assert check("--folder", folder) == (1, ["vendor/chart/more.js: is not listed; run make vendor"])


def test_a_missing_file_is_told(folder):
    (folder / "chart" / "dist" / "chart.min.js").unlink()
    assert check("--folder", folder) == (1, ["vendor/chart/dist/chart.min.js: is missing; run make vendor"])


def test_a_table_that_nobody_fetched_by_is_told(folder):
    (folder / "vendor.toml").write_bytes(b'[chart]\nversion = "2"\n')
    assert check("--folder", folder) == (1, ["vendor/vendor.toml: is changed; run make vendor"])
