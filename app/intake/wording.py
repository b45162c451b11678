"""Messages in the caller's locale, for code that also runs where there is no caller."""

import flask_babel
from flask import has_app_context


def gettext(message: str, **values: object) -> str:
    """`message` in the locale of the request.

    Without an application nobody has a locale: reading and checking a feed is then still the same work, with
    the message as it stands in the code. The name is the one that extraction of messages looks for.
    """
    if has_app_context():
        return str(flask_babel.gettext(message, **values))
    return message % values if values else message
