"""The stage of the tests of 辖区总览: units of a province, and a reader of each sort."""

from dataclasses import dataclass
from datetime import datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase

from app import clock
from app.home.overview import folding
from app.tenancy import everything
from app.units.models import Unit
from app.units.regions import region_bounds
from tests.factories import change, unit_code
from tests.home.histories import CHINA, read

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=CHINA)
RANDOM = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "phases": (Phase.generate,),  # what was stored before stays: there is no shrinking
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}
# The n-th unit: its region, and whether the department looks after it.
PLACES = {1: ("350102", True), 2: ("350103", False), 3: ("350203", True), 4: ("350100", False)}
READERS = {  # account → role, region, and the node whose records wait for him
    "province": ("hr_reviewer", "350000", "province"),
    "city": ("hr_reviewer", "350100", "city"),
    "county": ("hr_reviewer", "350102", "county"),
    "auditor": ("auditor", "350000", None),
    "department": ("department_reviewer", None, "department"),
}
TODAY = NOW.date()


@dataclass(frozen=True)
class Stage:
    """Units of a province, as (id, region), and somebody signed in for each of READERS."""

    units: list
    readers: dict
    department: int

    def inside(self, make, who):
        """The records that a reader's numbers are of."""
        _role, region, _node = READERS[who]
        mine = [
            pk
            for (pk, lies), (_region, looked_after) in zip(self.units, PLACES.values(), strict=True)
            if (looked_after if region is None else within(lies, region))
        ]
        return [one for one in read(make) if one.row.unit_id in mine]


def within(region, above):
    low, high = region_bounds(above)
    return low <= region <= high


@pytest.fixture
def stage(make, sign_in):
    department = make.unit(9, nature="government", region="350100")
    units = [(make.unit(n, region=region), region) for n, (region, _mine) in PLACES.items()]
    mine = [unit_code(n) for n, (_region, looked_after) in PLACES.items() if looked_after]
    change(make, sa.update(Unit).where(Unit.code.in_(mine)).values(department_id=department))
    for who, (role, region, _node) in READERS.items():
        make.account(who, role, region or department)
    return Stage(units, {who: sign_in(who) for who in READERS}, department)


def opened(browser, address="/"):
    with clock.frozen(NOW):
        page = browser.get(address)
    assert page.status_code == 200, address
    return page


def fold(app, rows=None):
    """Fold what there is, or so many rows of it."""
    with app.app_context(), clock.frozen(NOW):
        if rows is None:
            folding.fold()
        elif rows:
            with everything("tests") as session:
                folding.fold_chunk(session, rows)
                session.commit()


def differences(app):
    with app.app_context(), clock.frozen(NOW), everything("tests") as session:
        return list(folding.differences(session))
