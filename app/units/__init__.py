"""The employers and what they tell of themselves (单位信息), the regions they lie in, and the posts that public
institutions are approved (岗位核准信息)."""

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l


def register(appbuilder: AppBuilder) -> None:
    from app.units.post_views import PostsView  # inline: rooms above ask who an employer is without any view
    from app.units.unit_views import UnitView

    appbuilder.add_view(UnitView, "unit", label=_l("Unit information"), icon="building", category="settings")
    appbuilder.add_view(PostsView, "posts", label=_l("Post approvals"), icon="posts", category="settings")
