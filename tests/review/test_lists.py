from tests.browsing import rowids
from tests.statements import recorded


def test_the_list_shows_what_waits(make, sign_in):
    unit = make.unit()
    make.account("zhang", "unit_administrator", unit)
    make.registration(1)
    answer = sign_in("zhang").get("/registrations/list/")
    assert "人员1" in answer.text


def test_a_list_page_costs_the_same_statements_for_1_row_and_for_25(app, make, sign_in):
    unit = make.unit()
    make.account("zhang", "unit_administrator", unit)
    make.many(30, unit)
    browser = sign_in("zhang")
    with recorded(app) as statements:
        answer = browser.get("/registrations/list/")
    assert len(rowids(answer)) == 25
    assert len(statements) <= 8, statements


def test_a_verdict_on_20000_rows(app, make, sign_in):
    unit = make.unit()
    make.account("zhang", "unit_administrator", unit)
    make.many(2000, unit)
    browser = sign_in("zhang")
    browser.get("/registrations/list/")
    with recorded(app) as statements:
        answer = browser.post("/registrations/decide", {"all": "1", "verdict": "pass", "opinion": "同意", "query": ""})
    assert answer.status_code == 303
    assert "已通过 2000 条" in browser.get("/registrations/list/").text
