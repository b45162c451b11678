"""The table of every route: how it is called, and how it answers to whom. A new route must be listed here."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """How a route is called, `{pk}` and the like standing for keys (Keys), `{today}` for the day of the call, and how
    it answers to whom.

    `foreign` is the answer to another unit's keys, None where the route takes none. A stranger is led to the login
    page (302, or 401 for a form, which is kept for him), unless `stranger` says otherwise.
    """

    address: str
    own: int = 200
    foreign: int | None = None
    stranger: int | None = None
    form: dict[str, Any] = field(default_factory=dict)


VERDICT = {"verdict": "pass", "opinion": "同意"}
BACK = {"status": "passed", "opinion": "看错了"}
RETURN, RETURNED = {"verdict": "return", "opinion": "请补充"}, {"status": "returned", "opinion": "看错了"}
NOTICE = {"steps": "0", "begins_on": "{today}", "ends_on": "{today}"}
POSTED = {"application": "{posted}"}


def desk(
    view: str, base: str, key: str = "", verdict: dict[str, str] = VERDICT, back: dict[str, str] = BACK
) -> dict[tuple[str, str], Call]:
    """The routes of a desk. `{<key>pk}` waits there, `{<key>passed}` was decided by the batch `{<key>batch}`: passed,
    where `back` says nothing else."""
    pk, passed, batch = (f"{{{key}{name}}}" for name in ("pk", "passed", "batch"))
    calls = {
        ("list", "GET"): Call(f"{base}/list/"),
        ("search", "POST"): Call(f"{base}/search", own=303, form={"q": "人"}),
        ("export", "GET"): Call(f"{base}/export.csv"),
        ("export_xlsx", "GET"): Call(f"{base}/export.xlsx"),
        ("attachments", "GET"): Call(f"{base}/attachments.zip", own=404),
        ("show", "GET"): Call(f"{base}/show/{pk}", foreign=404),
        ("reveal", "GET"): Call(f"{base}/reveal/{pk}", own=302, foreign=404),
        ("reveal", "POST"): Call(f"{base}/reveal/{pk}", foreign=404),
        ("present", "POST"): Call(f"{base}/present/{pk}", foreign=404),
        ("note", "POST"): Call(f"{base}/note/{pk}", own=303, foreign=404, form={"text": "待核实"}),
        ("postpone", "POST"): Call(f"{base}/postpone/{pk}", own=303, foreign=404),
        ("decide", "POST"): Call(f"{base}/decide", own=303, foreign=404, form=verdict | {"rowid": f"{pk}:1"}),
        ("preview", "POST"): Call(f"{base}/preview", foreign=404, form=verdict | {"rowid": f"{pk}:1"}),
        ("batch", "GET"): Call(f"{base}/batch/{batch}", foreign=404),
        ("take_back", "POST"): Call(
            f"{base}/take_back", own=303, foreign=404, form=back | {"rowid": f"{passed}:2", "single": "1"}
        ),
    }
    return {(f"{view}.{name}", method): one for (name, method), one in calls.items()}


def other_ways(
    base: str, key: str = "", verdict: dict[str, str] = VERDICT, back: dict[str, str] = BACK
) -> dict[str, tuple[str, Call]]:
    """The routes of a desk in other ways that name a key."""
    one = {"rowid": f"{{{key}pk}}:1"}
    passed = {"rowid": f"{{{key}passed}}:2", "single": "1"}
    forms = {
        "decide one": Call(f"{base}/decide", 303, 404, form=verdict | one | {"single": "1"}),
        "decide one, be asked": Call(
            f"{base}/decide", 200, 404, form={"verdict": verdict["verdict"], "single": "1"} | one
        ),
        "decide rows, be asked": Call(f"{base}/decide", 200, 404, form={"verdict": verdict["verdict"]} | one),
        "decide rows, empty opinion": Call(f"{base}/decide", 400, 404, form=verdict | one | {"opinion": ""}),
        "take a batch back": Call(f"{base}/take_back", 303, 404, form=back | {"batch": f"{{{key}batch}}"}),
        "take back, empty reason": Call(f"{base}/take_back", 400, 404, form=back | passed | {"opinion": ""}),
    }
    return {f"{base}: {way}": ("POST", call) for way, call in forms.items()}


ROUTES: dict[tuple[str, str], Call] = {
    ("static", "GET"): Call("/static/favicon.svg", stranger=200),
    ("health.healthz", "GET"): Call("/healthz", stranger=200),
    ("health.readyz", "GET"): Call("/readyz", stranger=200),
    ("HomeView.index", "GET"): Call("/", stranger=200),
    # Of whoever reads a department's units or a region.
    ("OverviewView.list", "GET"): Call("/overview/list/", own=403),
    ("OverviewView.search", "POST"): Call("/overview/search", own=403, form={"q": "单位"}),
    ("OverviewView.export", "GET"): Call("/overview/export.csv", own=403),
    ("OverviewView.export_xlsx", "GET"): Call("/overview/export.xlsx", own=403),
    ("DoorView.login", "GET"): Call("/login/", own=302, stranger=200),
    ("DoorView.built_in", "GET"): Call("/login/built-in", own=302, stranger=200),
    ("DoorView.built_in", "POST"): Call("/login/built-in", own=401, stranger=401, form={"username": "x"}),
    ("DoorView.locale", "POST"): Call("/locale", own=303, stranger=303, form={"locale": "zh"}),
    ("DoorView.logout", "POST"): Call("/logout/", own=303, stranger=303),
    ("DoorView.role", "POST"): Call("/role", own=403, form={"grant": "0"}),
    # Without a provider nobody goes there, or comes back from it.
    ("SignOnView.go", "GET"): Call("/login/unit", own=404, stranger=404),
    ("SignOnView.go", "POST"): Call("/login/unit", own=404, stranger=404),
    ("SignOnView.back", "GET"): Call("/login/unit/back", own=400, stranger=400),
    ("TasksDesk.list", "GET"): Call("/tasks/list/"),
    ("TasksDesk.search", "POST"): Call("/tasks/search", own=303, form={"q": "人"}),
    ("TasksDesk.export", "GET"): Call("/tasks/export.csv"),
    ("TasksDesk.export_xlsx", "GET"): Call("/tasks/export.xlsx"),
    ("TasksDesk.show", "GET"): Call("/tasks/show/{pk}", own=302, foreign=404),
    ("RegisterView.register", "GET"): Call("/unit/register", own=302),
    ("RegisterView.register", "POST"): Call("/unit/register", own=302),
    ("UnitView.home", "GET"): Call("/unit/"),
    ("UnitView.reveal", "GET"): Call("/unit/reveal", own=302),
    ("UnitView.reveal", "POST"): Call("/unit/reveal"),
    ("UnitView.edit", "GET"): Call("/unit/edit"),
    ("UnitView.edit", "POST"): Call("/unit/edit", own=409),  # it does not say which information it is about
    ("RegisterView.ask", "POST"): Call("/unit/ask", own=303, form={"role": "unit_clerk"}),
    ("SecondView.ask", "GET"): Call("/login/second", own=303, stranger=302),
    ("SecondView.ask", "POST"): Call("/login/second", own=303, stranger=302),
    ("SecondView.enrol", "GET"): Call("/account/second"),
    ("SecondView.enrol", "POST"): Call("/account/second", own=400),
    ("SecondView.renew", "POST"): Call("/account/second/codes", own=303),
    ("SecondView.off", "POST"): Call("/account/second/off", own=303),
    ("AccountView.show", "GET"): Call("/account/"),
    ("AccountView.password", "GET"): Call("/account/password"),
    ("AccountView.password", "POST"): Call("/account/password", own=400),
    ("AccountView.number", "GET"): Call("/account/number", own=404),  # it is entered already
    ("AccountView.number", "POST"): Call("/account/number", own=404),
    ("AccountView.end", "POST"): Call("/account/end/999999", own=303),
    ("AccountView.end_others", "POST"): Call("/account/end_others", own=303),
    ("AccountView.until", "GET"): Call("/account/until"),
    ("AccountView.stay", "POST"): Call("/account/stay"),
    ("PostsView.home", "GET"): Call("/posts/"),
    ("PostsView.submit", "GET"): Call("/posts/submit"),
    ("PostsView.submit", "POST"): Call("/posts/submit", own=400),
    ("PostsView.form", "GET"): Call("/posts/form/{form}", foreign=404),
    ("PhraseView.list", "GET"): Call("/phrases/list/"),
    ("PhraseView.add", "POST"): Call("/phrases/add/return", own=303, form={"text": "请补充"}),
    ("PhraseView.delete", "POST"): Call("/phrases/delete/{phrase}", own=303, foreign=404),
    ("HolidaysView.list", "GET"): Call("/holidays/list/", own=403),  # HR operations
    ("HolidaysView.add", "POST"): Call("/holidays/add", own=403, form={"how": "off", "begins_on": "{today}"}),
    ("HolidaysView.delete", "POST"): Call("/holidays/delete/2027-01-01", own=403),
    ("PeopleView.list", "GET"): Call("/people/list/"),
    ("PeopleView.search", "POST"): Call("/people/search", own=303, form={"q": "人"}),
    ("PeopleView.find", "POST"): Call("/people/find", own=303, form={"q": "人"}),
    ("PeopleView.show", "GET"): Call("/people/show/{person}", foreign=404),
    ("PeopleView.reveal", "GET"): Call("/people/reveal/{person}", own=302, foreign=404),
    ("PeopleView.reveal", "POST"): Call("/people/reveal/{person}", foreign=404),
    ("PeopleView.end", "POST"): Call("/people/end/{person}", foreign=404, form={"seen": "{belongs_by}"}),
    ("PeopleView.undo", "POST"): Call("/people/undo/{departure}", own=303, foreign=404),
    **desk("RegistrationDesk", "/registrations"),
    **desk("ArchiveDesk", "/archive/paper", "item_"),
    **desk("WithdrawalDesk", "/withdrawals", "request_"),
    ("ArchiveDesk.attachments", "GET"): Call("/archive/paper/attachments.zip"),
    **desk("ApplicationDesk", "/applications", "app_", RETURN, RETURNED),
    ("ApplicationDesk.attachments", "GET"): Call("/applications/attachments.zip"),
    ("ApplicationDesk.form", "GET"): Call("/applications/form/{app_pk}.pdf", foreign=404),
    ("ApplicationDesk.recommend", "POST"): Call(
        "/applications/recommend/{app_pk}", own=303, foreign=404, form={"steps": "0", "text": "同意推荐"}
    ),
    # No file, and none that is there; nobody of a unit lifts a bar.
    ("ApplicationDesk.upload", "POST"): Call("/applications/upload/{app_pk}/proof", own=400, foreign=404),
    ("ApplicationDesk.remove_file", "POST"): Call("/applications/remove_file/{app_pk}", own=404, foreign=404),
    ("ApplicationDesk.lift", "POST"): Call("/applications/lift/{app_pk}", own=403),
    ("ArchiveHome.home", "GET"): Call("/archive/"),
    ("NoticesView.list", "GET"): Call("/notices/list/"),
    ("NoticesView.days", "GET"): Call("/notices/days"),
    ("NoticesView.show", "GET"): Call("/notices/show/{notice}", foreign=404),
    ("NoticesView.print_list", "GET"): Call("/notices/list.pdf/{notice}", foreign=404),
    ("NoticesView.new_again", "GET"): Call("/notices/new", own=303),
    ("NoticesView.new", "POST"): Call("/notices/new", foreign=404, form={"rowid": "{posted}:1"}),
    ("NoticesView.edit", "POST"): Call("/notices/edit/{notice}", own=303, foreign=404, form=NOTICE),
    # It is in the notice already, and out of it again.
    ("NoticesView.add", "POST"): Call("/notices/add/{notice}", own=400, foreign=404, form=NOTICE | POSTED),
    ("NoticesView.remove", "POST"): Call(
        "/notices/remove/{notice}", own=303, foreign=404, form=NOTICE | POSTED | {"sure": "1"}
    ),
    # No file, none that is there, no objection yet.
    ("NoticesView.upload", "POST"): Call("/notices/upload/{notice}/proof", own=400, foreign=404),
    ("NoticesView.remove_file", "POST"): Call("/notices/remove_file/{notice}", own=404, foreign=404),
    ("NoticesView.outcome", "POST"): Call("/notices/outcome/{notice}", own=404, foreign=404, form={"of": "0"}),
    ("NoticesView.texts", "POST"): Call("/notices/texts/{notice}", own=303, foreign=404),
    ("NoticesView.object", "POST"): Call(
        "/notices/object/{notice}", own=303, foreign=404, form={"by": "李某", "text": "有异议"}
    ),
    ("PlansView.list", "GET"): Call("/plans/list/"),
    ("PlansView.search", "POST"): Call("/plans/search", own=303, form={"q": "工程"}),
    ("PlansView.show", "GET"): Call("/plans/show/{plan}", foreign=404),
    # HR operations' only.
    ("PlansView.add", "GET"): Call("/plans/add", own=403),
    ("PlansView.add", "POST"): Call("/plans/add", own=403),
    ("PlansView.edit", "GET"): Call("/plans/edit/{plan}", own=403),
    ("PlansView.edit", "POST"): Call("/plans/edit/{plan}", own=403),
    ("PlansView.close", "POST"): Call("/plans/close/{plan}", own=403),
    ("PlansView.open", "POST"): Call("/plans/open/{plan}", own=403),
    ("NewsView.list", "GET"): Call("/news/list/"),
    ("NewsView.search", "POST"): Call("/news/search", own=303, form={"q": "通知"}),
    ("NewsView.show", "GET"): Call("/news/show/{news}", foreign=404, stranger=404),  # of a county: no stranger's
    # HR operations' only.
    ("NewsView.add", "GET"): Call("/news/add", own=403),
    ("NewsView.add", "POST"): Call("/news/add", own=403, form={"title": "通知", "body": "正文", "region": "350000"}),
    ("NewsView.edit", "GET"): Call("/news/edit/{news}", own=403),
    ("NewsView.edit", "POST"): Call("/news/edit/{news}", own=403),
    ("NewsView.publish", "POST"): Call("/news/publish/{news}", own=403),
    ("NewsView.withdraw", "POST"): Call("/news/withdraw/{news}", own=403, form={"sure": "1", "reason": "有误"}),
    # A unit's administrator: of the own unit, and only its clerk.
    ("RolesView.list", "GET"): Call("/roles/list/"),
    ("RolesView.search", "POST"): Call("/roles/search", own=303, form={"q": "人"}),
    ("RolesView.grant", "GET"): Call("/roles/grant"),
    ("RolesView.grant", "POST"): Call("/roles/grant", own=400),
    ("RolesView.stand_in", "GET"): Call("/roles/stand_in"),
    ("RolesView.stand_in", "POST"): Call("/roles/stand_in", own=400),
    ("RolesView.revoke", "POST"): Call("/roles/revoke/{clerk}", own=303, foreign=404, form={"reason": "调离"}),
    ("RolesView.expire", "POST"): Call("/roles/expire/{clerk}", own=303, foreign=404, form={"expires_on": "{today}"}),
    ("AccountsView.show", "GET"): Call("/accounts/show/{account}", foreign=404),
    # HR operations' only.
    ("AccountsView.issue", "GET"): Call("/accounts/issue/", own=403),
    ("AccountsView.issue", "POST"): Call("/accounts/issue/", own=403),
    ("AccountsView.reset", "POST"): Call("/accounts/reset/{account}", own=403),
    ("AccountsView.number", "POST"): Call("/accounts/number/{account}", own=403),
    ("AccountsView.turn_off", "POST"): Call("/accounts/turn_off/{account}", own=403),
    ("AccountsView.disable", "POST"): Call("/accounts/disable/{account}", own=403),
    ("AccountsView.enable", "POST"): Call("/accounts/enable/{account}", own=403),
    # Who asks for a role in the own unit is answered there; nobody does.
    ("RequestsView.list", "GET"): Call("/roles/requests/"),
    ("RequestsView.admit", "POST"): Call("/roles/requests/admit/999999", own=404, form={"role": "unit_clerk"}),
    ("RequestsView.refuse", "POST"): Call("/roles/requests/refuse/999999", own=404, form={"reason": "不属实"}),
    # HR's only.
    ("UnitsView.list", "GET"): Call("/accounts/units/list/", own=403),
    ("UnitsView.search", "POST"): Call("/accounts/units/search", own=403),
    ("UnitsView.show", "GET"): Call("/accounts/units/show/1", own=403),
    ("UnitsView.add", "GET"): Call("/accounts/units/add", own=403),
    ("UnitsView.add", "POST"): Call("/accounts/units/add", own=403),
    ("UnitsView.edit", "GET"): Call("/accounts/units/edit/1", own=403),
    ("UnitsView.edit", "POST"): Call("/accounts/units/edit/1", own=403),
    ("UnitsView.hand_over", "GET"): Call("/accounts/units/hand_over/1", own=403),
    ("UnitsView.hand_over", "POST"): Call("/accounts/units/hand_over/1", own=403),
    ("AttachmentView.get", "GET"): Call("/attachments/{file}", foreign=404),
    ("AttachmentView.page", "GET"): Call("/attachments/{file}/page", foreign=404),
}
KEYED: dict[str, tuple[str, Call]] = {
    **{f"{endpoint} {method}": (method, call) for (endpoint, method), call in ROUTES.items() if call.foreign},
    **other_ways("/registrations"),
    **other_ways("/archive/paper", "item_"),
    **other_ways("/archive/research", "item_"),
    **other_ways("/archive/all", "item_"),
    **other_ways("/withdrawals", "request_"),
    **other_ways("/applications", "app_", RETURN, RETURNED),
    "a whole category's page": ("GET", Call("/archive/research/show/{item_pk}", foreign=404)),
    "a file to save": ("GET", Call("/attachments/{file}?download=1", foreign=404)),
    "end a belonging": (
        "POST",
        Call("/people/end/{person}", 303, 404, form={"seen": "{belongs_by}", "how": "left", "left_on": "{today}"}),
    ),
}
Keys = dict[str, Any]
RECORDS = ("pk", "passed", "item_pk", "item_passed", "request_pk", "request_passed", "app_pk", "app_passed")
BATCHES = ("batch", "item_batch", "request_batch", "app_batch")
OTHERS = (
    "person",
    "belongs_by",
    "departure",
    "phrase",
    "file",
    "form",
    "plan",
    "posted",
    "notice",
    "account",
    "clerk",
    "news",
)
KEYS = (*RECORDS, *BATCHES, *OTHERS)
