"""Applications that come in at the very moment in which their plan changes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import sqlalchemy as sa

from app.applications.models import Application, Plan
from tests.applications.nodes.stage import Stage, application_line
from tests.applications.plans.forms import edit
from tests.archive.factories import proofs

ROUNDS = 12


def test_an_application_is_due_on_the_last_day_that_its_plan_has_when_both_are_done(make, sign_in, tmp_path):
    stage = Stage(make, proofs(tmp_path))
    stage.staff(*range(1, ROUNDS + 1))
    make.account("ops", "hr_operations", "350000")
    ops, start = sign_in("ops"), Barrier(2)
    ((plan,),) = make.read(sa.select(Plan.id))

    def comes(n: int) -> str:
        start.wait(30)
        return str(stage.take(application_line(n))[0].outcome)

    def moves(n: int) -> int:
        start.wait(30)
        return int(edit(ops, plan, closes_on=f"2100-01-{n + 10}").status_code)

    with ThreadPoolExecutor(2) as both:
        rounds = [(both.submit(comes, n), both.submit(moves, n)) for n in range(1, ROUNDS + 1)]
        assert {(came.result(60), moved.result(60)) for came, moved in rounds} == {("created", 303)}
    other_days = sa.select(Application.ref).join(Plan, Plan.id == Application.plan_id)
    assert make.read(other_days.where(Application.due_on != Plan.closes_on)) == []
