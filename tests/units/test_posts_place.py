"""岗位核准信息 exists for public institutions only (R31): for everybody else no menu, page, address, or trace of it."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounts.roles import OF_INSTITUTION, ROLES
from app.attachments import Attachment
from tests.accounts.test_kept import sign_in_again
from tests.browsing import Browser, choices, csv_rows, links, text_of
from tests.factories import grant, registration_line, take, unit_code
from tests.units.approvals import HOME, NUMBER, SUBMIT, file, kept_by, stored, submitted, typed

LIST = "/registrations/list/"
ADDRESSES = [
    "/posts",
    HOME,
    SUBMIT,
    "/posts/form/x",
    "/posts/nothing",
    "/posts//submit",
    "/posts/submit/",
]
METHODS = ["get", "head", "options", "post", "put", "patch", "delete"]


def menu(page) -> dict[str, str]:
    """The menu: address → label."""
    nav = re.search(r'<nav class="side".*?</nav>', page.text, flags=re.S)
    found = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', nav[0], flags=re.S) if nav else []
    return {address: re.sub("<[^>]+>", "", label) for address, label in found}


def reader(make, sign_in, role: str, nature: str = "private_enterprise") -> Browser:
    """Somebody of that role, over a unit of that nature or over the region of all."""
    unit = make.unit(2, nature=nature)
    make.account("reader", role, "350000" if ROLES[role].over == "region" else unit)
    return sign_in("reader")


# ---- for whom it is there --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["unit_administrator", "stand_in", "unit_clerk"])
def test_a_public_institution_finds_it_in_its_menu(make, sign_in, role):
    browser = reader(make, sign_in, role, "public_institution")
    assert menu(browser.get(LIST))[HOME] == "岗位核准信息"
    assert browser.get(HOME).status_code == 200


def test_a_clerk_reads_and_does_not_submit(make, zhang, school, sign_in):
    submitted(zhang)
    token = kept_by(zhang, document_number="另一文号")
    make.account("clerk", "unit_clerk", school)
    clerk = sign_in("clerk")
    page = clerk.get(HOME)
    assert (NUMBER in text_of(page), links(page, "录入新的核准文件")) == (True, [])
    assert [clerk.get(address).status_code for address in (SUBMIT, f"/posts/form/{token}")] == [403, 403]
    form = typed(document_number="另一文号", kept=token, step="submit")
    assert (clerk.post(SUBMIT, form).status_code, clerk.post(SUBMIT, form | {"form": file()}).status_code) == (403, 403)
    assert len(stored(make)) == 1


def test_a_clerk_is_not_led_to_the_form_while_there_is_nothing(make, school, sign_in):
    make.account("clerk", "unit_clerk", school)
    page = sign_in("clerk").get(HOME)
    assert ("未录入" in text_of(page), f'href="{SUBMIT}"' in page.text) == (True, False)


def test_another_institution_sees_nothing_of_it(make, zhang, sign_in):
    submitted(zhang)
    token = kept_by(zhang, document_number="另一文号")
    other = reader(make, sign_in, "unit_administrator", "public_institution")
    page = other.get(HOME)
    assert ("未录入" in text_of(page), NUMBER in page.text) == (True, False)
    forms = [pk for (pk,) in make.read(sa.select(Attachment.id))]
    assert len(forms) == 2
    addresses = [f"/attachments/{pk}{rest}" for pk in forms for rest in ("", "/page", "?download=1")]
    assert {other.get(address).status_code for address in [*addresses, f"/posts/form/{token}"]} == {404}


def test_another_institution_may_submit_a_document_of_the_same_number(make, zhang, sign_in):
    submitted(zhang)
    assert submitted(reader(make, sign_in, "unit_administrator", "public_institution")).status_code == 303
    assert len(stored(make)) == 2


# ---- and for whom it is not ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nature", ["government", "private_enterprise", "social_organisation", "other"])
def test_a_unit_of_another_nature_has_no_such_address(make, sign_in, nature):
    company = reader(make, sign_in, "unit_administrator", nature)
    assert HOME not in menu(company.get(LIST))
    assert "岗位核准信息" not in company.get(LIST).text
    answers = {(address, method): _asked(company, address, method) for address in ADDRESSES for method in METHODS}
    assert {asked: status for asked, status in answers.items() if status != 404} == {}


def _asked(browser: Browser, address: str, method: str) -> int:
    form = typed(step="submit") | {"csrf_token": browser.token} if method == "post" else None
    return browser.client.open(address, method=method.upper(), data=form, buffered=True).status_code


@pytest.mark.parametrize("path", ["//posts/", "//posts", "///posts//submit"])
def test_more_slashes_lead_nowhere_either(make, sign_in, path):
    """The router would make one of them, and tell by its redirect that something is there."""
    company = reader(make, sign_in, "unit_administrator")
    assert company.client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 404


@pytest.mark.parametrize("role", [role for role in ROLES if role not in OF_INSTITUTION])
@pytest.mark.parametrize("nature", ["public_institution", "government"])
def test_no_other_role_has_such_an_address(make, sign_in, role, nature):
    browser = reader(make, sign_in, role, nature)
    assert HOME not in menu(browser.get(LIST))
    assert [_asked(browser, address, method) for address in (HOME, SUBMIT) for method in ("get", "post")] == [404] * 4


def test_nothing_is_there_even_before_a_forged_token_is_refused(make, sign_in):
    company = reader(make, sign_in, "unit_administrator")
    form = {"csrf_token": "forged", **typed(step="submit")}
    answers = [company.client.post(address, data=form).status_code for address in (HOME, SUBMIT, "/posts/x")]
    assert (answers, stored(make)) == ([404] * 3, [])


def test_a_form_with_a_good_file_and_token_stores_nothing(make, zhang, sign_in):
    token = kept_by(zhang)
    company = reader(make, sign_in, "unit_administrator")
    assert company.post(SUBMIT, typed(kept=token, form=file(), step="submit")).status_code == 404
    assert (stored(make), len(make.read(sa.select(Attachment.id)))) == ([], 1)


def test_a_form_that_was_kept_through_the_sign_in_finds_nothing_there(make, sign_in):
    company = reader(make, sign_in, "unit_administrator")
    company.client.delete_cookie("session")
    asked = company.post(SUBMIT, typed(step="submit"))
    answer = sign_in_again(company, asked, "reader")
    assert (answer.status_code, NUMBER in answer.text, stored(make)) == (404, False, [])


def test_it_is_there_only_while_the_grant_over_the_institution_is_worn(make, school, sign_in):
    account = make.account("both", "unit_administrator", make.unit(2))
    grant(make, account, "unit_administrator", school)
    browser = sign_in("both")
    company, institution = choices(browser.get(LIST), "grant")
    found = []
    for worn in (company, institution, company):
        browser.post("/role", {"grant": worn})
        found.append((HOME in menu(browser.get(LIST)), browser.get(HOME).status_code, browser.get(SUBMIT).status_code))
    assert found == [(False, 404, 404), (True, 200, 200), (False, 404, 404)]


def test_a_stranger_is_sent_to_the_door(app, school):
    stranger = Browser(app)
    assert stranger.get(HOME).location == "/login/?next=/posts/"


# ---- nor any trace of it anywhere ------------------------------------------------------------------------------------


@pytest.fixture
def company(app, make, zhang, sign_in) -> tuple[Browser, list[Any]]:
    """The administrator of a company with a person, beside a school with an approval; the ids of its files."""
    submitted(zhang)
    browser = reader(make, sign_in, "unit_administrator")
    take(app, registration_line(1, unit_code(2)))
    return browser, [pk for (pk,) in make.read(sa.select(Attachment.id))]


def test_no_search_box_finds_it(company):
    browser, _files = company
    for address in ("/people/find", "/registrations/search", "/people/search"):
        for asked in ("岗位", NUMBER, "鼓楼区人力资源和社会保障局"):
            found = browser.get(browser.post(address, {"q": asked}).location)
            assert re.findall(r'href="(/posts[^"]*)"', found.text) == []
            assert "暂无" in text_of(found) or "没有符合" in text_of(found) or asked not in links(found, asked)


@pytest.mark.parametrize("base", ["/registrations", "/archive/all", "/withdrawals"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_export_holds_it(company, base, form):
    browser, _files = company
    answer = browser.get(f"{base}/export.{form}?status=all")
    assert answer.status_code == 200
    if form == "csv":
        said = "\n".join(map(",".join, csv_rows(answer)))
        assert [word for word in (NUMBER, "岗位核准") if word in said] == []


@pytest.mark.parametrize(
    "address", ["/posts/export.csv", "/posts/list/", "/posts/1", "/api/v1/posts", "/api/v1/post_approval"]
)
def test_no_other_address_serves_it_to_anybody(company, zhang, address):
    browser, _files = company
    assert [one.get(address).status_code for one in (browser, zhang)] == [404, 404]


def test_its_form_is_nobodys_elses_attachment(company):
    browser, (form,) = company
    assert [browser.get(f"/attachments/{form}{rest}").status_code for rest in ("", "/page")] == [404, 404]
