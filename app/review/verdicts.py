"""The part of a desk where verdicts fall: singly, in a batch, and taken back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, jsonify, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import begin_write, db
from app.review import drafts, facts, pages, results
from app.review.desk_base import DeskBase
from app.review.listing import BadAsk
from app.review.models import Decision, Submission
from app.review.rules import OPINION_LENGTH, RULES, VERDICTS, leads_to
from app.review.together import Batch
from app.review.workflow import Chosen, Left, NotAllowed, NotFound, Outcome, decide, foresee, take_back
from app.typed import is_blank, text_problem

REMARK_LENGTH, ANSWER_LENGTH = 500, 2000
BLANK = re.compile("_{3,}")  # of a phrase
PARTS = ("list", "status", "q", "sort", "page", "postponed")  # of a list's address, besides its filters
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Sent:
    """A verdict as its form sent it, with what is wrong with it: in all, and with the answers by name."""

    verdict: str
    opinion: str | None
    remarks: dict[str, str] = field(default_factory=dict)  # of the ticked items, by path
    answers: dict[str, str] = field(default_factory=dict)  # to the desk's questions, by name
    labels: dict[str, str] = field(default_factory=dict)  # of all items, by path
    problem: str | None = None
    problems: dict[str, str] = field(default_factory=dict)


class Verdicts(DeskBase):
    @expose("/decide", methods=["POST"])
    @has_access
    @drafts.comes_back
    def decide(self) -> Answer:
        """One verdict on the chosen rows; without an opinion yet, the page that asks for it."""
        selection = self.selection()
        sent = self._sent(selection)
        if sent.opinion is None or sent.problem or sent.problems:
            return self._ask_opinion(selection, sent)
        batch = None if selection.single else self._new_batch(sent.verdict, leads_to(self.kind, sent.verdict)[0])
        kept = [{"path": path, "remark": remark} for path, remark in sent.remarks.items()] or None
        received: dict[str, Any] = {"remarks": kept} if batch is None else {"batch_id": batch.id}
        verdict, opinion = sent.verdict, sent.opinion.strip()
        try:
            outcome = decide(
                db.session(), selection.chosen, verdict, opinion, g.actor, received=received, said=sent.answers
            )
        except NotFound:
            abort(404)
        except NotAllowed:
            abort(403)
        if batch is None:
            return self._answer_single(selection, outcome, sent)
        return self._answer_batch(batch, outcome, selection)

    @expose("/preview", methods=["POST"])
    @has_access
    def preview(self) -> Response:
        """What a batch would decide and what not, and why, before it is confirmed (B18)."""
        selection, verdict = self.selection(), request.form.get("verdict", "")
        answers = {question.name: _answer(request.form.get(question.name, "")) for question in self.questions(verdict)}
        return jsonify(results.preview(*self._foreseen(selection, verdict, answers)))

    def _foreseen(
        self, selection: pages.Selection, verdict: str, answers: Mapping[str, str] | None = None
    ) -> tuple[int, tuple[Left, ...]]:
        try:
            return foresee(db.session(), selection.chosen, verdict, g.actor, answers)
        except NotFound:
            abort(404)
        except NotAllowed:
            abort(403)

    @expose("/take_back", methods=["POST"])
    @has_access
    @drafts.comes_back
    def take_back(self) -> Answer:
        """撤销审核 of one record or of a whole batch."""
        status, reason = request.form.get("status", ""), request.form.get("opinion", "")
        if (self.listing.kind, status, "take_back") not in RULES:
            raise BadAsk(_("There is no such verdict."))
        problem = opinion_problem(reason) or drafts.unsent()
        if request.form.get("batch"):
            return self._take_back_batch(status, reason, problem)
        selection = self.selection()
        if not selection.single:
            raise BadAsk(_("The selection cannot be read: open the list again."))
        pk = selection.chosen.seen[0][0]
        if problem:
            return self.show_page(pk, selection.asked, take_back={"value": reason, "error": problem}), 400
        outcome = self._taken_back(selection.chosen, status, reason.strip())
        if not outcome.decided:
            return self._conflict(selection, outcome, Sent("take_back", reason))
        db.session.commit()
        flash(_("The verdict was taken back; the record is pending again."), "success")
        return redirect(self.url("show", selection.asked.query_string(), pk=pk), 303)

    @expose("/batch/<int(max=2147483647):pk>")
    @has_access
    def batch(self, pk: int) -> Answer:
        """What became of a batch, row by row; it stays when the page is loaded again."""
        return self._batch_page(self._batch(pk))

    # ---- answers -----------------------------------------------------------------------------------------------------

    def _answer_single(self, selection: pages.Selection, outcome: Outcome, sent: Sent) -> Answer:
        """After a verdict the next waiting record of the same list opens (B1)."""
        if not outcome.decided:
            return self._conflict(selection, outcome, sent)
        row = db.session.get_one(Submission, outcome.decided[0])
        onwards = self.next_after(row, selection.asked)
        db.session.commit()
        for category, text in results.told(self.listing.kind, sent.verdict, outcome):
            flash(self.leading_to(row, text), category)
        return redirect(onwards, 303)

    def _answer_batch(self, batch: Batch, outcome: Outcome, selection: pages.Selection) -> Answer:
        results.keep(batch, outcome)
        db.session.commit()
        for category, text in results.told(batch.kind, batch.step, outcome):
            flash(text, category)
        return redirect(self.url("batch", selection.asked.query_string(page=1), pk=batch.id), 303)

    def _conflict(self, selection: pages.Selection, outcome: Outcome, sent: Sent) -> Answer:
        """The review page for the one who came second: who decided what and when; what was typed is kept."""
        db.session.rollback()
        begin_write(db.session())  # the page that answers writes an audit row
        left = outcome.left[0]
        if selection.single and (problems := self.left_for_want_of(sent.verdict, left)):
            return self._opinion_page(selection, replace(sent, problems=problems)), 409
        typed = results.typed(self.kind, sent) if sent.opinion or sent.remarks or any(sent.answers.values()) else None
        conflict = results.conflict(self.kind, left)
        return self.show_page(left.pk, selection.asked, conflict=conflict, typed=typed), 409

    def _ask_opinion(self, selection: pages.Selection, sent: Sent) -> Answer:
        number, left = self._foreseen(selection, sent.verdict, sent.answers)
        if selection.single and left:  # why write an opinion on what cannot be decided
            return self._conflict(selection, Outcome((), left), sent)
        return self._opinion_page(selection, sent, number, left), 400 if sent.problem or sent.problems else 200

    def _opinion_page(
        self, selection: pages.Selection, sent: Sent, number: int = 1, left: tuple[Left, ...] = ()
    ) -> str:
        dialog = pages.verdict(self.kind, sent.verdict, sent.opinion, sent.problem)
        dialog |= {"remarks": sent.remarks, "answers": sent.answers, "problems": sent.problems}
        if selection.single:
            return self.show_page(selection.chosen.seen[0][0], selection.asked, dialog=dialog)
        names = results.names_of(db.session(), selection.chosen)
        context = pages.decide_page(self, selection, number, names, dialog)
        return render_template("desk/decide.html", page=context | {"preview": results.preview(number, left)})

    # ---- what a form says --------------------------------------------------------------------------------------------

    def selection(self) -> pages.Selection:
        """What the form chose. Raises BadAsk for what no form of ours sends."""
        form = request.form
        asked, problems = self.asked(dict(pages.arguments(form.get("query", ""))))
        asked = asked.without(problems)
        rowids = tuple(form.getlist("rowid"))
        every = form.get("all") == "1"
        single = form.get("single") == "1" and len(rowids) == 1 and not every
        if not (every or rowids):
            raise BadAsk(_("Nothing was selected: tick the rows first."))
        if every:
            home = self.home(asked.list)
            unknown = {name for name, _text in pages.arguments(form.get("query", ""))} - {*PARTS, *home.narrowing()}
            if problems or unknown:  # without that filter it would be more than was meant
                raise BadAsk(_("The selection cannot be read: open the list again."))
            if asked.status != "pending":
                raise BadAsk(_("Only what is pending can be decided."))
            until = pages.moment(form.get("seen_at", ""))
            if until is None:  # nobody could say what the reader saw
                raise BadAsk(_("The selection cannot be read: open the list again."))
            listed = asked.matching(home.listing)
            chosen = Chosen(self.listing.kind, matching=listed, until=until)
        else:
            seen = [re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})", rowid) for rowid in rowids]
            if not all(seen):
                raise BadAsk(_("The selection cannot be read: open the list again."))
            here = tuple(self.listing.belonging(self.at))
            chosen = Chosen(self.listing.kind, tuple((int(m[1]), int(m[2])) for m in seen if m), within=here)
        return pages.Selection(chosen, asked, rowids, every, single, form.get("seen_at", ""))

    def _sent(self, selection: pages.Selection) -> Sent:
        """The verdict that the form says, and what is wrong with it. Raises BadAsk for what no form of ours sends."""
        verdict, opinion = request.form.get("verdict", ""), request.form.get("opinion")
        if (self.kind, "pending", verdict) not in RULES or verdict not in VERDICTS:
            raise BadAsk(_("There is no such verdict."))
        by_items = RULES[self.kind, "pending", verdict].by_items
        row = self._single(selection) if selection.single and (by_items or self.questions(verdict)) else None
        questions = self.questions(verdict, row)
        labels = facts.labels(self.material_of(row)) if row and by_items else {}
        ticked = [path for path in request.form.getlist("item") if path in labels]
        remarks = {path: request.form.get(f"remark:{path}", "").strip() for path in ticked}
        answers = {question.name: _answer(request.form.get(question.name, "")) for question in questions}
        if opinion is None:
            return Sent(verdict, None, remarks, answers, labels)
        problem = opinion_problem(opinion) or remarks_problem(remarks) or drafts.unsent()
        number = 1 if row or not questions else self._foreseen(selection, verdict, answers)[0]
        wrong = {name: problem for name, said in answers.items() if (problem := text_problem(said, ANSWER_LENGTH))}
        problems = self.answers_problem(verdict, answers, row, number) | wrong
        return Sent(verdict, opinion, remarks, answers, labels, problem, problems)

    def _single(self, selection: pages.Selection) -> Any:
        """The one record that a form is about."""
        model = self.listing.model
        query = sa.select(model).where(model.id == selection.chosen.seen[0][0], *selection.chosen.within)
        return db.session.scalar(query) or abort(404)

    # ---- batches -----------------------------------------------------------------------------------------------------

    def _new_batch(self, step: str, to_status: str) -> Batch:
        batch = results.new_batch(self.listing.kind, step, to_status, request.form["opinion"].strip(), g.actor)
        db.session.add(batch)
        db.session.flush()
        return batch

    def _batch(self, pk: int) -> Batch:
        """The batch, for the one who gave it and for who else decides at that node on what it decided."""
        batch = db.session.get(Batch, pk)
        if batch is None or batch.kind != self.listing.kind:
            abort(404)
        here = sa.select(Decision.id).where(Decision.batch_id == pk, Decision.node == g.actor.node).limit(1)
        if batch.by_id != g.actor.user_id and db.session.scalar(here) is None:
            abort(404)
        return batch

    def _take_back_batch(self, status: str, reason: str, problem: str | None) -> Answer:
        number = request.form["batch"]
        batch = self._batch(int(number)) if re.fullmatch(r"[0-9]{1,9}", number) else abort(404)
        if problem:
            return self._batch_page(batch, {"value": reason, "error": problem}), 400
        chosen = results.chosen_of(batch)
        undoing = self._new_batch("take_back", "pending")
        outcome = Outcome((), ())
        for led_to in leads_to(batch.kind, batch.step):  # what one verdict passed on and what it ended
            part = self._taken_back(chosen, led_to, reason.strip(), batch_id=undoing.id)
            decided = (*outcome.decided, *part.decided)
            outcome = Outcome(decided, tuple(left for left in part.left if left.pk not in set(decided)))
        asked = self.asked_by_form()
        return self._answer_batch(undoing, outcome, pages.Selection(chosen, asked, (), False, False, ""))

    def _taken_back(self, chosen: Chosen, status: str, reason: str, **kept: Any) -> Outcome:
        try:
            return take_back(db.session(), chosen, status, reason, g.actor, kept)
        except NotFound:
            abort(404)
        except NotAllowed:
            abort(403)

    def _batch_page(self, batch: Batch, sent: dict[str, Any] | None = None) -> str:
        asked, problems = self.asked()
        asked = asked.without(problems)
        last = results.page_count(batch)
        if asked.page > last:
            raise pages.no_such_page(self.url("batch", asked.query_string(page=last), pk=batch.id), last)
        context = results.batch_page(self, batch, asked, db.session(), sent)
        return render_template("desk/batch.html", page=context)


def _answer(text: str) -> str:
    """What a question was answered with; what cannot be seen is no answer."""
    return "" if is_blank(text) else text.strip()


def opinion_problem(opinion: str) -> str | None:
    """What is wrong with an opinion, in words; None when it can be kept."""
    if is_blank(opinion):
        return _("Write the opinion: it is kept with the decision.")
    if problem := text_problem(opinion, OPINION_LENGTH):
        return problem
    return _("A blank (____) is not filled in.") if BLANK.search(opinion) else None


def remarks_problem(remarks: dict[str, str]) -> str | None:
    """What is wrong with the remarks of a return by items."""
    return next((problem for remark in remarks.values() if (problem := text_problem(remark, REMARK_LENGTH))), None)
