"""The stage of these tests, and who reads it."""

from collections.abc import Callable

import pytest

from tests.applications.nodes.stage import CITY, COUNTY, PROVINCE, Stage
from tests.archive.factories import proofs
from tests.browsing import Browser


@pytest.fixture
def stage(make, tmp_path) -> Stage:
    return Stage(make, proofs(tmp_path))


@pytest.fixture
def reader(make, stage, sign_in) -> Callable[[str], Browser]:
    """Signs in somebody by where he decides: unit, unit2, company, department, county, city, province, admin, …"""
    grants = {
        "unit": ("unit_administrator", stage.unit),
        "unit2": ("unit_administrator", stage.unit),
        "company": ("unit_administrator", stage.company),
        "clerk": ("unit_clerk", stage.unit),
        "department": ("department_reviewer", stage.department),
        "county": ("hr_reviewer", COUNTY),
        "othercounty": ("hr_reviewer", "350103"),
        "city": ("hr_reviewer", CITY),
        "province": ("hr_reviewer", PROVINCE),
        "operations": ("hr_operations", PROVINCE),
        "auditor": ("auditor", PROVINCE),
        "admin": ("system_administrator", PROVINCE),
    }

    def signed_in(who: str) -> Browser:
        make.account(who, *grants[who])
        return sign_in(who)

    return signed_in
