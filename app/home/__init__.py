"""What everybody meets first: the front page, and 职称信息."""

from flask_appbuilder import AppBuilder, IndexView
from flask_babel import lazy_gettext as _l

from app.home.overview import folding  # noqa: F401 — what it keeps moves with a unit that comes to lie elsewhere

PUBLIC = {"NewsView.show"}  # open to strangers: it shows them what the whole province is told


def lead(appbuilder: AppBuilder) -> None:
    """The line that stands first in the menu, of a unit or of a jurisdiction: to be called before any feature is
    registered."""
    from app.home.overview.views import OverviewView  # inline, as below

    appbuilder.add_view(OverviewView, "overview", href="/", icon="home", label=_l("Overview of the jurisdiction"))
    front = next(view for view in appbuilder.baseviews if isinstance(view, IndexView))
    appbuilder.add_link("home", "/", icon="home", label=_l("Unit home"), baseview=front)


def register(appbuilder: AppBuilder) -> None:
    from app.home.news.views import NewsView  # inline: whoever takes in news needs no view
    from app.home.tasks import TasksDesk

    appbuilder.add_view(TasksDesk, "tasks", label=_l("Task center"), icon="tasks")
    appbuilder.add_view(NewsView, "news", label=_l("Title news"), icon="news")
