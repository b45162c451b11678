"""The shipped feed replayed by itself, in plain Python: where each archive item of a unit ends."""

import json
from collections import Counter
from pathlib import Path


def statuses(feed: Path, unit: str) -> dict[str, Counter[str]]:
    """Item type → how many items of the unit are in each status after the whole feed."""
    lines = [json.loads(line) for line in feed.read_text("utf-8").splitlines()]
    items, requests, state = {}, {}, {}
    for line in lines:
        ref = line["ref"]
        if line["kind"] == "archive_item":
            items[ref], state[ref] = line, "pending"
        elif line["kind"] == "withdrawal":
            requests[ref] = line["item"]
        elif line["kind"] == "decision":
            of, passed = line["of"], line["verdict"] == "pass"
            if of["kind"] == "archive_item":
                state[of["ref"]] = "passed" if passed else "returned"
            elif of["kind"] == "withdrawal" and passed:
                state[requests[of["ref"]]] = "withdrawn"
    counted: dict[str, Counter[str]] = {}
    for ref, line in items.items():
        if line["unit"] == unit:
            counted.setdefault(line["type"], Counter())[state[ref]] += 1
    return counted
