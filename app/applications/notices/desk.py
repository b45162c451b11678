"""The part of the applications' desk that leads to public notices."""

from collections.abc import Sequence
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from app.applications.notices.days import without_notice
from app.applications.notices.members import UNIT
from app.review.desk import Desk
from app.review.listing import Asked


class Noticing(Desk):
    def batch_actions(self) -> Sequence[dict[str, str]]:
        may = self.appbuilder.sm.has_access("can_edit", "notices")
        return [{"label": _("Begin a public notice"), "url": url_for("NoticesView.new")}] if may else []

    def list_context(self, asked: Asked, rows: Any) -> dict[str, Any]:
        """Until when what waits at the unit needs a notice."""
        return {"above": without_notice()} if asked.status == "pending" and g.actor.node == UNIT else {}
