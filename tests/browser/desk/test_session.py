"""Before a session ends by itself the page says so, and who says that he is there stays; what is typed stays anyway."""

from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from app import clock
from app.accounts.models import Account, Sitting
from tests.factories import change


def warning(visitor) -> Locator:
    return visitor.page.locator(".ending")


def idle_for(unit, username: str, minutes: float) -> None:
    """Let the server have seen an account last so long ago."""
    own = sa.select(Account.id).where(Account.username == username).scalar_subquery()
    seen = sa.update(Sitting).where(Sitting.user_id == own)
    change(unit.make, seen.values(seen_at=clock.now() - timedelta(minutes=minutes)))


def test_it_is_told_two_minutes_before_and_saying_so_keeps_it(unit):
    visitor = unit.administrator("zhang")
    visitor.page.clock.install()
    visitor.open("/registrations/list/")
    expect(warning(visitor)).to_be_hidden()
    idle_for(unit, unit.account("zhang"), 28.5)
    visitor.page.clock.fast_forward("28:30")
    expect(warning(visitor)).to_contain_text("会话将在 2 分钟后结束")
    visitor.button("保持登录").click()
    expect(warning(visitor)).to_be_hidden()


def test_who_works_in_another_window_is_not_warned(unit):
    visitor = unit.administrator("zhang")
    visitor.page.clock.install()
    visitor.open("/registrations/list/")
    with visitor.page.expect_response("**/account/until"):  # the server has just seen him elsewhere
        visitor.page.clock.fast_forward("28:30")
    expect(warning(visitor)).to_be_hidden()
