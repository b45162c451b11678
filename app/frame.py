"""The one frame of every page: what its bar and sections show, and the headers that every answer carries."""

import mimetypes
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.accounts import sittings
from app.review.labels import code_reader
from app.review.pages import waiting_of_request

CATEGORIES = {"settings": _l("Management settings")}
OTHER_LOCALE = {"zh": "en", "en": "zh"}
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; worker-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'{more}; base-uri 'none'; frame-ancestors 'none'"
)
# Of our files: a worker lives under the policy that comes with its own script, and it fetches and loads more of them.
FILE_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def register(app: Flask) -> None:
    mimetypes.add_type("text/javascript", ".mjs")  # a module loads as nothing else, and not every machine knows it
    # As a global, not by a context processor: the framework's widgets render without those.
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.context_processor(lambda: {"frame": frame()})
    app.after_request(_headers)


def csp_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    is_file = request.endpoint == "static"
    more = f" {g.form_leads_to}" if "form_leads_to" in g else ""  # out of the sign-on, at its provider
    policy = FILE_POLICY if is_file else POLICY.format(nonce=csp_nonce(), more=more)
    response.headers.setdefault("Content-Security-Policy", policy)
    if not is_file:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def frame() -> dict[str, Any]:
    """What the frame shows. Plain data of this request, so that an error page can be drawn after a fault too."""
    signed_in = "actor" in g
    whole = signed_in and not g.get("alone")
    here = g.get("here") or (request.full_path.rstrip("?") if request.method == "GET" else "/")
    locale = g.get("locale", "zh")
    return {
        "locale": locale,
        "other_locale": OTHER_LOCALE.get(locale, "zh"),
        "locale_url": url_for("DoorView.locale"),
        "here": here,
        "home_url": "/",
        "login_url": url_for("DoorView.login"),
        "logout_url": url_for("DoorView.logout"),
        "signed_in": signed_in,
        "sections": _sections() if whole else [],
        "search": _search() if whole else None,
        "holder": _holder() if signed_in else None,
        "account": _account() if signed_in else None,
        "sitting": _sitting() if signed_in and "sitting" in g else None,
    }


def _sections() -> list[dict[str, Any]]:
    """The menu: only what opens; a category of the menu is a section with its title."""
    appbuilder: Any = current_app.extensions["appbuilder"]
    menu = appbuilder.menu.get_list()
    opens = appbuilder.sm.get_user_menu_access(appbuilder.menu.get_flat_name_list())
    lines = [item for entry in menu for item in (entry.childs or [entry]) if item.name in opens]
    kinds = dict.fromkeys(kind for item in lines for kind in _kinds(item))
    waiting = waiting_of_request([*kinds]) if not g.get("quiet") else {}
    links = {item.name: _link(item, waiting) for item in lines}
    sections: list[dict[str, Any]] = [{"title": None, "links": _of(links, [item for item in menu if not item.childs])}]
    for category in (item for item in menu if item.childs):
        sections.append({"title": str(CATEGORIES[category.name]), "links": _of(links, category.childs)})
    return [section for section in sections if section["links"]]


def _of(links: Mapping[str, dict[str, Any]], items: Iterable[Any]) -> list[dict[str, Any]]:
    return [links[item.name] for item in items if item.name in links]


def _link(item: Any, waiting: Mapping[str, int]) -> dict[str, Any]:
    """A line of the menu; a desk's with what waits there, of all its kinds and at all addresses `within` where it is
    more than a desk. An error page (`g.quiet`) asks the database for nothing."""
    view, numbers = item.baseview, [waiting[kind] for kind in _kinds(item) if kind in waiting]
    url, below = item.get_url(), tuple(f"{base}/" for base in getattr(view, "within", [view.route_base]))
    led_from = request.args.get("list")  # a record that was opened from another list stands there
    here = f"/{led_from}/" if led_from else request.path
    return {
        "label": str(item.label),
        "url": url,
        "icon": item.icon,
        "active": here == url or here.startswith(below),
        "count": sum(numbers) if numbers else None,
    }


def _kinds(item: Any) -> list[str]:
    """The kinds whose waiting records a line of the menu counts."""
    kinds = getattr(item.baseview, "kinds", None) or [getattr(item.baseview, "kind", None)]
    return [kind for kind in kinds if kind]


def _search() -> dict[str, str] | None:
    """The box on top that finds a person, for who reads people."""
    appbuilder: Any = current_app.extensions["appbuilder"]
    reads = appbuilder.sm.has_access("can_read", "people")
    return {"action": url_for("PeopleView.find")} if reads else None


def _holder() -> dict[str, Any]:
    held = g.get("held")
    if held is None:
        return {"title": current_user.sign_on_unit or _("No role at present"), "tags": []}
    nature = code_reader("unit_nature")(held.nature) if held.nature else None
    return {"title": held.over, "tags": [tag for tag in (nature, held.on_behalf) if tag]}


def _account() -> dict[str, Any]:
    held = g.get("held")
    return {
        "name": g.actor.name,
        "role": _parts(held.role.label, held.on_behalf) if held else "",
        "grants": [
            {"id": grant.id, "label": _parts(grant.role.label, grant.over, grant.on_behalf), "current": grant == held}
            for grant in g.get("grants", [])
        ],
        "grant_url": url_for("DoorView.role"),
        "url": url_for("AccountView.show"),
    }


def _parts(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)


def _sitting() -> dict[str, Any]:
    """What the warning before the end of a sitting needs: in how many seconds it ends, and whom to ask again."""
    left = (sittings.until(g.sitting, clock.now()) - clock.now()).total_seconds()
    return {"left": int(left), "until": url_for("AccountView.until"), "stay": url_for("AccountView.stay")}
