"""Keeps app/static/vendor as its table, vendor.toml, says: files of npm packages, byte for byte, with their checksums.

usage: python .ci/vendor.py [--check] [--folder FOLDER]
fetches each package with `npm pack` (your own configuration of npm decides from where) and writes the files anew
--check   fetches nothing, needs neither npm nor a network; exit 1 with a line for each file that is not as listed
"""

import argparse
import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

VENDOR = Path(__file__).resolve().parent.parent / "app" / "static" / "vendor"
TABLE, SUMS = "vendor.toml", "SHA256SUMS"


def fetch(folder: Path) -> None:
    """All packages are there and right before the first old file goes."""
    table: dict[str, dict[str, Any]] = tomllib.loads((folder / TABLE).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        new = Path(scratch, "new")
        for name, package in table.items():
            unpack(pack(name, package, Path(scratch)), package["files"], new / name)
        for old in folder.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
        shutil.copytree(new, folder, dirs_exist_ok=True)
    (folder / SUMS).write_text("".join(f"{sums}  {name}\n" for name, sums in kept(folder)), "utf-8", newline="\n")


def pack(name: str, package: dict[str, Any], scratch: Path) -> Path:
    """The package's archive, checked against the table."""
    place = scratch / f"{name}.pack"
    place.mkdir(parents=True)
    command = ["npm", "pack", "--silent", "--pack-destination", str(place), f"{name}@{package['version']}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = place.iterdir()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if integrity != package["integrity"]:
        sys.exit(f"{name} {package['version']}: integrity is {integrity}, not as listed")
    return archive


def unpack(archive: Path, patterns: list[str], target: Path) -> None:
    """The files that the table names; npm puts all of them into one folder of the archive."""
    missing = set(patterns)
    with tarfile.open(archive) as tar:
        for member in filter(tarfile.TarInfo.isfile, tar):
            name = PurePosixPath("/", *PurePosixPath(member.name).parts[1:])
            wanted = {pattern for pattern in patterns if name.match(f"/{pattern}")}
            if wanted and ".." not in name.parts:
                path = target / name.relative_to("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]  # it is a file
            missing -= wanted
    if missing:
        sys.exit(f"{archive.name} has no {', '.join(sorted(missing))}")


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file of the folder, the table too, with its checksum: a table that nobody fetched by is told as well."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / SUMS:
            yield path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def faults(folder: Path) -> Iterator[str]:
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    listed = {name: sums for sums, _, name in (line.partition("  ") for line in lines)}
    found = dict(kept(folder))
    for name in sorted(listed.keys() | found.keys()):
        if name not in listed:
            yield f"{name}: is not listed"
        elif name not in found:
            yield f"{name}: is missing"
        elif listed[name] != found[name]:
            yield f"{name}: is changed"


def main() -> int:
    parser = argparse.ArgumentParser(description="fetches the front-end files of others, or checks them")
    parser.add_argument("--check", action="store_true", help="only compare the files with their checksums")
    parser.add_argument("--folder", type=Path, default=VENDOR)
    args = parser.parse_args()
    if not args.check:
        fetch(args.folder)
        return 0
    found = list(faults(args.folder))
    for fault in found:
        print(f"{args.folder.name}/{fault}; run make vendor", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
