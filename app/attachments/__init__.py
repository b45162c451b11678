"""Stored files: kept by their content, looked at before they are kept, served to who may see the record."""

from flask_appbuilder import AppBuilder

from app.attachments.looking import BadFile, Found, look
from app.attachments.models import Attachment, Looked, keep_found, look_ahead
from app.attachments.storage import Changed, StorageError, storage, storage_of
from app.attachments.sweep import Swept, sweep

__all__ = [
    "Attachment",
    "BadFile",
    "Changed",
    "Found",
    "Looked",
    "StorageError",
    "Swept",
    "keep_found",
    "look",
    "look_ahead",
    "storage",
    "storage_of",
    "sweep",
]


def register(appbuilder: AppBuilder) -> None:
    from app.attachments.views import AttachmentView  # inline: rooms above keep files without any view

    appbuilder.add_view_no_menu(AttachmentView)
