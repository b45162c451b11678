"""职称信息 as HR operations writes it: previewed, stored, published, withdrawn."""

import gc
import re
import time

import pytest
import sqlalchemy as sa

from app.audit import AuditEntry
from app.home.models import News
from app.home.news.writing import harmless
from tests.accounts.test_kept import sign_in_again
from tests.browsing import Browser, choices, text_of, value_of
from tests.factories import audited
from tests.home.factories import told
from tests.review.test_races import at_once

NEW = {"title": "关于报送材料的通知", "region": "350102", "body": "各单位：\n\n请于**11月底**前报送。"}


def row(make, pk: int):
    table = News.__table__
    return make.read(sa.select(table).where(table.c.id == pk))[0]


def number_of(make) -> int:
    return make.read(sa.select(sa.func.count(News.id)))[0][0]


def prose(page) -> str:
    return page.text.split('<article class="card news">')[1].split("</article>")[0]


def saved(ops: Browser, step: str = "save", **changes: str) -> int:
    answer = ops.post("/news/add", NEW | changes | {"step": step})
    assert answer.status_code == 303
    return int(answer.location.rpartition("/")[2])


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_a_preview_is_the_page_as_it_will_be_read_and_stores_nothing(make, ops, clerk):
    page = ops.post("/news/add", NEW | {"step": "preview"})
    assert page.status_code == 200 and number_of(make) == 0
    form = {name: value_of(page, name) for name in (*NEW, "seen")}
    assert {name: form[name] for name in NEW} == NEW
    again = ops.post("/news/add", form | {"step": "edit"})
    assert {name: value_of(again, name) for name in NEW} == NEW
    published = ops.post("/news/add", form | {"step": "publish"}).location
    read = prose(clerk.get(published))
    assert re.sub("发布时间：[^<]*", "", read) == re.sub("发布时间：[^<]*", "", prose(page))
    assert "<strong>11月底</strong>" in read


def test_a_draft_is_saved_changed_published_and_withdrawn_each_with_an_audit_row(make, ops, clerk):
    pk = saved(ops)
    assert clerk.get(f"/news/show/{pk}").status_code == 404
    seen = value_of(ops.get(f"/news/edit/{pk}"), "seen")
    assert ops.post(f"/news/edit/{pk}", NEW | {"body": "改", "seen": seen, "step": "save"}).status_code == 303
    seen = value_of(ops.get(f"/news/show/{pk}"), "seen")
    assert ops.post(f"/news/publish/{pk}", {"seen": seen}).status_code == 303
    assert "改" in prose(clerk.get(f"/news/show/{pk}"))
    ops.post(f"/news/withdraw/{pk}", {"sure": "1", "reason": "日期有误"})
    assert clerk.get(f"/news/show/{pk}").status_code == 404
    assert "日期有误" in text_of(ops.get(f"/news/show/{pk}"))
    steps = ("add_news", "change_news", "publish_news", "withdraw_news")
    told_of = [audited(make, step) for step in steps]
    assert [[(one.subject, one.by_name) for one in entries] for entries in told_of] == [
        [(f"news {pk}", "ops 的持有人")] for _step in steps
    ]
    assert told_of[3][0].detail["reason"] == "日期有误"
    assert told_of[1][0].detail["before"]["body"] != told_of[1][0].detail["after"]["body"]


def test_what_is_published_is_not_changed_and_is_written_anew_from_itself(make, ops):
    pk = told(make, region="350100", body="## 正文")
    assert ops.get(f"/news/edit/{pk}").status_code == 409
    answer = ops.post(f"/news/edit/{pk}", NEW | {"step": "save", "seen": "0"})
    assert answer.status_code == 409 and "已经发布" in text_of(answer)
    assert ops.post(f"/news/publish/{pk}", {"seen": "0"}).status_code == 409
    assert row(make, pk).body == "## 正文"
    assert value_of(ops.get(f"/news/add?like={pk}"), "body") == "## 正文"


