"""辖区总览: what its page shows, made of the numbers of a jurisdiction."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, g, url_for
from flask_babel import gettext as _

from app.applications.due import TOO_LONG, waiting_text, waiting_tone
from app.archive.catalogue import EVERY
from app.extensions import db
from app.figures import Figure, Head
from app.home.overview import listing, rows
from app.home.overview.booking import Owner
from app.home.overview.folding import RECENT
from app.home.overview.listing import Wanted
from app.home.overview.numbers import Flows, Stand, Units, flows, units_by_region
from app.review.desks import desks
from app.review.labels import KIND, NODE, joined
from app.review.models import NODES
from app.review.rules import is_routed
from app.review.tabs import node_of
from app.tenancy import Scope, scope_of
from app.units.regions import REGIONS, full_name, path

Page = dict[str, Any]
KEEP = 10  # units that stand on the page of a county


@dataclass(frozen=True)
class Place:
    """What the page is of: a region (GB/T 2260) inside the reader's own, or a department's units."""

    owner: Owner
    region: str = ""
    below: tuple[str, ...] = ()  # the regions directly below it


def owner_of(scope: Scope) -> Owner:
    """Whose numbers a reader's whole jurisdiction has."""
    return ("region", int(scope.low)) if scope.kind == "region" else ("department", scope.unit_id or 0)


def place_of(scope: Scope, asked: str) -> Place:
    """The place that an address asks for; 404 for a region that is not inside the reader's."""
    if scope.kind != "region":
        return Place(owner_of(scope)) if not asked else abort(404)
    code = asked or scope.low
    if code not in listing.regions_of(scope):
        abort(404)
    below = tuple(one for one in REGIONS if one != code and [each.code for each in path(one)][-2:-1] == [code])
    return Place(("region", int(code)), code, below)


def overview(asked: str) -> Page:
    """The page. The numbers take three statements; where no region is below, its units take three more."""
    session, scope = db.session(), scope_of(db.session())
    place, whole = place_of(scope, asked), owner_of(scope)
    found = flows(session, place.owner, [*(_region(code) for code in place.below), *([whole] if asked else [])])
    g.counts = found.counts(whole, g.actor.node)
    stand = Stand(session, found.dirty)
    units = units_by_region(session, stand, *listing.inside(scope), *listing.inside_region(place.region))
    in_all = sum(units.values(), Units())
    return {
        "title": _("Overview of the jurisdiction"),
        "place": full_name(place.region) if place.region else g.held.over,
        "crumbs": _crumbs(scope, place),
        "kinds": [_kind(kind, found.waiting(place.owner), lead=not asked) for kind in desks()],
        "tiles": _tiles(place, in_all, found.verdicts(place.owner)),
        "figures": [_backlog(found, place.owner)],
        "regions": _regions(place, found, units) if place.below else None,
        "units": None if place.below else _units(place, found, stand),
        "list_url": _list(status="all", region=place.region if asked else ""),
    }


def _region(code: str) -> Owner:
    return "region", int(code)


def _crumbs(scope: Scope, place: Place) -> list[dict[str, Any]]:
    """The way from the reader's whole jurisdiction to the place; of the whole there is none."""
    codes = [each.code for each in path(place.region)] if place.region else []
    inside = [code for code in codes if scope.low <= code <= scope.high]
    return [{"label": REGIONS[code].name, "url": _address(code, scope)} for code in inside] if len(inside) > 1 else []


def _list(**asked: Any) -> str:
    """The address of the list of units that asks for this."""
    return f"{url_for('OverviewView.list')}?{Wanted(**asked).query_string()}".rstrip("?")


def _address(code: str, scope: Scope | None = None) -> str:
    return "/" if scope and code == scope.low else url_for("HomeView.index", region=code)


# ---- what waits ------------------------------------------------------------------------------------------------------


def _kind(kind: str, waiting: Counter[tuple[str, str]], lead: bool) -> Page:
    """How many records of a kind wait: first what waits at the reader's node, where it goes there; then where the rest
    is. `lead`: the first number leads to his list."""
    at = {node: waiting[kind, node] for node in NODES if waiting[kind, node]}
    own = node_of(kind, g.actor.node)
    rest = {node: number for node, number in at.items() if node != own}
    told = [_("%(node)s %(number)s", node=NODE[node], number=number) for node, number in rest.items()]
    return {
        "label": str(KIND[kind]),
        "number": at.get(own, 0) if own else sum(at.values()),
        "mine": own is not None,
        "unit": _("wait for you") if own else _("wait"),
        "rest": _rest(told, own is not None, is_routed(kind)),
        "url": _desk_url(kind) if lead else None,
    }


def _rest(told: Sequence[str], own: bool, routed: bool) -> str:
    """Where what waits is, besides the reader's own node; empty where nothing does."""
    if not told:
        return ""
    if not routed:
        return _("all of it at units")
    return _("Elsewhere: %(places)s", places=joined(told)) if own else joined(told)


