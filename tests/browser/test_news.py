"""职称信息 in a browser: HR operations writes it, everybody reads it, and nothing that is written does anything."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE
from tests.home.test_harmless import AROUND, ELEMENTS_OF_OTHERS, NO_ADDRESS

pytestmark = pytest.mark.browser
TITLE = "关于报送材料的通知"
PICTURES = ("![外图](https://evil.example/p.png)", "![](//evil.example/p.png)", "[![x](https://evil.example/q.png)](#)")
HARM = "\n\n".join(
    [around.replace("{}", element) for around in AROUND.values() for element in ELEMENTS_OF_OTHERS]
    + [f"[甲]({address}) <{address}>" for address in NO_ADDRESS]
    + [*PICTURES, "全文完"]
)
RUNS = "dialog", "popup", "frameattached", "worker", "download"  # what a script, a link or a frame would set off


def written(ops, body: str, title: str = TITLE):
    """The preview of what HR operations wrote."""
    ops.open("/news/add")
    ops.page.get_by_label("标题").fill(title)
    ops.page.get_by_label("正文").fill(body)
    with ops.answered(200):
        ops.button("预览").click()
    return ops.page.locator(".prose")


def test_nothing_that_is_written_does_anything_to_its_author_a_unit_or_a_stranger(visit):
    ops, happened = visit("hr.ops"), []
    prose = written(ops, HARM, "<script>alert(0)</script>")
    expect(prose).to_contain_text("全文完")
    with ops.answered(200):
        ops.button("发布").click()
    address = ops.page.url.removeprefix(ops.url)
    for reader in (ops, visit("unit.public"), visit()):
        for name in RUNS:
            reader.page.on(name, lambda _what, name=name: happened.append(name))
        reader.open(address)
        expect(reader.page.locator(".prose")).to_contain_text("全文完")
        reader.page.locator(".prose").evaluate("prose => prose.dispatchEvent(new Event('click', { bubbles: true }))")
        found = reader.page.locator(".prose *").evaluate_all(
            "all => [...new Set(all.flatMap((one) => [...one.attributes].map((each) => each.name)))].sort()"
        )
        assert found == ["href", "rel", "tabindex", "title"]
        assert reader.page.url.removeprefix(reader.url) == address
    assert happened == []  # and no request elsewhere, no error on the console: each window fails its test by itself


def test_a_stranger_finds_it_on_the_public_page_and_reads_it_in_full(visit):
    ops, stranger = visit("hr.ops"), visit()
    written(ops, "各单位：\n\n请于**11月底**前报送。")
    with ops.answered(200):
        ops.button("发布").click()
    assert ops.messages() == ["信息已发布。"]
    stranger.open("/")
    with stranger.answered(200):
        stranger.link(TITLE).click()
    expect(stranger.page.get_by_role("article")).to_contain_text("请于11月底前报送。")


def test_it_is_written_previewed_published_and_withdrawn_without_a_mouse(visit):
    ops = visit("hr.ops").open("/news/list/")
    keys = ops.page.keyboard
    ops.tab_to(ops.link("起草信息"))
    with ops.answered(200):
        keys.press("Enter")
    ops.tab_to(ops.page.get_by_label("标题"))
    keys.type(TITLE)
    ops.tab_to(ops.button("预览"))
    with ops.answered(400):
        keys.press("Enter")
    expect(ops.page.get_by_label("正文")).to_be_focused()  # for it is what is wrong
    keys.type("请于11月底前报送。")
    for button in ("预览", "发布"):
        ops.tab_to(ops.button(button))
        with ops.answered(200):
            keys.press("Enter")
    ops.tab_to(ops.button("撤回信息"))
    keys.press("Enter")
    keys.type("日期有误")  # the dialog puts the focus into its field
    ops.tab_to(ops.button("确定"))
    with ops.answered(200):
        keys.press("Enter")
    assert ops.messages() == ["信息已撤回，各单位不再看到。"]


def test_going_on_writing_keeps_everything(visit):
    ops, body = visit("hr.ops"), '　　各单位：\n\n| a | b |\n| - | - |\n| "1" | <2> |\n\n    末行  '
    written(ops, body)
    with ops.answered(200):
        ops.button("继续修改").click()
    assert ops.page.get_by_label("标题").input_value() == TITLE
    assert ops.page.get_by_label("正文").input_value() == body.rstrip()


def test_a_wide_table_scrolls_inside_the_page_also_by_its_keys(visit):
    ops = visit("hr.ops", viewport=PHONE)
    prose = written(ops, "|" + "系列甲乙丙丁|" * 8 + "\n" + "|" + "-|" * 8 + "\n" + "|" + "2026-06-01|" * 8)
    table = prose.locator("table")
    assert max(ops.see().overhang) <= 0
    ops.page.set_viewport_size(PHONE)
    ops.tab_to(table)
    ops.page.keyboard.press("ArrowRight")
    ops.page.wait_for_function("table => table.scrollLeft > 0", arg=table.element_handle())
    assert "2026-06-01" in prose.get_by_role("cell").first.inner_text()  # it is a table still
