"""业绩档案: the tree with its counts, and one desk for the lists of all types and categories."""

from collections.abc import Mapping
from typing import Any

from flask import abort, g, render_template
from flask_appbuilder import BaseView, expose, has_access

from app import clock
from app.archive.catalogue import EVERY, catalogue
from app.archive.duplicates import duplicates_of
from app.archive.listings import listing_of, of_earlier_type, type_label
from app.archive.material import material_of
from app.archive.requests import story_of
from app.archive.statistics import Figure, figures
from app.archive.tree import KINDS, beside_list
from app.extensions import db
from app.review.desk import Desk
from app.review.facts import Material, file_ids
from app.review.listing import Asked, Listing
from app.review.pages import counts_of_request
from app.review.record import Aside


class ArchiveDesk(Desk):
    """The desk at `/archive/<key>/…`: of an item type or of a category, as its address says."""

    kind = "archive_item"
    route_base = "/archive/<where>"
    class_permission_name = "archive"
    list_template = "archive/list.html"
    counted = KINDS
    has_files = True

    def create_blueprint(self, *args: Any, **kwargs: Any) -> Any:
        # The framework's own, which then keeps `<where>` for all of the desk's pages and addresses.
        blueprint = super().create_blueprint(*args, **kwargs)
        blueprint.url_value_preprocessor(_keep_where)
        blueprint.url_defaults(_add_where)
        blueprint.before_request(_find_listing)
        return blueprint

    @property
    def listing(self) -> Listing:  # type: ignore[override]
        return g.get("archive_listing")  # None while the framework looks at its views, outside of any request

    @property
    def material(self) -> Material:  # type: ignore[override]
        """Of all types of this desk: the paths that a return may tick."""
        types = (self.listing.types or catalogue().types) if self.listing else ()
        return tuple(part for key in types for part in material_of(key, {}))

    def material_of(self, row: Any, content: Mapping[str, Any] | None = None) -> Material:
        return material_of(row.type, row.data if content is None else content["data"])

    def reading_order(self, row: Any) -> Any:
        known = [*catalogue().types]
        return known.index(row.type) if row.type in known else len(known), row.type, row.submitted_at, row.id

    def type_label(self, row: Any) -> str:
        return type_label(row.type)

    def heading(self, row: Any) -> str:
        return type_label(row.type)

    def placing(self, row: Any) -> tuple[list[str], list[str]]:
        ids = file_ids(self.material_of(row), {"data": row.data})
        unit = [] if g.unit_id else [row.unit.name]
        return [*unit, row.person_name, f"{type_label(row.type)} {row.title}"], ids

    def story(self, row: Any) -> list[Aside]:
        return story_of(db.session(), row)

    def alike(self, row: Any) -> list[dict[str, Any]]:
        groups = list(duplicates_of(db.session(), row))
        for record in (record for group in groups for record in group["records"]):
            record["at"] = clock.shown(record["at"])
            record["url"] = self.url("show", pk=record["mine"].id, where=row.type) if record["mine"] else None
        return groups

    def list_context(self, asked: Asked, rows: Any) -> dict[str, Any]:
        return beside_list(g.where)


def _keep_where(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.where = (values or {}).pop("where", "")


def _add_where(_endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("where", g.get("where", EVERY))


def _find_listing() -> None:
    """Before a request of the desk: the list that its address names. A type that left the catalogue keeps its own
    while something of it is there."""
    found = listing_of(g.where)
    if found is None and g.where in counts_of_request(KINDS).types("archive_item"):
        found = of_earlier_type(g.where)
    g.archive_listing = found or abort(404)


class ArchiveHome(BaseView):
    """`/archive/`: the tree, and how the archive stands."""

    kinds = KINDS
    within = ("/archive", "/withdrawals")
    route_base = "/archive"
    class_permission_name = "archive"
    default_view = "home"
    method_permission_name = {"home": "read"}

    @expose("/")
    @has_access
    def home(self) -> str:
        return render_template("archive/home.html", page=beside_list("") | {"figures": _figures()})


def _figures() -> list[Figure]:
    """The statistics; none of an archive in which nothing is."""
    counts = counts_of_request(KINDS)
    return figures(db.session(), counts, wide=g.screen == "wide") if counts.of("archive_item") else []