def test_a_draft_that_changed_meanwhile_is_not_written_over(make, ops):
    pk = saved(ops)
    seen = value_of(ops.get(f"/news/edit/{pk}"), "seen")
    ops.post(f"/news/edit/{pk}", NEW | {"title": "先到", "seen": seen, "step": "save"})
    late = NEW | {"title": "后到", "seen": seen}
    page = ops.post(f"/news/edit/{pk}", late | {"step": "save"})
    assert page.status_code == 409 and value_of(page, "title") == "后到"
    assert ops.post(f"/news/publish/{pk}", {"seen": seen}).status_code == 409
    assert (row(make, pk).title, row(make, pk).published_at) == ("先到", None)
    assert ops.post(f"/news/edit/{pk}", late | {"seen": value_of(page, "seen"), "step": "save"}).status_code == 303
    assert row(make, pk).title == "后到"


def test_withdrawing_asks_first_and_for_a_reason(make, ops):
    pk = told(make, region="350102")
    page = ops.post(f"/news/withdraw/{pk}", {"seen": "0"})
    assert page.status_code == 200 and "data-open" in page.text
    page = ops.post(f"/news/withdraw/{pk}", {"sure": "1", "reason": " "})
    assert page.status_code == 400 and "请填写" in text_of(page)
    assert row(make, pk).withdrawn_at is None
    ops.post(f"/news/withdraw/{pk}", {"sure": "1", "reason": "x"})
    assert ops.post(f"/news/withdraw/{pk}", {"sure": "1", "reason": "y"}).status_code == 409
    assert row(make, pk).withdrawn_reason == "x"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("title", "", "请填写"),
        ("title", "字" * 201, "最多 200 字"),
        ("title", "a\nb", "控制字符"),
        ("body", " \n ", "请填写"),
        ("body", "字" * 100_001, "最多 100000 字"),
        ("body", "a" * 1_000_000, "最多 100000 字"),
        ("body", "a\x07", "控制字符"),
        ("region", "350000", "管辖的属地"),
        ("region", "110000", "请选择"),
    ],
    ids=lambda value: value[:8],
)
def test_a_wrong_field_is_told_beside_it_and_what_was_typed_stays(make, ops, name, value, message):
    for step in ("preview", "save", "publish"):
        page = ops.post("/news/add", NEW | {name: value, "step": step})
        assert page.status_code == 400
        beside = re.search(rf'id="field-{name}-error" role="alert"><svg.*?</svg>(.*?)</p>', page.text)
        assert beside and message in beside[1]
        kept = {field: text for field, text in NEW.items() if field != name}
        assert {field: value_of(page, field) for field in kept} == kept
    assert number_of(make) == 0


def test_a_text_that_is_too_long_can_be_pasted_and_is_refused_rather_than_cut(ops):
    limit = re.search(r'name="body"[^>]* maxlength="(\d+)"', ops.get("/news/add").text)
    assert limit and int(limit[1]) > 100_000


def test_the_longest_text_is_taken_line_breaks_as_browsers_send_them(make, ops):
    body = "字" * 49_999 + "\r\n" + "字" * 50_000
    pk = saved(ops, body=body)
    assert row(make, pk).body == body.replace("\r\n", "\n")


@pytest.mark.parametrize("text", ["[", "![", "> ", "- a\n", "*a ", "[a](", "|\n"])
def test_a_text_made_to_take_long_takes_no_more_than_its_length(text):
    def once(length: int) -> float:
        begun = time.process_time()
        harmless((text * length)[:length])
        return time.process_time() - begun

    def seconds(length: int) -> float:
        gc.collect()
        gc.disable()  # what other tests left behind is not the text's
        try:
            return min(once(length) for _time in range(3))
        finally:
            gc.enable()

    seconds(1_000)
    assert seconds(40_000) < 12 * seconds(10_000) + 0.2  # 16 times would be its square


def test_regions_offered_are_the_own_and_below(ops):
    page = ops.get("/news/add")
    assert value_of(page, "region") == "350100"
    assert {"350100", "350102"} < set(choices(page, "region")) and "350000" not in choices(page, "region")


def test_a_text_whose_session_ended_is_shown_again_and_not_stored(make, ops):
    ops.post("/logout/")
    answer = ops.post("/news/add", NEW | {"step": "publish"})
    assert answer.status_code == 401
    page = sign_in_again(ops, answer, "ops")
    assert value_of(page, "body") == NEW["body"] and "登录已失效" in text_of(page)
    assert number_of(make) == 0


def test_chinese_blanks_before_the_first_line_stay(make, ops):
    assert row(make, saved(ops, body="\r\n　　各单位：\r\n　　请报送。\r\n")).body == "　　各单位：\n　　请报送。"


