"""Ways to every page that there is, for the tests that look at all of them."""

from collections.abc import Callable

from tests.browser.visitor import Seen, Visitor

DOORS = ["/", "/login/", "/login/built-in"]
LIST = "/registrations/list/"
LISTS = [
    *(LIST, f"{LIST}?page=2&sort=-name", f"{LIST}?gender=1&political_status=13&from=2026-11-01&to=2026-11-30"),
    *(f"{LIST}?status={status}" for status in ("passed", "returned", "withdrawn", "all")),
    *(f"{LIST}?q=无此人", f"{LIST}?q=~0123&status=all"),
]
OWN = ["/account/", "/account/password"]
ROLES = ["unit.public", "unit.clerk", "hr.city", "hr.ops", "hr.auditor"]
MANAGING = {
    "/roles/list/": ["/roles/grant", "/accounts/issue/"],
    "/accounts/units/list/": ["/accounts/units/add"],
    "/news/list/": ["/news/add"],
}


def every_page(visitor: Visitor) -> dict[str, Seen]:
    """{address: how it looks} of the lists, the review pages and what the menu opens to a signed-in visitor."""
    menu = visitor.open(LIST).page.locator(".side a").evaluate_all("links => links.map(link => link.pathname)")
    seen = {address: visitor.open(address).see() for address in dict.fromkeys([*LISTS, *menu, *OWN])}
    records = [visitor.open(f"{LIST}?status={status}").rows()[0] for status in ("pending", "passed", "returned")]
    forms = ["/unit/edit"] if "/unit/" in menu and visitor.open("/unit/").page.locator("#dialog-unit").count() else []
    return seen | {page: visitor.open(page).see() for page in [*records, *forms, *_managing(visitor, menu)]}


def _managing(visitor: Visitor, menu: list[str]) -> list[str]:
    """The forms of accounts, roles and news, an account's page and a piece of news, for whom the lists lead there."""
    found = []
    for place in [place for place in MANAGING if place in menu]:
        visitor.open(place)
        links = visitor.page.locator("main a").evaluate_all("links => links.map(link => link.pathname)")
        found += [form for form in MANAGING[place] if form in links]
        found += [
            link for link in links if link.startswith(("/accounts/show/", "/accounts/units/show/", "/news/show/"))
        ][:1]
    found += ["/roles/requests/"] if "/roles/list/" in menu else []  # nobody asks in the demo: no link leads there
    if "/accounts/issue/" in found:  # whoever issues accounts hands units over, and changes them
        units = [page for page in found if page.startswith("/accounts/units/show/")]
        found += [page.replace("show", form) for page in units for form in ("hand_over", "edit")]
    return found


def bad_filter(visitor: Visitor) -> None:
    visitor.open(f"{LIST}?from=yesterday", 400)


def bad_page_number(visitor: Visitor) -> None:
    visitor.open(f"{LIST}?page=abc", 400)


def page_after_the_last(visitor: Visitor) -> None:
    visitor.open(f"{LIST}?page=999", 404)


def unknown_address(visitor: Visitor) -> None:
    visitor.open("/nowhere", 404)


def forged_token(visitor: Visitor) -> None:
    visitor.open(LIST)
    with visitor.answered(400):
        visitor.page.evaluate("""() => {
          const form = document.querySelector("form.language");
          form.elements.csrf_token.value = "forged";
          form.submit();
        }""")


def not_for_this_role(visitor: Visitor) -> None:
    with visitor.answered(403):
        _post(visitor, "/role", {"grant": "0"})


def decided_meanwhile(visitor: Visitor) -> None:
    decided = visitor.open(f"{LIST}?status=passed").rows()[0].split("?")[0].split("/")[-1]
    visitor.open(visitor.open(LIST).rows()[0]).button("退回").click()
    visitor.page.locator("dialog[open] [name=rowid]").evaluate("(field, pk) => { field.value = `${pk}:1`; }", decided)
    with visitor.answered(409):
        visitor.confirm("请改正")


def too_large(visitor: Visitor) -> None:
    with visitor.answered(413):
        _post(visitor, "/registrations/search", {"q": "-"}, 33 * 1024 * 1024)


def _post(visitor: Visitor, action: str, fields: dict[str, str], times: int = 1) -> None:
    """Post a form with the page's own token; each value stands in it so many times."""
    visitor.page.evaluate(
        """([action, fields, times]) => {
          const form = document.createElement("form");
          Object.assign(form, { method: "post", action, enctype: "multipart/form-data" });
          form.append(document.querySelector("[name=csrf_token]").cloneNode());
          for (const [name, text] of Object.entries(fields)) {
            const value = text.repeat(times);
            form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
          }
          document.body.append(form);
          form.submit();
        }""",
        [action, fields, times],
    )


REFUSALS: list[Callable[[Visitor], None]] = [
    *(bad_filter, bad_page_number, page_after_the_last, unknown_address),
    *(forged_token, not_for_this_role, decided_meanwhile, too_large),
]
