"""The flask commands of this room: export and check."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

import click
import sqlalchemy as sa
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import audit
from app.applications.views import APPLICATIONS
from app.archive.catalogue import EVERY, catalogue
from app.archive.listings import listing_of, of_earlier_type
from app.archive.requests import WITHDRAWALS
from app.attachments import StorageError
from app.intake.commands import intake
from app.operations import chores
from app.operations.accounts import accounts
from app.operations.check import inconsistencies
from app.operations.seed import seed
from app.operations.stored import faults
from app.review.export import csv_of, xlsx_of
from app.review.listing import Asked, Listing
from app.review.models import Submission
from app.review.workflow import Actor
from app.sealing import check_key
from app.staff.views import REGISTRATIONS
from app.tenancy import everything
from app.units.models import Unit

EXPORTS: dict[str, Listing] = {listing.name: listing for listing in (REGISTRATIONS, WITHDRAWALS, APPLICATIONS)}
ARCHIVE = "archive"  # the items of all types


def register(app: Flask) -> None:
    app.cli.add_command(intake)
    app.cli.add_command(accounts)
    app.cli.add_command(attachments)
    app.cli.add_command(export)
    app.cli.add_command(check)
    app.cli.add_command(seed_command)


@click.command("export")
@with_appcontext
@click.argument("kind")
@click.option("--unit", "unit_code", help="Only the records of the unit with this code.")
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), help="By itself what FILE's name ends with.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="The language of labels and words.")
@click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE")
def export(kind: str, unit_code: str | None, form: str | None, locale: str, output: Path) -> None:
    """Write the records of KIND, in any state: the same export as on screen. FILE is there only once it is whole.

    KIND is registrations, withdrawals, applications, archive (the items of all types), or an item type's key in the
    catalogue.
    """
    form = form or ("xlsx" if output.suffix.lower() == ".xlsx" else "csv")
    asked = Asked(status="all")
    with everything("flask export") as session, force_locale(locale):
        check_key(session)
        session.rollback()
        listing = _listing(session, kind)
        if unit_code is not None:
            unit_id = session.scalar(sa.select(Unit.id).where(Unit.code == unit_code))
            if unit_id is None:
                raise click.BadParameter(_("no unit with this code is here"), param_hint="--unit")
            asked = Asked(status="all", unit_id=unit_id)
        audit.record(session, "export", Actor("flask export"), kind, asked.unit_id, format=form)
        session.commit()
        with _whole(output) as file:
            if form == "xlsx":
                xlsx_of(session, listing, asked, file)
            else:
                file.writelines(csv_of(session, listing, asked))


def _listing(session: Session, kind: str) -> Listing:
    """The list of a kind, of the whole archive, or of an item type, be it one that left the catalogue with records."""
    keys = {ARCHIVE: EVERY} | {key: key for key in catalogue().types}
    if found := EXPORTS.get(kind) or listing_of(keys.get(kind, "")):
        return found
    earlier = sa.select(Submission.id).where(Submission.kind == "archive_item", Submission.type == kind).limit(1)
    if kind and session.scalar(earlier) is not None:
        return of_earlier_type(kind)
    raise click.BadParameter(_("must be one of: %(keys)s", keys=", ".join((*EXPORTS, *keys))), param_hint="KIND")


@contextmanager
def _whole(output: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only when all of it is on the disk; one of that name stays as it was until then."""
    try:
        file = NamedTemporaryFile("w+b", dir=output.parent, prefix=f".{output.name}.", delete=False)  # noqa: SIM115
    except OSError as error:
        raise click.FileError(str(output), error.strerror) from error
    try:
        with file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, output)
    except OSError as error:
        os.unlink(file.name)
        raise click.FileError(str(output), error.strerror) from error
    except BaseException:
        os.unlink(file.name)
        raise


@click.command("seed")
@with_appcontext
@click.option("--units", type=click.IntRange(1, 1_000_000), required=True)
@click.option("--items", type=click.IntRange(0, 100_000_000), required=True, help="Archive items, over all units.")
@click.option("--seed", "number", type=int, default=1, help="The same seed gives the same content.")
def seed_command(units: int, items: int, number: int) -> None:
    """Add synthetic units, their people, archive items of all types and requests to withdraw some, streamed."""
    bar = click.progressbar(length=items, label="seed", file=sys.stderr)
    with everything("flask seed") as session, bar:
        check_key(session)
        session.rollback()
        seed(session, units, items, number, bar.update)


attachments = AppGroup("attachments", help="Stored files.")


@attachments.command("sweep")
def sweep() -> None:
    """Remove now what nobody has named for a day; a worker that serves does it every hour."""
    try:
        swept = chores.sweep()
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"removed: {swept.rows} attachments, {swept.files} files, {swept.drafts} drafts")


@click.command("check")
@with_appcontext
@click.option("--read", is_flag=True, help="Read every stored file too and compare its bytes.")
def check(read: bool) -> None:
    """Prove ledger, statuses, counts and attachments consistent; exit 1 and a list of what is not."""
    with everything("flask check") as session:
        check_key(session)
        session.rollback()
        found = [*inconsistencies(session), *faults(session, read)]
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} inconsistencies" if found else "consistent")
    sys.exit(1 if found else 0)
