"""`/`: the front page."""

from flask import abort, g, redirect, render_template, url_for
from flask_appbuilder import IndexView, expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.home import news, unit_home
from app.home.overview.views import overview_home


class HomeView(IndexView):
    """`/`: the public page before login; after it 单位首页, 辖区总览, or the first list that the role opens."""

    within = ()  # nothing stands below it in the menu

    @expose("/")
    def index(self) -> Response | str:
        if not g.user.is_authenticated:
            return render_template("public.html", page={"news": news.titles(db.session())})
        if "actor" not in g:  # the second factor is still to be shown
            return redirect(url_for("SecondView.ask"), 303)
        if self.appbuilder.sm.has_access("can_read", "overview"):
            return overview_home()
        if self.appbuilder.sm.has_access("can_read", "home"):
            return render_template("home/unit.html", page=unit_home.page())
        for item in self.appbuilder.menu.get_list():
            if item.name in self.appbuilder.sm.get_user_menu_access([item.name]):
                return redirect(item.get_url())
        abort(403, _("Your account holds no role at present. Ask HR operations of your region for one."))
