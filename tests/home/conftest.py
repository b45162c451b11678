"""What the tests of 职称信息 stand on."""

import pytest

from tests.browsing import Browser


@pytest.fixture
def ops(make, sign_in) -> Browser:
    """HR operations of 福州市."""
    make.account("ops", "hr_operations", "350100")
    return sign_in("ops")


@pytest.fixture
def clerk(make, sign_in) -> Browser:
    """The clerk of a unit in 鼓楼区 (350102)."""
    make.account("clerk", "unit_clerk", make.unit(1))
    return sign_in("clerk")