def _desk_url(kind: str) -> str:
    """The reader's list of what waits of a kind: as many as the page says."""
    where: dict[str, Any] = {"where": EVERY} if kind == "archive_item" else {}
    return url_for(f"{desks()[kind].endpoint}.list", **where)


def _tiles(place: Place, units: Units, verdicts: Mapping[str, int]) -> list[Page]:
    """How the units stand, and what was decided."""

    def to(tab: str) -> str:
        root = place.region if place.owner != owner_of(g.held.scope()) else ""
        return _list(status=tab, region=root)

    words = {
        "passed": _("passed %(number)s", number=verdicts["passed"]),
        "returned": _("returned %(number)s", number=verdicts["returned"]),
        "terminated": _("terminated %(number)s", number=verdicts["terminated"]),
    }
    oldest = _("the longest wait: %(time)s", time=waiting_text(units.oldest).replace("\n", " "))
    return [
        {
            "label": _("Units with a backlog"),
            "number": units.backlog,
            "note": oldest if units.oldest else _("nothing waits"),
            "url": to("backlog"),
        },
        {
            "label": _("Units that wait too long"),
            "number": units.too_long,
            "note": _("a record waits for %(days)d days or more", days=TOO_LONG),
            "url": to("too_long"),
        },
        {
            "label": _("Decided in %(days)d days", days=RECENT),
            "number": sum(verdicts.values()),
            "note": joined(words.values()),
            "url": None,
        },
        {
            "label": _("Registered units"),
            "number": units.complete,
            "of": units.number,
            "note": _("%(number)s not registered", number=units.number - units.complete),
            "url": to("unregistered" if units.complete < units.number else "all"),
        },
    ]


def _backlog(found: Flows, owner: Owner) -> Figure:
    kinds = list(desks())
    return Figure(
        "backlog",
        _("How the backlog went"),
        _("What waited at the end of the day, week by week; the last is now."),
        "column",
        [
            Head("label", _("Day"), kind="text"),
            *(Head(kind, str(KIND[kind]), "wait") for kind in kinds),
            Head("all", _("In all")),
        ],
        [
            {"label": f"{day:%m-%d}", "url": None, "all": sum(waits.values())} | {kind: waits[kind] for kind in kinds}
            for day, waits in found.backlog(owner)
        ],
        _("Nothing has waited in the last 13 weeks."),
    )


# ---- what is below ---------------------------------------------------------------------------------------------------


def _regions(place: Place, found: Flows, units: Mapping[str, Units]) -> Page:
    """The regions below with their numbers, and what belongs to the place itself and to none of them."""
    below = [(REGIONS[code].name, _address(code), _region(code), _inside(code, units)) for code in place.below]
    lines = [_line(name, url, _numbers(found, [owner]), stand) for name, url, owner, stand in below]
    own = _numbers(found, [place.owner]) - _numbers(found, [owner for *_rest, owner, _stand in below])
    own_url = _list(status="all", region=place.region, level="own")
    name = _("%(region)s itself", region=REGIONS[place.region].name)
    if place.region in units:
        lines.insert(0, _line(name, own_url, own, units[place.region]))
    heads = [
        Head("label", _("Region"), kind="text"),
        Head("waiting", _("Waiting at units")),
        Head("oldest", _("Longest wait"), kind="due"),
        Head("decided", _("Decided in %(days)d days", days=RECENT)),
        Head("backlog", _("Units with a backlog")),
        Head("units", _("Units")),
        Head("complete", _("Registered units")),
    ]
    return {"title": _("Regions"), "columns": heads, "rows": lines}


def _inside(code: str, units: Mapping[str, Units]) -> Units:
    low, high = listing.region_bounds(code)
    return sum((each for region, each in units.items() if low <= region <= high), Units())


def _numbers(found: Flows, owners: Sequence[Owner]) -> Counter[str]:
    numbers: Counter[str] = Counter()
    for owner in owners:
        numbers["waiting"] += sum(number for (_kind, node), number in found.waiting(owner).items() if node == NODES[0])
        numbers["decided"] += sum(found.verdicts(owner).values())
    return numbers


def _line(name: str, url: str, numbers: Counter[str], units: Units) -> Page:
    return {
        "label": name,
        "url": url,
        "waiting": numbers["waiting"],
        "decided": numbers["decided"],
        "oldest": waiting_text(units.oldest).replace("\n", " ") or "—",
        "tone": waiting_tone(units.oldest),
        "backlog": units.backlog,
        "units": units.number,
        "complete": units.complete,
    }


def _units(place: Place, found: Flows, stand: Stand) -> Page:
    """The units with most waiting, where no region is below. Three statements."""
    wanted = Wanted(status="all", region=place.region)
    session = db.session()
    some = session.execute(listing.all_of(session, wanted, stand, found).limit(KEEP)).all()
    details = listing.details_of(session, [row.id for row in some], found)
    return {
        "columns": [rows.head(None, None, column) for column in rows.columns("screen")],
        "rows": [rows.shown(row, details, place.region) for row in some],
    }
