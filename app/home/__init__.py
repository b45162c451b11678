"""What everybody meets first: the front page, and 职称信息."""

from flask_appbuilder import AppBuilder, IndexView
from flask_babel import lazy_gettext as _l

PUBLIC = {"NewsView.show"}  # open to strangers: it shows them what the whole province is told


def lead(appbuilder: AppBuilder) -> None:
    """The line that stands first in the menu: to be called before any feature is registered."""
    front = next(view for view in appbuilder.baseviews if isinstance(view, IndexView))
    appbuilder.add_link("home", "/", icon="home", label=_l("Unit home"), baseview=front)


def register(appbuilder: AppBuilder) -> None:
    from app.home.news.views import NewsView  # inline: whoever takes in news needs no view
    from app.home.tasks import TasksDesk

    appbuilder.add_view(TasksDesk, "tasks", label=_l("Task center"), icon="tasks")
    appbuilder.add_view(NewsView, "news", label=_l("Title news"), icon="news")
