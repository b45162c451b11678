"""Makes lines of 职称申报."""

from typing import Any


def plan_line(n: int = 1, **changes: Any) -> dict[str, Any]:
    """The n-th plan: of the whole province, open in June and until the end of 2026."""
    line = {
        "kind": "plan",
        "ref": f"P{n}",
        "code": f"P2026-{n:02d}",
        "name": f"2026年度工程系列副高级职称评审（{n}）",
        "year": 2026,
        "series": "engineering",
        "level": "associate_senior",
        "region": "350000",
        "committee": "福建省工程系列高级职称评审委员会",
        "opens_on": "2026-06-01",
        "closes_on": "2026-12-31",
    }
    return line | changes