# ---- sent twice ------------------------------------------------------------------------------------------------------


def form_of(ops: Browser, **changes: str) -> dict[str, str]:
    """The form of new news as a browser sends it: with what names it."""
    return NEW | {"seen": value_of(ops.get("/news/add"), "seen")} | changes


@pytest.mark.parametrize("step", ["save", "publish"])
def test_a_form_that_is_sent_twice_makes_one_piece_of_news(make, ops, step):
    form = form_of(ops, step=step)
    first, second = (ops.post("/news/add", form) for _time in range(2))
    assert (second.status_code, second.location) == (303, first.location)
    assert "此前已经保存" in text_of(ops.get(second.location))
    assert number_of(make) == 1
    assert len(audited(make, "add_news")) == 1


def test_a_form_that_is_sent_twice_at_once_makes_one_piece_of_news(make, ops):
    for n in range(1, 4):
        form = form_of(ops, step="publish", title=f"通知{n}")
        answers = at_once(*[lambda form=form: ops.post("/news/add", form).status_code] * 2)
        assert (answers, number_of(make)) == ([303, 303], n)


def test_two_forms_that_say_the_same_make_two(make, ops):
    for _time in range(2):
        ops.post("/news/add", form_of(ops, step="save"))
    assert number_of(make) == 2


def test_who_goes_back_from_a_draft_and_publishes_publishes_that_draft(make, ops):
    form = form_of(ops)
    pk = int(ops.post("/news/add", form | {"step": "save"}).location.rpartition("/")[2])
    assert ops.post("/news/add", form | {"step": "publish"}).status_code == 303
    assert (number_of(make), row(make, pk).published_at is not None) == (1, True)


def test_who_goes_back_and_writes_on_is_told_and_keeps_what_he_wrote(make, ops):
    form = form_of(ops)
    ops.post("/news/add", form | {"step": "publish"})
    page = ops.post("/news/add", form | {"title": "另一条", "step": "publish"})
    assert (page.status_code, "此前已保存" in text_of(page), value_of(page, "title")) == (409, True, "另一条")
    assert number_of(make) == 1
    again = form | {"title": "另一条", "seen": value_of(page, "seen"), "step": "publish"}
    assert (ops.post("/news/add", again).status_code, number_of(make)) == (303, 2)


def test_a_form_finds_nothing_that_another_stored_of_one_named_alike(make, ops, sign_in):
    make.account("second", "hr_operations", "350100")
    form = form_of(ops, step="save")
    first, second = (browser.post("/news/add", form) for browser in (ops, sign_in("second")))
    assert (second.status_code, second.location != first.location, number_of(make)) == (303, True, 2)


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_only_hr_operations_of_the_region_or_above_writes(make, sign_in, ops, clerk):
    above, draft = told(make, 1), told(make, 2, "350102", "draft")
    make.account("reviewer", "hr_reviewer", "350100")
    make.account("other", "hr_operations", "350200")
    forms = {f"edit/{draft}": NEW | {"seen": "0", "step": "save"}, f"publish/{draft}": {"seen": "0"}}
    forms |= {f"withdraw/{above}": {"sure": "1", "reason": "x"}}
    for browser, answer in ((clerk, 403), (sign_in("reviewer"), 403), (sign_in("other"), 404)):
        assert {browser.post(f"/news/{address}", form).status_code for address, form in forms.items()} == {answer}
    assert ops.post(f"/news/withdraw/{above}", forms[f"withdraw/{above}"]).status_code == 404
    assert "撤回信息" not in text_of(ops.get(f"/news/show/{above}"))
    assert (row(make, draft).steps, row(make, above).withdrawn_at) == (0, None)
    assert make.read(sa.select(AuditEntry).where(AuditEntry.subject.like("news%"))) == []


def test_a_form_without_its_token_does_nothing(make, ops):
    pk, form = told(make, region="350102"), {"csrf_token": "", "sure": "1", "reason": "x"}
    assert ops.post(f"/news/withdraw/{pk}", form, headers={"Origin": "https://evil.example"}).status_code == 400
    assert row(make, pk).withdrawn_at is None


@pytest.mark.parametrize("like", ["99999999999999999999", "x", "-1"])
def test_news_that_are_not_there_are_no_pattern(ops, like):
    assert ops.get(f"/news/add?like={like}").status_code == 404
