"""Opinion phrases (常用语) of a unit, with blanks to fill, such as 缺____证明."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.models.sqla import Model
from flask_babel import gettext as _
from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.wrappers import Response

from app.extensions import db
from app.review import drafts
from app.review.labels import VERDICT
from app.review.models import NODES
from app.review.rules import RULES, VERDICTS, verdict_rule
from app.tenancy import UnitOwned
from app.typed import is_blank, line_problem

LENGTH = 200
MOST = 50  # phrases of a unit for one verdict

# What a unit starts with, until its administrator writes its own: (verdict, text). Data of the product, in the
# language of the opinions, which is that of the law.
STARTERS = (
    ("pass", "同意"),
    ("pass", "材料齐全，情况属实，同意"),
    ("return", "缺____证明，请补充后重新提交"),
    ("return", "____与证件不一致，请核对后重新提交"),
    ("return", "证件照片不清晰，请重新上传"),
    ("send_back", "请补充____后重新提交"),
    ("terminate", "____，不符合本次申报条件"),
)


class Phrase(UnitOwned, Model):
    """A phrase for the opinion of one verdict."""

    __tablename__ = "phrase"
    __table_args__ = (sa.UniqueConstraint("unit_id", "verdict", "text"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str] = mapped_column(String(12), nullable=False)
    text: Mapped[str] = mapped_column(String(LENGTH), nullable=False)


def phrases_of(session: Session, unit_id: int | None) -> Sequence[Phrase]:
    """A unit's own phrases in the order they were written."""
    if unit_id is None:
        return ()
    return session.scalars(sa.select(Phrase).where(Phrase.unit_id == unit_id).order_by(Phrase.id)).all()


def texts_by_verdict(phrases: Sequence[Phrase]) -> dict[str, list[str]]:
    """The texts to offer for each verdict: the unit's own, or the starters while it has none for that verdict."""
    own: dict[str, list[str]] = {}
    for phrase in phrases:
        own.setdefault(phrase.verdict, []).append(phrase.text)
    starters = {verdict: [text for of, text in STARTERS if of == verdict] for verdict in VERDICTS}
    return starters | own


class PhraseView(BaseView):
    """常用语: the phrases of a unit, kept by its administrator."""

    route_base = "/phrases"
    class_permission_name = "phrases"
    default_view = "list"
    method_permission_name = {"list": "edit", "add": "edit", "delete": "edit"}

    @expose("/list/")
    @has_access
    def list(self) -> str:
        return self._page({})

    @expose("/add/<verdict>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def add(self, verdict: str) -> Response | tuple[str, int]:
        if verdict not in _of_a_unit() or g.unit_id is None:
            abort(404)
        text = request.form.get("text", "").strip()
        own = [phrase for phrase in phrases_of(db.session(), g.unit_id) if phrase.verdict == verdict]
        if problem := _problem(text, own) or drafts.unsent():
            return self._page({verdict: (text, problem)}), 400
        db.session.add(Phrase(unit_id=g.unit_id, verdict=verdict, text=text))
        db.session.commit()
        return redirect(url_for("PhraseView.list"), 303)

    @expose("/delete/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    def delete(self, pk: int) -> Response:
        phrase = db.session.get(Phrase, pk) or abort(404)
        db.session.delete(phrase)
        db.session.commit()
        return redirect(url_for("PhraseView.list"), 303)

    def _page(self, sent: dict[str, tuple[str, str]]) -> str:
        own = phrases_of(db.session(), g.unit_id)
        groups = [_group(verdict, own, sent.get(verdict)) for verdict in _of_a_unit()]
        return render_template("phrases.html", page={"title": _("Opinion phrases"), "groups": groups})


def _of_a_unit() -> list[str]:
    """The verdicts that a unit gives: phrases are kept for those."""
    kinds = {kind for kind, _status, _step in RULES}
    return [key for key in VERDICTS if any(verdict_rule(kind, key, NODES[0]) for kind in kinds)]


def _group(verdict: str, own: Sequence[Phrase], sent: tuple[str, str] | None) -> dict[str, Any]:
    value, error = sent or ("", None)
    return {
        "verdict": verdict,
        "label": str(VERDICT[verdict].field_label),
        "phrases": [
            {"id": phrase.id, "text": phrase.text, "delete_url": url_for("PhraseView.delete", pk=phrase.id)}
            for phrase in own
            if phrase.verdict == verdict
        ],
        "starters": [text for of, text in STARTERS if of == verdict],
        "add_url": url_for("PhraseView.add", verdict=verdict),
        "value": value,
        "error": error,
    }


def _problem(text: str, own: Sequence[Phrase]) -> str | None:
    """What is wrong with a new phrase, in words."""
    if is_blank(text):
        return _("Write the phrase first.")
    if problem := line_problem(text, LENGTH):
        return problem
    if any(phrase.text == text for phrase in own):
        return _("This phrase is here already.")
    if len(own) >= MOST:
        return _("At most %(limit)d phrases: delete one first.", limit=MOST)
    return None
