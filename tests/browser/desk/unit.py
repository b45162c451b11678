"""A unit of a test's own: who registered in it, and who reviews there."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app import clock
from tests.browser.visitor import Visitor
from tests.factories import Make, decision_line, id_number, registration_line, unit_code

_units, _people, _decisions = itertools.count(1), itertools.count(1), itertools.count(1)


@dataclass(frozen=True)
class Applicant:
    """Somebody who registered, and what the portal sends of him."""

    make: Make
    n: int
    unit_code: str
    pk: int

    @property
    def name(self) -> str:
        return f"人员{self.n}"

    @property
    def ref(self) -> str:
        return f"R{self.n}"

    @property
    def address(self) -> str:
        return f"/registrations/show/{self.pk}"

    def is_returned(self) -> None:
        line = decision_line(next(_decisions), of=self.ref, decided_at=clock.now().isoformat())
        self.make.taken(line)

    def submits_again(self, **person: Any) -> None:
        line = registration_line(self.n, self.unit_code, person, submitted_at=clock.now().isoformat())
        self.make.taken(line)

    def leaves_and_comes_back(self) -> None:
        """Registers in another unit, passes there, and registers in this one again."""
        other = next(_units)
        self.make.unit(other)
        away, back = f"{self.ref}-{other}", f"{self.ref}-back"
        self.make.registration(self.n, unit_code(other), ref=away)
        self.make.taken(decision_line(next(_decisions), of=away, verdict="pass"))
        self.make.registration(self.n, self.unit_code, ref=back)


class OwnUnit:
    """No other test knows it. `visit` opens windows before the product that it is in; `facts` are of the unit."""

    def __init__(self, make: Make, visit: Callable[..., Visitor], **facts: Any) -> None:
        self.make, self.visit = make, visit
        self.number = next(_units)
        self.code = unit_code(self.number)
        self.pk = make.unit(self.number, **facts)

    def registrations(self, count: int, **person: Any) -> list[Applicant]:
        """So many registrations that wait, in the order of the list; `person` changes facts of all of them."""
        numbers = list(itertools.islice(_people, count))
        return [
            Applicant(self.make, n, self.code, self.make.registration(n, self.code, person=person)) for n in numbers
        ]

    def administrator(self, username: str, holder: str | None = None, **window: Any) -> Visitor:
        """The window of a new administrator of the unit, signed in. `holder` is his ID number, `window` how it is."""
        self.enrol(username, holder)
        visitor = self.visit(**window)
        door = f"{visitor.url}/login/built-in"
        requests = visitor.page.context.request  # without looking at the door, which takes half a test
        token = re.search(r'name="csrf_token" value="([^"]+)"', requests.get(door).text())
        credentials = {"username": self.account(username), "password": visitor.password}
        answer = requests.post(door, form={"csrf_token": token and token[1], **credentials}, max_redirects=0)
        assert answer.status == 303, f"{username} could not sign in"
        return visitor

    def enrol(self, username: str, holder: str | None = None) -> str:
        """A new administrator of the unit; his name is the answer."""
        number = holder or id_number(next(_people))
        self.make.account(self.account(username), "unit_administrator", self.pk, number)
        return f"{self.account(username)} 的持有人"

    def account(self, username: str) -> str:
        """What an administrator of this unit signs in with."""
        return f"{username}.{self.number}"
