import time, sqlalchemy as sa
from app.review.models import Submission
from app.review.workflow import Actor, Chosen, decide
from app.extensions import Session, begin_write, db
from app.tenancy import Scope, enter
from sqlalchemy import event
def test_prof(app, make):
    unit=make.unit()
    t=time.time(); make.many(20000, unit); print("many", time.time()-t)
    ids=[pk for (pk,) in make.read(sa.select(Submission.id))]
    with app.app_context(), Session(db) as s:
        enter(s, Scope.unit(unit)); begin_write(s)
        st=[]
        e=app.extensions["sqlalchemy"].engine
        event.listen(e,"before_cursor_execute",lambda *a: st.append([a[2][:40],time.time()]))
        event.listen(e,"after_cursor_execute",lambda *a: st[-1].append(time.time()))
        decide(s, Chosen("registration", tuple((i,1) for i in ids)), "pass","x",Actor("x",None,"unit",None,True))
        for a in st: print(a[0], a[2]-a[1])
        t=time.time(); s.commit(); print("commit", time.time()-t)
