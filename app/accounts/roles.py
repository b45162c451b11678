"""The roles (R36), as data: what each may open, and over what it is granted. A new role is one entry here."""

from dataclasses import dataclass
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

# What a desk's views are called in permissions, and what may be done there.
REVIEWS = ("registrations", "archive", "withdrawals", "applications")
READ = ("menu_access", "can_read", "can_export")
NOTE = (*READ, "can_note")
DECIDE = (*NOTE, "can_decide", "can_reveal")
# Entering built-in units, and what whoever manages accounts and roles opens; how far he grants, bounds.py says.
ENTER = ("menu_access", "can_edit")
MANAGE = {
    "roles": ("menu_access", "can_read", "can_edit"),
    "accounts": ("can_read", "can_edit"),
    "units": (*ENTER, "can_hand_over", "can_change"),
    "settings": ("menu_access",),
}
# 辖区总览: what a role over a department's units or a region meets first.
OVERSEE = {"overview": ("menu_access", "can_read", "can_export")}
# 单位首页: what a role over a unit meets first.
HOME = {"home": ("menu_access", "can_read")}
# What every role opens.
EVERYWHERE = {
    "attachments": ("can_read",),
    "people": ("menu_access", "can_read"),
    "plans": ("menu_access", "can_read"),
    "news": ("menu_access", "can_read"),
}


@dataclass(frozen=True)
class Role:
    """A role: granted over a unit (its own, or a department's subordinate ones) or a region, with its permissions."""

    label: Any
    over: Literal["unit", "department", "region"]
    permissions: dict[str, tuple[str, ...]]  # view → what may be done on it
    node: str | None = None  # where its verdicts fall; `region`: the node of the region's level


ROLES: dict[str, Role] = {
    "unit_administrator": Role(
        _l("Unit administrator"),
        "unit",
        {
            **HOME,
            **EVERYWHERE,
            **dict.fromkeys(REVIEWS, DECIDE),
            "tasks": READ,
            "people": ("menu_access", "can_read", "can_reveal", "can_end"),
            "notices": ("menu_access", "can_read", "can_edit"),
            "phrases": ("menu_access", "can_edit"),
            "unit": ("menu_access", "can_read", "can_edit", "can_reveal"),
            "settings": ("menu_access",),
            "roles": ("menu_access", "can_read", "can_edit"),
            "accounts": ("can_read",),
        },
        node="unit",
    ),
    # 代审: decides for the administrator who named it, and does nothing else of his.
    "stand_in": Role(
        _l("Stand-in"),
        "unit",
        {
            **HOME,
            **EVERYWHERE,
            **dict.fromkeys(REVIEWS, DECIDE),
            "tasks": READ,
            "notices": ("menu_access", "can_read", "can_edit"),
            "unit": ("menu_access", "can_read"),
        },
        node="unit",
    ),
    "unit_clerk": Role(
        _l("Unit clerk"),
        "unit",
        {
            **HOME,
            **EVERYWHERE,
            **dict.fromkeys(REVIEWS, NOTE),
            "tasks": READ,
            "notices": ("menu_access", "can_read"),
            "unit": ("menu_access", "can_read"),
        },
        node="unit",
    ),
    "department_reviewer": Role(
        _l("Department reviewer"),
        "department",
        {**OVERSEE, **EVERYWHERE, **dict.fromkeys(REVIEWS, READ), "applications": DECIDE, "tasks": READ},
        node="department",
    ),
    "hr_reviewer": Role(
        _l("HR bureau reviewer"),
        "region",
        {
            **OVERSEE,
            **EVERYWHERE,
            **dict.fromkeys(REVIEWS, READ),
            "applications": DECIDE,
            "tasks": READ,
            "units": ENTER,
            "settings": ("menu_access",),
        },
        node="region",
    ),
    "hr_operations": Role(
        _l("HR operations"),
        "region",
        {
            **OVERSEE,
            **EVERYWHERE,
            **dict.fromkeys(REVIEWS, READ),
            "plans": ("menu_access", "can_read", "can_edit"),
            "news": ("menu_access", "can_read", "can_edit"),
            "holidays": ("menu_access", "can_edit"),
            **MANAGE,
        },
    ),
    "auditor": Role(_l("Auditor"), "region", {**OVERSEE, **EVERYWHERE, **dict.fromkeys(REVIEWS, READ)}),
    "system_administrator": Role(
        _l("System administrator"),
        "region",
        {**OVERSEE, **EVERYWHERE, **dict.fromkeys(REVIEWS, READ), "applications": (*READ, "can_lift"), **MANAGE},
    ),
}

# What a role has besides over a public institution (R31): for everybody else neither menu nor page nor address exists.
# Each view stands at the address of its name, and all below that is its own.
OF_INSTITUTION: dict[str, dict[str, tuple[str, ...]]] = {
    "unit_administrator": {"posts": ("menu_access", "can_read", "can_submit")},
    "stand_in": {"posts": ("menu_access", "can_read")},
    "unit_clerk": {"posts": ("menu_access", "can_read")},
}


def of_institution(role_name: str) -> str:
    """What the framework calls that part of a role."""
    return f"{role_name} of a public institution"


def framework_roles() -> dict[str, list[list[str]]]:
    """The tables as FAB_ROLES: per role, [view pattern, permission pattern]; anchored, for it matches prefixes."""
    table = {name: role.permissions for name, role in ROLES.items()}
    table |= {of_institution(name): permissions for name, permissions in OF_INSTITUTION.items()}
    return {
        name: [[f"^{view}$", f"^({'|'.join(allowed)})$"] for view, allowed in permissions.items()]
        for name, permissions in table.items()
    }
