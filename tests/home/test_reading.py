"""职称信息 as it is read: by whom, in which order, and how it is shown."""

import re

import pytest

from app.accounts.roles import ROLES
from tests.browsing import Browser, links, table, text_of
from tests.home.factories import told
from tests.statements import recorded

LIST = "/news/list/"
# region of the news → who reads it
PLACES = {"350000": "省", "350100": "市", "350102": "区", "350103": "邻区", "350200": "另一市"}


def titles(browser: Browser, query: str = "") -> list[str]:
    return [row["标题"] for row in table(browser.get(LIST + query))]


@pytest.fixture
def everywhere(make) -> dict[str, int]:
    """News for each of the places: its id."""
    return {name: told(make, n, region, title=name) for n, (region, name) in enumerate(PLACES.items())}


# ---- who reads what --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "region", "read"),
    [
        ("unit_administrator", None, "省 市 区"),
        ("unit_clerk", None, "省 市 区"),
        ("department_reviewer", None, "省 市 区"),
        ("hr_reviewer", "350102", "省 市 区"),
        ("hr_reviewer", "350100", "省 市 区 邻区"),
        ("hr_operations", "350200", "省 另一市"),
        ("auditor", "350000", "省 市 区 邻区 另一市"),
    ],
)
def test_a_reader_has_what_is_aimed_at_his_region_or_above_and_a_bureau_what_is_below(
    make, sign_in, everywhere, role, region, read
):
    make.account("reader", role, region or make.unit(1))
    reader = sign_in("reader")
    assert titles(reader) == read.split()[::-1]
    opened = [name for name, pk in everywhere.items() if reader.get(f"/news/show/{pk}").status_code == 200]
    assert opened == read.split()


def test_every_role_has_it_in_its_menu(make, sign_in):
    unit = make.unit(1)
    for role, one in ROLES.items():
        make.account(role, role, "350000" if one.over == "region" else unit)
        browser = sign_in(role)
        assert links(browser.get(LIST), "职称信息") == [LIST], role


def test_drafts_and_what_was_withdrawn_are_read_by_who_writes_there_only(make, sign_in, clerk, ops):
    hidden = [told(make, n, "350102", state) for n, state in enumerate(("draft", "withdrawn"))]
    make.account("county", "hr_reviewer", "350102")
    make.account("elsewhere", "hr_operations", "350200")
    for browser in (clerk, sign_in("county"), sign_in("elsewhere")):
        assert [browser.get(f"/news/show/{pk}").status_code for pk in hidden] == [404, 404]
    assert [ops.get(f"/news/show/{pk}").status_code for pk in hidden] == [200, 200]
    assert [titles(ops, f"?status={state}") for state in ("published", "draft", "withdrawn")] == [
        [],
        ["通知0"],
        ["通知1"],
    ]
    assert clerk.get(f"{LIST}?status=draft").status_code == 400
    assert titles(sign_in("elsewhere"), "?status=draft") == []


# ---- a stranger ------------------------------------------------------------------------------------------------------


def test_a_stranger_reads_what_is_for_the_whole_province_and_nothing_else(app, make, everywhere):
    stranger = Browser(app)
    hidden = [told(make, 10 + n, "350000", state) for n, state in enumerate(("draft", "withdrawn"))]
    for pk in (*hidden, *(pk for name, pk in everywhere.items() if name != "省"), 999_999):
        assert stranger.get(f"/news/show/{pk}").status_code == 404
    page = stranger.get(f"/news/show/{everywhere['省']}")
    assert page.status_code == 200
    assert "正文0。" in text_of(page) and "发布时间：2026-11-02 09:00" in text_of(page)
    assert stranger.get(LIST).status_code == 302


def test_the_public_page_has_the_newest_five_of_the_province_with_their_day(app, make):
    assert "最新职称信息" not in Browser(app).get("/").text
    for n in range(7):
        told(make, n)
    told(make, 8, "350100")
    told(make, 9, state="draft")
    told(make, 10, state="withdrawn")
    page = Browser(app).get("/")
    shown = re.findall(r'<a href="(/news/show/[0-9]+)">(通知[0-9]+)</a> <time[^>]*>([0-9-]+)<', page.text)
    assert [(title, day) for _url, title, day in shown] == [(f"通知{n}", "2026-11-02") for n in (6, 5, 4, 3, 2)]
    assert all(Browser(app).get(url).status_code == 200 for url, _title, _day in shown)


def test_the_public_page_asks_one_thing_of_the_database(app, make):
    told(make)
    with recorded(app) as seen:
        Browser(app).get("/")
    assert len([one for one in seen if "news" in one]) == 1


# ---- the list --------------------------------------------------------------------------------------------------------


def test_the_list_is_newest_first_and_paged(make, clerk):
    for n in range(27):
        told(make, n)
    assert titles(clerk) == [f"通知{n}" for n in range(26, 1, -1)]
    assert titles(clerk, "?page=2") == ["通知1", "通知0"]
    assert clerk.get(f"{LIST}?page=3").status_code == 404
    assert clerk.get(f"{LIST}?page=x").status_code == 400


def test_a_title_is_found(make, clerk):
    told(make, 1, title="关于2026年度（工程）评审的通知")
    told(make, 2, title="培训安排", body="评审")
    for text in ("评审的", "（工程）", "(工程)"):
        answer = clerk.post("/news/search", {"q": f" {text} "})
        expected = [] if text == "(工程)" else ["关于2026年度（工程）评审的通知"]
        assert titles(clerk, "?" + answer.location.partition("?")[2]) == expected
    assert titles(clerk, "?q=%25") == []


def test_a_number_of_a_person_stays_out_of_the_address(make, clerk):
    told(make, 1, title="闽人社文〔2026〕350102号")
    answer = clerk.post("/news/search", {"q": "350102199003070012"})
    assert "350102199003070012" not in answer.location and titles(clerk, "?" + answer.location.partition("?")[2]) == []
    assert "350102199003070012" not in clerk.get(f"{LIST}?q=350102199003070012").location
    assert clerk.post("/news/search", {"q": "350102"}).location.endswith("q=350102")  # a title has it


def test_a_list_and_a_page_cost_few_statements(app, make, clerk, ops):
    for n in range(30):
        told(make, n)
    pk = told(make, 40)
    for browser in (clerk, ops):
        for address in (LIST, f"{LIST}?page=2&q=通知", f"/news/show/{pk}"):
            with recorded(app) as seen:
                assert browser.get(address).status_code == 200
            assert len(seen) <= 8, seen
            assert not any(".body" in one for one in seen if "LIMIT" in one)


# ---- how it is shown; what is made of it, test_harmless.py tells -----------------------------------------------------


def test_a_text_is_shown_as_what_was_made_of_it(app, make):
    body = "## 一、时间\n\n<script>alert(1)</script>\n\n| 系列 | 时间 |\n| --- | --- |\n| 工程 | **6月：**起 |"
    page = Browser(app).get(f"/news/show/{told(make, body=body)}")
    said = page.text.split('<div class="prose">')[1].split("</article>")[0]
    shown = ("<h2>一、时间</h2>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>", "<td><strong>6月：</strong>起</td>")
    assert [one for one in shown if one not in said] == []


def test_a_title_is_text(app, make):
    told(make, title="<b onclick=x>甲</b>")
    assert "&lt;b onclick=x&gt;甲&lt;/b&gt;" in Browser(app).get("/").text
