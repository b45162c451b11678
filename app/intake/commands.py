"""`flask intake load`: the feed from a file."""

import sys
from collections import Counter
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import force_locale
from flask_babel import gettext as _

from app.intake.files import Folder
from app.intake.take import FeedStopped, Result, take_feed
from app.sealing import check_key
from app.tenancy import everything

intake = AppGroup("intake", help="Records from the applicants' portal.")


@intake.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Judge every line, keep none.")
@click.option("--locale", type=click.Choice(["zh", "en"]), default="zh", help="The language of the messages.")
def load(file: Path, dry_run: bool, locale: str) -> None:
    """Load the feed FILE (NDJSON). Good lines stay loaded, bad ones change nothing; exit 1 when any was bad."""
    with force_locale(locale):
        outcomes = load_file(file, dry_run)
        click.echo(_("%(summary)s of %(total)d lines.", summary=_summary(outcomes), total=outcomes.total()))
    sys.exit(1 if outcomes["rejected"] else 0)


def load_file(file: Path, dry_run: bool = False, quiet: bool = False) -> Counter[str]:
    """Load a file and report each bad line as `FILE:LINE: field: what is wrong`. Answers the outcomes, counted.

    Raises click.ClickException when it had to stop: what was loaded until then stays.
    """
    outcomes: Counter[str] = Counter()
    bar = click.progressbar(length=file.stat().st_size, label=file.name, file=sys.stderr, hidden=quiet)
    with file.open("rb") as stream, everything("intake load") as session, bar:
        check_key(session)
        session.rollback()  # each line begins its own transaction, as one that writes
        try:
            for number, size, result in take_feed(session, stream, dry_run, Folder(file.resolve().parent, dry_run)):
                outcomes[result.outcome] += 1
                bar.update(size)
                _tell(file, number, result)
        except FeedStopped as stop:
            kept = _("The lines before it are kept; load the file again when this is mended.")
            raise click.ClickException(f"{file}:{stop.number}: {stop}. {kept}") from stop
    return outcomes


def _tell(file: Path, number: int, result: Result) -> None:
    for field, messages in result.errors.items():
        for message in messages:
            click.echo(f"{file}:{number}: {field}: {message}")


def _summary(outcomes: Counter[str]) -> str:
    words = {
        "created": _("created"),
        "resubmitted": _("submitted again"),
        "unchanged": _("unchanged"),
        "rejected": _("rejected"),
    }
    return ", ".join(f"{outcomes[outcome]} {word}" for outcome, word in words.items())
