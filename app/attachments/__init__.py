"""Stored files: kept by their content, looked at before they are kept, served to who may see the record."""

from flask_appbuilder import AppBuilder

from app.attachments.looking import BadFile, look
from app.attachments.models import Attachment, keep
from app.attachments.storage import StorageError, storage, storage_of

__all__ = [
    "Attachment",
    "BadFile",
    "StorageError",
    "keep",
    "look",
    "storage",
    "storage_of",
]


def register(appbuilder: AppBuilder) -> None:
    from app.attachments.views import AttachmentView  # inline: rooms above keep files without any view

    appbuilder.add_view_no_menu(AttachmentView)
