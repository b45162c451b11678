"""The generated screen of a kind: its list, its review page, its verdicts, its export. A kind declares, this shows.

It stands on the framework's BaseView, not on its ModelView: that keeps its filters on the view object which threads
share, and every one of its pages would be overridden.
"""

from itertools import chain

from flask import abort, flash, redirect
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.extensions import db
from app.review.bundle import zip_of
from app.review.company import Company
from app.review.lists import Lists
from app.review.verdicts import Verdicts


class Desk(Lists, Verdicts, Company):
    """A kind's screen. A subclass names its `listing`, its `material` (the review page) and its `route_base`."""

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> AnyResponse | str:
        asked, problems = self.asked()
        return self.show_page(pk, asked.without(problems))

    @expose("/attachments.zip")
    @has_access
    def attachments(self) -> AnyResponse | str | tuple[str, int]:
        """The attachments of all that the list matches, where its records have any."""
        asked, problems = self.asked()
        if not self.has_files:
            abort(404)
        if problems:
            return self._list_page(asked, [], 0, problems), 400
        if not self.total(asked):
            flash(_("Nothing matches, so there is nothing to pack."), "warning")
            return redirect(self.list_url(asked), 303)
        self._audited_export(asked, "zip")
        parts = zip_of(db.session(), self.listing, asked, self.placing)
        return self._attachment(chain([next(parts)], parts), "zip", "application/zip", whole=False)
