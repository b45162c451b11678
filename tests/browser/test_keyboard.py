"""The whole job without a mouse: Tab reaches everything, and the focus is seen wherever it is."""

import pytest

pytestmark = pytest.mark.browser


def test_from_login_to_a_verdict_and_back_without_a_mouse(visit):
    school = visit()
    keys = school.page.keyboard
    school.open("/")
    school.tab_to(school.link("登录"))
    keys.press("Enter")
    school.page.wait_for_url("**/login/")
    school.tab_to(school.link("内置单位登录"))
    keys.press("Enter")
    school.page.wait_for_url("**/login/built-in**")
    keys.type("unit.public")  # the page puts the focus into the first field
    keys.press("Tab")
    keys.type(school.password)
    with school.answered(200):
        keys.press("Enter")

    school.tab_to(school.link("审核").first)
    keys.press("Enter")
    school.page.wait_for_url("**/show/**")
    school.tab_to(school.button("通过"))
    keys.press("Enter")
    keys.press("ControlOrMeta+A")
    keys.type("核对无误")
    school.tab_to(school.button("确定"))
    with school.answered(200):
        keys.press("Enter")
    assert school.messages() == ["已通过 1 条。"]

    school.tab_to(school.link("返回任务中心"))
    with school.answered(200):
        keys.press("Enter")
    assert school.tab("待处理") == school.total() == 188


def test_the_focus_is_seen_on_every_stop_of_a_page(look):
    school = look("unit.public")
    review = school.rows()[0]
    for address in ("/registrations/list/?political_status=13", review, "/registrations/list/?q=无此人", "/nowhere"):
        school.open(address, 404 if address == "/nowhere" else 200)
        stops = []
        while len(stops) < 120:
            school.page.keyboard.press("Tab")
            focus = school.focus()
            if focus is None:
                break
            stops.append(focus)
        assert len(stops) > 5
        assert not [stop for stop in stops if stop["fault"]], address


def on_the_list(visitor):
    visitor.page.get_by_role("checkbox", name="选择").first.focus()
    visitor.page.keyboard.press("Space")


def on_the_review_page(visitor):
    visitor.open(visitor.rows()[0])


@pytest.mark.parametrize(("place", "verdict"), [(on_the_list, "通过"), (on_the_review_page, "退回")])
def test_a_dialog_holds_the_focus_until_esc_gives_it_back(look, place, verdict):
    school = look("unit.public")
    place(school)
    opener = school.button(verdict)
    school.tab_to(opener)
    school.page.keyboard.press("Enter")
    dialog = school.page.get_by_role("dialog", name=verdict)
    assert dialog.get_by_role("textbox").evaluate("field => field === document.activeElement")
    for key in ["Tab"] * 6 + ["Shift+Tab"] * 6:
        school.page.keyboard.press(key)
        focus = school.focus()
        assert focus is None or (focus["dialog"] and not focus["fault"]), focus
    school.page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert opener.evaluate("button => button === document.activeElement")


def test_a_batch_is_decided_without_a_mouse(visit):
    school = visit("unit.public")
    for _ in range(3):
        school.tab_to(school.page.locator("input[name=rowid]:not(:checked)").first)
        school.page.keyboard.press("Space")
    school.tab_to(school.button("退回"))
    school.page.keyboard.press("Enter")
    school.page.keyboard.type("请补充证明")
    school.tab_to(school.button("确定"))
    with school.answered(200):
        school.page.keyboard.press("Enter")
    assert school.messages() == ["已退回 3 条。"]
