"""The material of a record as a declaration, and as it reads: what a version says, and what changed since another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app import clock
from app.review.rules import VERDICTS

Section = tuple[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Fact:
    """One line: where its value stands in what was submitted (a dotted path), and how it reads."""

    path: str
    label: Any
    read: Callable[[Any], str] = str
    kind: str = "text"  # text, number, long, verdict, files (ids of attachments)
    written: bool = True  # by the applicant: it can be wrong, be ticked in a return, and be corrected
    compare: Callable[[Any], Any] | None = None  # what of its value says whether it changed; else all of it


@dataclass(frozen=True)
class Part:
    """A section of the review page."""

    title: Any
    facts: tuple[Fact, ...]


Material = tuple[Part, ...]


def read_time(value: str) -> str:
    """A time of a version as people read it."""
    return clock.shown(datetime.fromisoformat(value))


def at_path(content: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    value: Any = content
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def changed_paths(
    material: Material, content: Mapping[str, Any], before: Mapping[str, Any], files: Mapping[str, Any]
) -> set[str]:
    """The paths whose values differ. Numbers are compared by their blind index, for masked ones may look alike, files
    by their bytes, for each time they are handed in they get other ids."""
    written = [fact for part in material for fact in part.facts if fact.written]
    return {fact.path for fact in written if _comparable(content, fact, files) != _comparable(before, fact, files)}


def _comparable(content: Mapping[str, Any], fact: Fact, files: Mapping[str, Any]) -> Any:
    if fact.kind == "files":
        return [files[pk].sha256 if pk in files else pk for pk in ids_of(at_path(content, fact.path))]
    if fact.compare is not None:
        return fact.compare(at_path(content, fact.path))
    return content.get("numbers", {}).get(fact.path) or at_path(content, fact.path)


def file_ids(material: Material, content: Mapping[str, Any]) -> list[str]:
    """The ids of all files that a content names, in the order of its page."""
    paths = [fact.path for part in material for fact in part.facts if fact.kind == "files"]
    return [pk for path in paths for pk in ids_of(at_path(content, path))]


def ids_of(value: Any) -> list[str]:
    """The ids in a field of one file or of several."""
    return [value] if isinstance(value, str) else list(value or ())


@dataclass(frozen=True)
class Reading:
    """How a version is shown: whole numbers by path, where seen; the version before; the remarks of its return."""

    whole: Mapping[str, str]
    before: Mapping[str, Any] | None = None
    were: Mapping[str, str] = field(default_factory=dict)  # whole numbers of the version before, by path
    remarks: Mapping[str, str] | None = None
    files: Mapping[str, Any] = field(default_factory=dict)  # the attachments of all versions, by id


def sections(material: Material, content: Mapping[str, Any], reading: Reading) -> list[Section]:
    """The sections of a version, each fact with what changed since the return and what that said about it."""
    changed = changed_paths(material, content, reading.before, reading.files) if reading.before is not None else set()
    return [(str(part.title), [_line(fact, content, reading, changed) for fact in part.facts]) for part in material]


def _line(fact: Fact, content: Mapping[str, Any], reading: Reading, changed: set[str]) -> dict[str, Any]:
    remark = (reading.remarks or {}).get(fact.path)
    is_changed = fact.path in changed
    answered = remark is not None and reading.before is not None
    old = reading.were.get(fact.path) or at_path(reading.before or {}, fact.path)
    return {
        "path": fact.path,
        "label": str(fact.label),
        "value": _read(fact, reading.whole.get(fact.path) or at_path(content, fact.path)),
        "kind": fact.kind,
        "files": _files(fact, content, reading),
        "mark": None,
        "url": None,
        "changed": is_changed,
        "was": _read(fact, old) if is_changed else None,
        "remark": remark,
        "remark_state": ("changed" if is_changed else "unchanged") if answered else None,
    }


def _files(fact: Fact, content: Mapping[str, Any], reading: Reading) -> list[Any]:
    ids = ids_of(at_path(content, fact.path)) if fact.kind == "files" else ()
    return [reading.files[pk] for pk in ids if pk in reading.files]


def files_of(shown: Sequence[Section]) -> list[dict[str, Any]]:
    """The files of sections in reading order, each with the label of its field."""
    lines = [line for _title, section in shown for line in section]
    return [{"label": line["label"], "file": file} for line in lines for file in line.get("files", ())]


def _read(fact: Fact, value: Any) -> str:
    if fact.kind == "files":
        return str(len(ids_of(value)))
    return fact.read(value) if value not in (None, "") else "—"


def labels(material: Material) -> dict[str, str]:
    """The label of each path that the applicant wrote: for the ticks of a return by items, and its remarks."""
    return {fact.path: str(fact.label) for part in material for fact in part.facts if fact.written}


def latest_verdict(history: Sequence[Any], before: int | None = None) -> Any:
    """The newest verdict in a ledger (newest first) that was not taken back, on a version `before` one where that is
    asked; None without one."""
    taken_back = False
    for entry in history:
        if entry.step in VERDICTS and not taken_back and (before is None or entry.version < before):
            return entry
        taken_back = entry.step == "take_back"
    return None
