"""The part of the applications' desk that leads to public notices."""

from collections.abc import Sequence
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from app.applications.notices.days import without_notice
from app.applications.notices.members import UNIT
from app.review.desk import Desk


class Noticing(Desk):
    def batch_actions(self) -> Sequence[dict[str, str]]:
        may = self.appbuilder.sm.has_access("can_edit", "notices")
        return [{"label": _("Begin a public notice"), "url": url_for("NoticesView.new")}] if may else []

    def list_context(self) -> dict[str, Any]:
        """Until when what waits at the unit needs a notice."""
        pending = request.args.get("status") in (None, "", "pending")
        return {"above": without_notice()} if pending and g.actor.node == UNIT else {}
