"""The review page names the files of a record: in the panel those that are reviewed, older ones as links."""

import re

import pytest

from tests.archive.files import belonging, item, pdf, png
from tests.browsing import Browser, part, text_of
from tests.factories import id_number, unit_code
from tests.statements import recorded

TEN = {f"{n}.png": png(8, 8) for n in range(9)} | {"公示证明.pdf": pdf()}


@pytest.fixture
def unit(make):
    """A unit with one person who belongs to it."""
    pk = make.unit(1)
    make.registration(1)
    belonging(make, "R1")
    return pk


@pytest.fixture
def desk(make, unit, sign_in) -> Browser:
    make.account("zhang", "unit_administrator", unit, id_number(500_000))
    return sign_in("zhang")


@pytest.fixture
def record(make, unit, tmp_path):
    """Takes an item in with these files: `record(files)` answers the address of its page."""

    def taken(files, **changes) -> str:
        pk, _ref = item(make, 1, unit_code(1), files, tmp_path, **changes)
        return f"/archive/social_position/show/{pk}"

    return taken


def strip(answer) -> list[tuple[str, str]]:
    """The files of the panel: address and name."""
    listed = part(answer, '<ul class="strip">', "</ul>")
    return re.findall(r'<li><a href="([^"]+)"[^>]*>.*?<span class="name">([^<]+)</span>', listed.text, flags=re.S)


def test_the_panel_names_every_file_in_its_order(desk, record):
    assert [name for _address, name in strip(desk.get(record(TEN)))] == list(TEN)


def test_each_leads_to_its_bytes_under_its_name(desk, record):
    ((address, _name),) = strip(desk.get(record({"公示证明.pdf": TEN["公示证明.pdf"]})))
    answer = desk.get(address)
    assert answer.data == TEN["公示证明.pdf"]
    assert answer.headers["Content-Disposition"].isascii()
    assert "filename*=UTF-8''%E5%85%AC%E7%A4%BA%E8%AF%81%E6%98%8E.pdf" in answer.headers["Content-Disposition"]


def test_kinds_and_sizes_are_told_in_chinese(desk, record):
    said = text_of(part(desk.get(record({"a.pdf": pdf(), "b.png": png(8, 8)})), '<ul class="strip">', "</ul>"))
    assert re.findall(r"(PDF|图片) \d+ KB", said) == ["PDF", "图片"]


def test_ten_files_cost_one_statement_more_than_none_and_the_page_twelve_at_most(app, desk, make, record):
    address = record(TEN)
    desk.get(address)
    with recorded(app) as statements:
        desk.get(address)
    assert len([s for s in statements if "attachment" in s]) == 1
    assert len(statements) <= 12


def test_files_of_an_older_version_keep_their_links_and_stay_out_of_the_panel(desk, make, record):
    address = record({"旧.png": png(8, 8)}, ref="P-again")
    make.taken(_returned("P-again"))
    record({"新.png": png(8, 8)}, ref="P-again", submitted_at="2026-11-06T09:00:00+08:00")
    page = desk.get(address)
    assert [name for _address, name in strip(page)] == ["新.png"]
    older = part(page, 'class="card versions"', "</section>")
    (link,) = re.findall(r'<a href="(/attachments/[^"]+)"', older.text)
    assert desk.get(link).status_code == 200


def test_a_request_to_withdraw_shows_the_files_of_its_item(desk, make, record):
    record({"证明.pdf": pdf()}, ref="P-back")
    make.taken(_returned("P-back") | {"verdict": "pass"})
    when = {"submitted_at": "2026-11-07T09:00:00+08:00"}
    pk = make.taken({"kind": "withdrawal", "ref": "W1", "item": "P-back", "reason": "缺页"} | when)
    assert [name for _address, name in strip(desk.get(f"/withdrawals/show/{pk}"))] == ["证明.pdf"]


def test_a_record_without_files_has_no_panel(desk, make):
    pk = make.registration(2)
    assert "previews" not in desk.get(f"/registrations/show/{pk}").text


def test_the_page_of_a_file_is_of_its_unit_alone(desk, make, record, sign_in):
    ((address, _name),) = strip(desk.get(record({"证明.pdf": pdf()})))
    make.account("li", "unit_administrator", make.unit(2))
    answers = [browser.get(f"{address}/page") for browser in (desk, sign_in("li"))]
    assert [answer.status_code for answer in answers] == [200, 404]


# ---- what the viewer needs -------------------------------------------------------------------------------------------


def test_modules_are_served_as_scripts(desk):
    for file in ("legacy/build/pdf.min.mjs", "legacy/build/pdf.worker.min.mjs"):
        assert desk.get(f"/static/vendor/pdfjs-dist/{file}").mimetype == "text/javascript"


def test_the_worker_may_load_files_of_ours_and_nothing_else(desk):
    policy = desk.get("/static/vendor/pdfjs-dist/legacy/build/pdf.worker.min.mjs").headers["Content-Security-Policy"]
    allowed = dict(directive.strip().split(" ", 1) for directive in policy.split(";"))
    assert (allowed["default-src"], allowed["script-src"], allowed["connect-src"]) == ("'none'", "'self'", "'self'")


def _returned(ref: str) -> dict[str, object]:
    of = {"kind": "archive_item", "ref": ref}
    line = {"kind": "decision", "ref": f"D-{ref}", "of": of, "verdict": "return", "opinion": "请重新上传", "by": "历史"}
    return line | {"decided_at": "2026-11-05T09:00:00+08:00"}
