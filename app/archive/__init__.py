"""业绩档案: what the staff of a unit submit of their career, thirty-two types of item from one catalogue."""

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.archive import withdrawals  # noqa: F401 — registers what an agreed request does


def register(appbuilder: AppBuilder) -> None:
    from app.archive.requests import WithdrawalDesk
    from app.archive.views import ArchiveDesk, ArchiveHome  # inline: the catalogue is read before there are views

    appbuilder.add_view(ArchiveHome, "archive", label=_l("Archive"), icon="folder")
    appbuilder.add_view_no_menu(ArchiveDesk)
    appbuilder.add_view_no_menu(WithdrawalDesk)
