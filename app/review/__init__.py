"""The heart: what is submitted, how it moves, and the one screen that lists, shows and decides it."""

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l


def register(appbuilder: AppBuilder) -> None:
    from app.review.phrases import PhraseView  # inline: this package is imported by what the view stands on

    appbuilder.add_view(PhraseView, "phrases", label=_l("Opinion phrases"), icon="stamp", category="settings")
