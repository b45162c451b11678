"""岗位核准信息 on screen: entered, checked, shown once more, submitted; and what the page then says."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, get_ident
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app import clock
from app.attachments import Attachment, sweep
from app.extensions import db
from app.tenancy import everything
from app.units.models import PostApproval
from config import MAX_FILE
from tests.accounts.test_kept import sign_in_again
from tests.attachments import files
from tests.browsing import links, part, text_of, value_of
from tests.factories import audited, take
from tests.operations.conftest import flask
from tests.statements import recorded
from tests.units.approvals import (
    HOME,
    NUMBER,
    ROWS,
    SUBMIT,
    error_at,
    errors,
    file,
    kept_by,
    line,
    stored,
    submitted,
    typed,
)


def forms(make) -> list[Any]:
    """(id, unit) of every attachment."""
    return make.read(sa.select(Attachment.id, Attachment.unit_id))


def sums(page) -> dict[str, list[str]]:
    """Approved and filled of each category, and of all posts, as the form says."""
    lines = re.findall(r'data-sum="(\w+)".*?</tr>', page.text, flags=re.S)
    texts = {key: part(page, f'data-sum="{key}"', "</tr>") for key in lines}
    return {key: re.findall(r'data-part="\w+">(\d+)<', text.text) for key, text in texts.items()}


def table(page, label: str) -> list[list[str]]:
    """The rows of the table of posts."""
    text = part(page, f'<table class="posts" aria-label="{label}"', "</table>").text
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, flags=re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.S)] for row in rows
    ]


# ---- what was entered ------------------------------------------------------------------------------------------------


def test_before_anything_is_entered_it_says_so_and_leads_to_the_form(zhang):
    page = zhang.get(HOME)
    assert ("未录入" in text_of(page), links(page, "现在录入")) == (True, [SUBMIT])


def test_what_is_submitted_is_stored_as_it_was_typed(make, school, zhang):
    at = datetime(2026, 11, 20, 1, tzinfo=UTC)
    with clock.frozen(at):
        answer = submitted(zhang, authority="  鼓楼区人社局 ")
    assert (answer.status_code, answer.location) == (303, HOME)
    ((row, form),) = make.read(sa.select(PostApproval, Attachment).join(Attachment))
    assert (row.unit_id, row.document_number, row.authority, row.total) == (school, NUMBER, "鼓楼区人社局", 12)
    assert (row.posts, row.approved_on.isoformat()) == (line()["posts"], "2026-03-01")
    assert (row.submitted_at, row.submitted_by, row.ref) == (at, "zhang 的持有人", None)
    assert (form.unit_id, form.sha256, form.name) == (school, row.form_sha256, "核准表.pdf")
    assert row.form_sha256 == hashlib.sha256(files.PDF).hexdigest()


def test_what_is_submitted_is_consistent_and_stays_when_files_are_swept(app, zhang):
    submitted(zhang)
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=2)), everything("tests") as session:
        sweep(session)
    assert flask(app, "check", "--read").stdout == "consistent\n"


def test_a_submission_stands_in_the_audit_log(make, school, zhang):
    submitted(zhang)
    (entry,) = audited(make, "submit_posts")
    assert (entry.by_name, entry.unit_id, entry.detail) == ("zhang 的持有人", school, {"document_number": NUMBER})
    assert entry.subject == f"post_approval {stored(make)[0].id}"


def test_the_page_shows_it_by_category_and_level_with_sums(zhang):
    submitted(zhang, *ROWS, ("professional", "p10", 1, 1))
    page = zhang.get(HOME)
    assert table(page, "岗位核准信息") == [
        ["岗位等级", "核准数", "已聘数", "空缺数"],
        ["管理岗位", "2", "1", "1"],
        ["管理七级", "2", "1", "1"],
        ["专业技术岗位", "9", "6", "3"],
        ["专业技术八级", "8", "5", "3"],
        ["专业技术十级", "1", "1", "0"],
        ["合计", "11", "7", "4"],
        ["总数中未分配等级", "1", "", ""],
    ]
    assert "提交人：zhang 的持有人" in text_of(page)


def test_its_form_opens_beside_it(make, zhang):
    submitted(zhang)
    ((pk, _unit),) = forms(make)
    page = zhang.get(HOME)
    assert f'href="/attachments/{pk}"' in part(page, "data-previews", "</section>").text
    assert zhang.get(f"/attachments/{pk}").get_data() == files.PDF


def test_a_newer_document_supersedes_it_and_both_stay(app, zhang, folder):
    take(app, line(1), line(2, approved_on="2026-04-01"), line(3, approved_on="2026-02-01"), folder=folder)
    page = zhang.get(HOME)
    current = part(page, 'aria-labelledby="current-title"', "</section>")
    assert "鼓人社〔2026〕2号" in text_of(current)
    earlier = re.findall(r'<details id="approval-\d+">.*?<span>(.*?)</span>', page.text, flags=re.S)
    assert earlier == ["鼓人社〔2026〕1号", "鼓人社〔2026〕3号"]
    assert "系统导入" in text_of(current)


def test_it_costs_as_many_statements_with_three_documents_as_with_one(app, zhang, folder):
    take(app, line(1), folder=folder)
    with recorded(app) as one:
        zhang.get(HOME)
    take(app, line(2), line(3), folder=folder)
    with recorded(app) as three:
        zhang.get(HOME)
    assert (len(one), len(three)) == (4, 4), three


# ---- shown once more before it is submitted --------------------------------------------------------------------------


def test_a_filled_form_is_shown_once_more_and_nothing_is_stored(make, zhang):
    page = zhang.post(SUBMIT, typed(form=file()))
    assert (page.status_code, stored(make), audited(make, "submit_posts")) == (200, [], [])
    assert "提交后，任何人都不能以任何方式修改或删除" in text_of(page)
    assert table(page, "核对岗位核准信息")[1:3] == [["管理岗位", "2", "1", "1"], ["管理七级", "2", "1", "1"]]
    assert [word for word in (NUMBER, "鼓楼区人力资源和社会保障局", "2026-03-01") if word not in text_of(page)] == []


def test_what_is_shown_carries_all_that_the_submission_needs(make, zhang):
    page = zhang.post(SUBMIT, typed(form=file()))
    form = part(page, '<form class="material"', "</form>")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form.text))
    assert zhang.post(SUBMIT, fields | {"step": "submit"}).status_code == 303
    assert stored(make)[0].posts == line()["posts"]


def test_the_form_is_seen_beside_what_was_typed(zhang):
    page = zhang.post(SUBMIT, typed(form=file()))
    address = re.search(r'href="(/posts/form/[^"]+)"', page.text)[1]
    assert zhang.get(address).get_data() == files.PDF


def test_one_goes_back_and_everything_is_still_there(make, zhang):
    page = zhang.post(SUBMIT, typed(kept=kept_by(zhang), step="edit"))
    names = ("document_number", "total", "posts.1.level", "posts.2.approved")
    assert (page.status_code, [value_of(page, name) for name in names]) == (200, [NUMBER, "12", "m7", "8"])
    assert ("核准表.pdf" in text_of(page), stored(make)) == (True, [])


@pytest.mark.parametrize(
    ("approved_on", "told"),
    [
        ("2026-03-01", "提交后取代文号 鼓人社〔2025〕9号"),
        ("2024-01-01", "文号 鼓人社〔2025〕9号 的核准日期更晚，仍为现行"),
    ],
)
def test_it_says_what_becomes_of_the_document_in_force(app, zhang, folder, approved_on, told):
    take(app, line(document_number="鼓人社〔2025〕9号", approved_on="2025-03-01"), folder=folder)
    assert told in text_of(zhang.post(SUBMIT, typed(form=file(), approved_on=approved_on)))


# ---- errors stand beside their fields, and what was typed stays ------------------------------------------------------

M7 = ("management", "m7", 2, 1)
BAD = {
    "no document number": ({"document_number": " "}, ["document_number"]),
    "a long document number": ({"document_number": "x" * 201}, ["document_number"]),
    "a document number of two lines": ({"document_number": "一\n二"}, ["document_number"]),
    "no authority": ({"authority": ""}, ["authority"]),
    "no day": ({"approved_on": ""}, ["approved_on"]),
    "a day that is none": ({"approved_on": "2026-02-30"}, ["approved_on"]),
    "a day to come": ({"approved_on": "2999-01-01"}, ["approved_on"]),
    "no total": ({"total": ""}, ["total"]),
    "a total in words": ({"total": "十二"}, ["total"]),
    "a total with a fraction": ({"total": "12.5"}, ["total"]),
    "a total below zero": ({"total": "-1"}, ["total"]),
    "a total that no column holds": ({"total": "2147483648"}, ["total"]),
    "a total below the sum": ({"total": "9"}, ["total"]),
    "a category that is none": ({"posts.2.category": "teacher"}, ["posts-2-category"]),
    "no category": ({"posts.1.category": ""}, ["posts-1-category"]),
    "a level that is none": ({"posts.2.level": "p14"}, ["posts-2-level"]),
    "a level of another category": ({"posts.2.level": "w1"}, ["posts-2-level"]),
    "a level twice": ({"posts.2.category": "management", "posts.2.level": "m7"}, ["posts-2-level"]),
    "no number": ({"posts.1.approved": ""}, ["posts-1-approved"]),
    "a number in words": ({"posts.1.filled": "一"}, ["posts-1-filled"]),
    "filled over approved": ({"posts.1.filled": "3"}, ["posts-1-filled"]),
    "much at once": (
        {"total": "1", "authority": "", "posts.1.filled": "3", "posts.2.level": "m8"},
        ["authority", "total", "posts-1-filled", "posts-2-level"],
    ),
}


@pytest.mark.parametrize("step", ["check", "submit"])
@pytest.mark.parametrize(("changes", "named"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named_beside_its_field_and_nothing_is_stored(make, zhang, changes, named, step):
    form = typed(form=file(), step=step) | changes
    page = zhang.post(SUBMIT, form)
    assert (page.status_code, errors(page), stored(make)) == (400, named, [])
    assert all(error_at(page, name) for name in named)
    assert value_of(page, "approved_on") == form["approved_on"].strip()
    assert value_of(page, "posts.2.approved") == "8"


def test_a_form_without_posts_is_told_so(make, zhang):
    page = zhang.post(SUBMIT, {name: value for name, value in typed(form=file()).items() if "posts." not in name})
    assert (page.status_code, errors(page), stored(make)) == (400, ["posts"], [])


def test_the_sums_are_told_category_by_category(zhang):
    page = zhang.post(SUBMIT, typed(M7, ("professional", "p8", 8, 5), ("professional", "p9", 3, 2), form=file()))
    assert error_at(page, "total") == "小于下列各级岗位之和（13）"
    assert sums(page) == {
        "management": ["2", "1"],
        "professional": ["11", "7"],
        "workman": ["0", "0"],
        "all": ["13", "8"],
    }


def test_digits_of_an_input_method_are_digits(make, zhang):
    assert submitted(zhang, total="１２").status_code == 303
    assert stored(make)[0].total == 12


def test_markup_that_was_typed_is_text(zhang):
    page = zhang.post(SUBMIT, typed(authority='"><img src=x>', total="1"))
    assert ("<img" in page.text, value_of(page, "authority")) == (False, '"><img src=x>')


# ---- rows ------------------------------------------------------------------------------------------------------------


def rows_of(page) -> int:
    return len(re.findall(r'name="posts\.\d+\.level"', page.text))


def test_without_script_there_are_empty_rows_and_more_of_them_on_demand(make, zhang):
    page = zhang.post(SUBMIT, typed(form=file(), step="rows"))
    assert (rows_of(zhang.get(SUBMIT)), rows_of(page), page.status_code) == (6, 8, 200)
    assert (value_of(page, "posts.2.level"), errors(page), "核准表.pdf" in text_of(page)) == ("p8", [], True)
    assert stored(make) == []


def test_empty_rows_and_missing_numbers_are_passed_over(make, zhang):
    form = typed() | {f"posts.{n}.{name}": "" for n in (3, 4) for name in ("category", "level", "approved", "filled")}
    form |= {"posts.17.category": "workman", "posts.17.level": "w0", "posts.17.approved": "1", "posts.17.filled": "0"}
    token = value_of(zhang.post(SUBMIT, form | {"form": file()}), "kept")
    assert zhang.post(SUBMIT, form | {"kept": token, "step": "submit"}).status_code == 303
    assert [post["level"] for post in stored(make)[0].posts] == ["m7", "p8", "w0"]


# ---- the stamped form ------------------------------------------------------------------------------------------------

FILES = {
    "none": (None, "请选择盖章的核准表。"),
    "no document": ((b"<html>", "表.html"), "表.html 不是 PDF、JPG 或 PNG 文件，不能接收"),
    "empty": ((b"",), "核准表.pdf 是空文件"),
    "too large": ((b"%PDF-" + bytes(MAX_FILE),), "核准表.pdf 超过 20 MB"),
    "damaged": ((files.PDF[:100],), "核准表.pdf 已损坏，或内容与其开头标明的格式不符"),
    "with a script": ((files.pdf(files.with_named_script),), "核准表.pdf 含有脚本、动作或其他文件"),
}


@pytest.mark.parametrize(("sent", "told"), FILES.values(), ids=FILES)
def test_a_form_that_cannot_be_kept_is_told(make, zhang, sent, told):
    page = zhang.post(SUBMIT, typed(step="submit", **({"form": file(*sent)} if sent else {})))
    assert (page.status_code, errors(page), forms(make), stored(make)) == (400, ["form"], [], [])
    assert error_at(page, "form") == told


@pytest.mark.parametrize("content", [files.PNG, files.JPEG], ids=["PNG", "JPEG"])
def test_a_picture_is_taken_too(make, zhang, content):
    token = value_of(zhang.post(SUBMIT, typed(form=file(content, "章.jpg"))), "kept")
    assert zhang.post(SUBMIT, typed(kept=token, step="submit")).status_code == 303
    assert stored(make)[0].form_sha256 == hashlib.sha256(content).hexdigest()


def test_the_file_survives_an_error_of_another_field(make, zhang):
    page = zhang.post(SUBMIT, typed(form=file(), total="1"))
    token = value_of(page, "kept")
    assert ("核准表.pdf" in text_of(page), errors(page)) == (True, ["total"])
    assert zhang.post(SUBMIT, typed(kept=token)).status_code == 200
    assert zhang.post(SUBMIT, typed(kept=token, step="submit")).status_code == 303
    assert len(forms(make)) == 1


def test_another_file_takes_the_place_of_the_one_before(make, zhang):
    token = kept_by(zhang)
    page = zhang.post(SUBMIT, typed(kept=token, form=file(files.PNG, "新.png")))
    assert zhang.post(SUBMIT, typed(kept=value_of(page, "kept"), step="submit")).status_code == 303
    assert stored(make)[0].form_sha256 == hashlib.sha256(files.PNG).hexdigest()


def test_a_bad_file_does_not_take_the_place_of_the_one_before(make, zhang):
    token = kept_by(zhang)
    page = zhang.post(SUBMIT, typed(kept=token, form=file(b"<html>", "表.html"), step="submit"))
    assert (page.status_code, errors(page), stored(make)) == (400, ["form"], [])
    assert zhang.post(SUBMIT, typed(kept=value_of(page, "kept"), step="submit")).status_code == 303


def test_until_it_is_submitted_nobody_reads_the_file_by_its_id(make, zhang):
    kept_by(zhang)
    ((pk, unit),) = forms(make)
    assert (unit, zhang.get(f"/attachments/{pk}").status_code) == (None, 404)


def test_a_file_that_was_not_submitted_within_a_day_is_gone_and_that_is_told(app, make, zhang):
    token = kept_by(zhang)
    with app.app_context(), clock.frozen(clock.now() + timedelta(days=1, minutes=1)), everything("tests") as session:
        sweep(session)
    page = zhang.post(SUBMIT, typed(kept=token, step="submit"))
    assert (page.status_code, error_at(page, "form"), forms(make)) == (400, "文件已失效，请重新选择。", [])


def colleague(make, school, sign_in) -> Any:
    make.account("li", "unit_administrator", school)
    return sign_in("li")


def test_a_file_is_used_by_nobody_but_the_account_that_handed_it_in(make, school, zhang, sign_in):
    token, other = kept_by(zhang), colleague(make, school, sign_in)
    page = other.post(SUBMIT, typed(kept=token, step="submit"))
    assert (page.status_code, errors(page), stored(make)) == (400, ["form"], [])
    assert other.get(f"/posts/form/{token}").status_code == 404


def test_a_token_that_somebody_made_up_is_no_file(make, zhang):
    token = kept_by(zhang)
    for forged in ("x", token[:-1], f"A{token}", "WyJhIiwxXQ." + token.split(".")[-1], "😀"):
        page = zhang.post(SUBMIT, typed(kept=forged, step="submit"))
        assert (page.status_code, errors(page), stored(make)) == (400, ["form"], []), forged


# ---- twice -----------------------------------------------------------------------------------------------------------


def test_of_two_tabs_the_second_is_refused_with_the_document_number(make, zhang):
    first, second = kept_by(zhang), kept_by(zhang)
    answers = [zhang.post(SUBMIT, typed(kept=token, step="submit")) for token in (first, second)]
    assert [answer.status_code for answer in answers] == [303, 400]
    assert error_at(answers[1], "document_number") == "该文号已提交，不能更改"
    assert (len(stored(make)), value_of(answers[1], "document_number")) == (1, NUMBER)


def test_the_button_pressed_twice_submits_once(make, zhang):
    token = kept_by(zhang)
    answers = [zhang.post(SUBMIT, typed(kept=token, step="submit")).status_code for _press in range(2)]
    assert (answers, len(stored(make))) == ([303, 400], 1)


def test_a_document_that_came_by_the_feed_is_refused_at_once(app, make, zhang, folder):
    take(app, line(), folder=folder)
    page = zhang.post(SUBMIT, typed(form=file()))
    assert (page.status_code, errors(page), len(stored(make))) == (400, ["document_number"], 1)


def test_of_two_colleagues_at_the_same_moment_one_is_told(app, make, school, zhang, sign_in):
    both = [zhang, colleague(make, school, sign_in)]
    tokens = [kept_by(browser) for browser in both]
    met, came = Barrier(2, timeout=30), set[int]()

    def meet(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Both have asked whether the document is there before either stores it."""
        if statement.startswith("INSERT INTO post_approval") and get_ident() not in came:
            came.add(get_ident())
            met.wait()

    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "postgresql":  # on SQLite one waits for the other from the beginning
        event.listen(engine, "before_cursor_execute", meet)
    with ThreadPoolExecutor(2) as pool:
        form = [typed(kept=token, step="submit") for token in tokens]
        answers = list(pool.map(lambda one: one[0].post(SUBMIT, one[1]), zip(both, form, strict=True)))
    refused = next(answer for answer in answers if answer.status_code != 303)
    assert (sorted(answer.status_code for answer in answers), len(stored(make))) == ([303, 400], 1)
    assert errors(refused) == ["document_number"]
    assert len([unit for _pk, unit in forms(make) if unit is None]) == 1


# ---- the session ends ------------------------------------------------------------------------------------------------


def test_what_was_submitted_after_the_session_ended_is_shown_once_more(make, zhang):
    token = kept_by(zhang)
    zhang.client.delete_cookie("session")
    asked = zhang.post(SUBMIT, typed(kept=token, step="submit"))
    page = sign_in_again(zhang, asked)
    assert (asked.status_code, page.status_code, stored(make)) == (401, 200, [])
    assert "登录已失效，此前的内容尚未提交" in text_of(page)
    assert zhang.post(SUBMIT, typed(kept=value_of(page, "kept"), step="submit")).status_code == 303
