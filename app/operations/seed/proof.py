"""The one file of all that is synthetic: its bytes are stored once, each record has attachments of its own."""

from datetime import datetime
from typing import Any

from app.attachments import look, storage
from app.operations.demo.load import FEED
from app.sealing import key_ring

PROOF = FEED.parent / "proofs" / "certificate.png"


class Proof:
    """Stores the bytes, then says what the rows of its attachments are."""

    def __init__(self) -> None:
        with PROOF.open("rb") as file:
            self.facts = vars(look(file))
            file.seek(0)
            storage().put(self.facts["sha256"], file)
        self.index = key_ring().index

    def file_id(self, named: bytes) -> str:
        """The id of what is named so: like any other's, nothing leads to it."""
        return self.index(b"seed " + named)

    def row(self, pk: str, unit_id: int, at: datetime, name: str = "证明材料.png") -> dict[str, Any]:
        return {"id": pk, "unit_id": unit_id, "name": name, "received_at": at, **self.facts}
