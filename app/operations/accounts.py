"""`flask accounts`: what HR operations does on screen, for scripts, within the bounds of the system administrator."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.accounts import account_page, bounds, forms, granting, issuing
from app.accounts.bounds import SYSTEM, Refused
from app.accounts.granting import By, Settled
from app.accounts.roles import ROLES
from app.codes import CODES
from app.extensions import begin_write
from app.review.workflow import Actor
from app.sealing import check_key
from app.tenancy import everything

accounts = AppGroup("accounts", help="Built-in units, their accounts, and roles.")
LOCALE = click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="The language of the messages.")


@accounts.command("create-unit")
@click.option("--name", required=True)
@click.option("--nature", required=True, type=click.Choice(list(CODES["unit_nature"])))
@click.option("--region", required=True, help="GB/T 2260, six digits.")
@click.option("--competent-department", required=True, help="Its name.")
@click.option("--department", default="", help="The code of its own unit here, if it reviews here.")
@click.option("--legal-representative", required=True)
@click.option("--legal-representative-id", required=True)
@click.option("--contact", required=True)
@click.option("--mobile", required=True, help="The contact's.")
@LOCALE
def create_unit(locale: str, **texts: str) -> None:
    """Enter a built-in unit; the answer is its code."""
    with _writing("flask accounts create-unit", locale) as (session, by):
        typed = forms.typed(forms.UNIT, texts)
        values, problems = forms.read(forms.UNIT, typed)
        department = forms.unit_of(session, typed["department"]) if typed["department"] else None
        if typed["department"] and department is None:
            problems["department"] = _("no unit with this code is here")
        _refuse(problems)
        facts = {name: value for name, value in values.items() if name != "department"}
        facts["department_id"] = department.unit_id if department else None
        try:
            _pk, code = issuing.enter_unit(session, by, facts)
        except Refused as refused:
            _refuse({"region": str(refused)})
        click.echo(code)


@accounts.command("grant")
@click.argument("username")
@click.argument("role", type=click.Choice(SYSTEM.bound.grants))
@click.argument("over", metavar="UNIT|REGION")
@click.option("--until", default="", help="The last day, YYYY-MM-DD; without it until revoked.")
@click.option("--name", default="", help="Issue the account: its holder's name.")
@click.option("--id-number", default="", help="Issue the account: its holder's ID number.")
@LOCALE
def grant(username: str, role: str, over: str, until: str, name: str, id_number: str, locale: str) -> None:
    """Grant ROLE over a unit (its code) or a region (GB/T 2260) to an account.

    With --name and --id-number the account is issued, and the answer is its initial password, shown this once.
    """
    issues = bool(name or id_number)
    fields = (*(forms.HOLDER if issues else forms.ACCOUNT), *forms.ROLE)
    place_of = "region" if ROLES[role].over == "region" else "unit"
    texts = {"username": username, "name": name, "id_number": id_number, "role": role, place_of: over}
    with _writing("flask accounts grant", locale) as (session, by):
        typed = forms.typed(fields, texts | {"expires_on": until})
        values, problems = forms.read(fields, typed)
        place, wrong = forms.place_of(session, SYSTEM, typed)
        _refuse(wrong | problems)
        assert place is not None
        account = issuing.find(session, username)
        try:
            if issues:
                _account, password = issuing.issue(session, by, values, role, place, values["expires_on"])
                click.echo(password)
                return
            account = granting.lock(session, account.id) if account else None
            if account is None or not account.active:
                _refuse({"username": _("No account with this user name is here, or it is disabled.")})
            else:
                granting.grant(session, by, account, role, place, values["expires_on"])
        except issuing.Taken:
            _refuse({"username": _("There is an account of this user name already.")})
        except Refused as refused:
            _refuse({"role": str(refused)})
        except Settled as settled:
            _refuse({"role": account_page.settled(session, settled.grant)})
        click.echo(_("granted"))


@accounts.command("reset")
@click.argument("username")
@LOCALE
def reset(username: str, locale: str) -> None:
    """Give an account a new initial password, shown this once; its sessions end."""
    with _writing("flask accounts reset", locale) as (session, by):
        found = issuing.find(session, username)
        account = granting.lock(session, found.id) if found else None
        if account is None or not account.active:
            _refuse({"username": _("No account with this user name is here, or it is disabled.")})
        else:
            try:
                click.echo(issuing.reset(session, by, account))
            except Refused as refused:
                _refuse({"username": str(refused)})


@contextmanager
def _writing(name: str, locale: str) -> Iterator[tuple[Session, By]]:
    """A transaction that is kept when the command comes through, and who acts in it."""
    with everything(name) as session, force_locale(locale):
        check_key(session)
        session.rollback()
        begin_write(session)
        yield session, By(Actor(name), bounds.SYSTEM)
        session.commit()


def _refuse(problems: forms.Problems) -> None:
    """One line that says all that is wrong, and exit 1."""
    if problems:
        raise click.ClickException("; ".join(f"{field}: {problem}" for field, problem in problems.items()))
