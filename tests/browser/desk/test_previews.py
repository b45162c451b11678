"""The files of a record are seen beside its decision: PDFs and pictures, by mouse, by key, on a phone."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.archive.files import belonging, chinese_pdf, damage, item, keep, lose, pdf, png
from tests.browser.visitor import PHONE
from tests.factories import id_number

pytestmark = pytest.mark.browser
INK = """(canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  .reduce((sum, value, place) => sum + (place % 4 === 0 && value < 128), 0)"""


@pytest.fixture
def review(unit, tmp_path):
    """Opens the review page of a new item with these files: `review({"a.pdf": …})` answers its reviewer."""

    def open_one(files, **options):
        (person,) = unit.registrations(1)
        belonging(unit.make, person.ref)
        pk, _ref = item(unit.make, person.n, unit.code, files, tmp_path)
        return unit.administrator("zhang", id_number(person.n + 500_000), **options).open(
            f"/archive/social_position/show/{pk}"
        )

    return open_one


def panel(visitor) -> Locator:
    return visitor.page.get_by_role("region", name="附件")


def stage(visitor) -> Locator:
    return panel(visitor).locator(".stage")


def place(visitor) -> str:
    return panel(visitor).get_by_role("heading").inner_text().removeprefix("附件").strip()


def sheet(visitor) -> dict[str, float]:
    """Where the first page, or the picture, is."""
    return stage(visitor).locator(".sheet").first.bounding_box()


def zoom(visitor) -> Locator:
    return panel(visitor).locator("output")


def in_window(visitor, *parts: Locator) -> bool:
    size = visitor.page.viewport_size
    boxes = [part.bounding_box() for part in parts]
    return all(box["y"] >= 0 and box["y"] < size["height"] - 40 for box in boxes)


# ---- beside the decision ---------------------------------------------------------------------------------------------


def test_a_pdf_stands_beside_the_decision(review):
    reviewer = review({"证明.pdf": pdf()})
    reviewer.page.evaluate("() => document.querySelector('.previews').scrollIntoView()")
    canvas = stage(reviewer).locator("canvas")
    canvas.wait_for()
    assert canvas.evaluate(INK) > 10_000
    assert in_window(reviewer, canvas, reviewer.button("通过"), reviewer.button("退回"))


def test_chinese_without_an_embedded_font_is_drawn(review):
    reviewer = review({"证明.pdf": chinese_pdf("职称证明")})
    canvas = stage(reviewer).locator("canvas")
    canvas.wait_for()
    assert canvas.evaluate(INK) > 1000


def test_a_picture_is_as_wide_as_the_panel(review):
    reviewer = review({"证书.png": png(2000, 500)})
    image = stage(reviewer).locator("img")
    image.wait_for()
    assert stage(reviewer).evaluate("e => e.clientWidth") - sheet(reviewer)["width"] == pytest.approx(24, abs=2)


def test_the_decision_waits_for_no_file(review):
    reviewer = review({"一.pdf": pdf()})
    held = []
    reviewer.page.route("**/attachments/**", lambda route: held.append(route))
    with reviewer.page.expect_request("**/attachments/*"):
        reviewer.page.reload(wait_until="domcontentloaded")
    reviewer.page.keyboard.press("p")
    assert reviewer.page.get_by_role("dialog", name="通过").is_visible()
    expect(panel(reviewer).get_by_text("正在载入附件…")).to_be_visible()
    assert stage(reviewer).locator("canvas").count() == 0
    reviewer.page.unroute("**/attachments/**")  # lets go what was held, too
    stage(reviewer).locator("canvas").wait_for()


def test_of_ten_files_only_the_first_is_fetched_and_only_once_it_is_near(review):
    files = {f"{n}.png": png() for n in range(10)}
    reviewer = review(files, viewport={"width": 390, "height": 300})
    asked = []
    reviewer.page.on("request", lambda request: asked.append(request.url))
    reviewer.page.reload(wait_until="networkidle")
    fetched = [url for url in asked if "/attachments/" in url]
    assert (len(fetched), panel(reviewer).locator(".strip a").count()) == (0, 10)
    panel(reviewer).scroll_into_view_if_needed()
    stage(reviewer).locator("img").wait_for()
    assert len([url for url in asked if "/attachments/" in url]) == 1


def test_of_a_large_pdf_only_what_is_looked_at_is_fetched(review):
    content = pdf(30, heavy=True)
    reviewer = review({"报告.pdf": content})
    stage(reviewer).locator("canvas").first.wait_for()
    done = []
    reviewer.page.on(
        "requestfinished", lambda request: done.append(request) if "/attachments/" in request.url else None
    )
    reviewer.page.reload(wait_until="networkidle")
    stage(reviewer).locator("canvas").first.wait_for()
    ranges = [re.fullmatch(r"bytes=(\d+)-(\d+)", request.all_headers().get("range", "")) for request in done]
    assert all(ranges)
    assert 0 < sum(int(asked[2]) - int(asked[1]) for asked in ranges) < len(content) / 4


# ---- zoom, turn, pages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("files", [{"证书.png": png(2000, 2500)}, {"证明.pdf": pdf()}], ids=["picture", "PDF"])
@pytest.mark.parametrize("way", ["button", "key"])
def test_a_file_is_made_larger_and_smaller_and_fitted_again(review, files, way):
    reviewer = review(files)
    stage(reviewer).locator("canvas, img").wait_for()
    buttons = {"+": "放大", "-": "缩小", "0": "适合宽度", "1": "实际大小"}

    def do(key):
        reviewer.page.keyboard.press(key) if way == "key" else reviewer.button(buttons[key]).click()
        return sheet(reviewer)["width"]

    fitted = sheet(reviewer)["width"]
    larger, smaller, whole, again = (do(key) for key in "+-10")
    assert larger > fitted * 1.05
    assert smaller < larger
    assert whole == pytest.approx(2000 if "证书.png" in files else 793, abs=1)
    assert again == fitted


def test_a_turned_picture_lies_on_its_side(review):
    reviewer = review({"证书.png": png(300, 400)})
    stage(reviewer).locator("img").wait_for()
    reviewer.button("旋转").click()
    box, image = sheet(reviewer), stage(reviewer).locator("img").bounding_box()
    assert (box["width"], box["height"]) == (400, 300)
    assert (image["width"], image["height"]) == (400, 300)


def test_a_mouse_drags_what_is_larger_than_the_panel(review):
    reviewer = review({"证书.png": png(2000, 3000)})
    stage(reviewer).locator("img").wait_for()
    box = stage(reviewer).bounding_box()
    reviewer.page.mouse.move(box["x"] + 200, box["y"] + 150)
    reviewer.page.mouse.down()
    reviewer.page.mouse.move(box["x"] + 200, box["y"] + 50)
    reviewer.page.mouse.up()
    assert stage(reviewer).evaluate("e => e.scrollTop") == 100


def test_the_page_in_view_is_told_and_drawn_when_it_comes_near(review):
    reviewer = review({"报告.pdf": pdf(12)})
    stage(reviewer).locator("canvas").first.wait_for()
    assert panel(reviewer).get_by_text("第 1 / 12 页").is_visible()
    stage(reviewer).focus()
    reviewer.page.keyboard.press("End")
    expect(panel(reviewer).get_by_text("第 12 / 12 页")).to_be_visible()
    last = stage(reviewer).locator(".sheet").last.locator("canvas")
    last.wait_for()
    assert last.evaluate(INK) > 10_000
    assert stage(reviewer).locator(".sheet").first.locator("canvas").count() == 0


# ---- from file to file -----------------------------------------------------------------------------------------------


@pytest.fixture
def three(review):
    reviewer = review({"一.pdf": pdf(), "二.png": png(), "三.png": png()})
    stage(reviewer).locator("canvas").wait_for()
    return reviewer


@pytest.mark.parametrize("way", ["button", "key"])
def test_the_next_and_the_previous_file_are_opened(three, way):
    def go(key, name):
        three.page.keyboard.press(key) if way == "key" else three.button(name).click()
        expect(panel(three).locator("[data-say=wait]")).to_be_hidden()
        return place(three), panel(three).locator(".strip [aria-current] .name").inner_text()

    steps = [("]", "下一个附件"), ("]", "下一个附件"), ("[", "上一个附件")]
    assert [go(*step) for step in steps] == [("2 / 3", "二.png"), ("3 / 3", "三.png"), ("2 / 3", "二.png")]


def test_there_is_nothing_before_the_first_and_after_the_last(three):
    assert three.button("上一个附件").is_disabled()
    panel(three).get_by_role("link", name=re.compile("三.png")).click()
    assert three.button("下一个附件").is_disabled()


def test_switched_off_keys_open_no_other_file(three):
    three.button("快捷键").click()
    three.page.get_by_label("单键快捷键").uncheck()
    three.page.keyboard.press("Escape")
    three.page.keyboard.press("]")
    assert place(three) == "1 / 3"


def test_a_file_named_in_the_material_opens_in_the_panel(three):
    three.page.locator(".facts").get_by_role("link", name="三.png").click()
    expect(panel(three).locator(".strip [aria-current] .name")).to_have_text("三.png")
    stage(three).locator("img").wait_for()
    assert in_window(three, stage(three))


def test_the_panel_is_reached_and_worked_with_tab_alone(three):
    three.page.keyboard.press("Escape")
    three.tab_to(three.button("放大"))
    fitted = zoom(three).inner_text()
    three.page.keyboard.press("Enter")
    expect(zoom(three)).not_to_have_text(fitted)
    three.tab_to(stage(three))


# ---- what cannot be shown --------------------------------------------------------------------------------------------

DAMAGED, UNREACHABLE = "该附件无法显示：文件已损坏", "该附件无法取得：文件缺失"
BOTH = pytest.mark.parametrize("kind", ["png", "pdf"])


def make_file(kind) -> bytes:
    return png() if kind == "png" else pdf()


@BOTH
def test_a_damaged_file_says_so_and_the_record_is_decided_all_the_same(review, unit, kind):
    content = make_file(kind)
    reviewer = review({"好.png": png(), f"证明.{kind}": content})
    damage(unit.make, content)
    reviewer.button("下一个附件").click()
    expect(panel(reviewer).get_by_text(DAMAGED)).to_be_visible()
    reviewer.button("通过").click()
    reviewer.confirm()
    assert reviewer.messages()[0].startswith("已通过")


@BOTH
def test_a_lost_file_says_so_and_is_shown_when_it_is_there_again(review, unit, kind):
    content = make_file(kind)
    reviewer = review({"好.png": png(), f"证明.{kind}": content})
    lose(unit.make, content)
    reviewer.expects(503, 503)
    reviewer.button("下一个附件").click()
    expect(panel(reviewer).get_by_text(UNREACHABLE)).to_be_visible()
    keep(unit.make, content)
    reviewer.button("重试").click()
    stage(reviewer).locator("canvas, img").wait_for()
    assert panel(reviewer).get_by_text(UNREACHABLE).is_hidden()


# ---- other ways to look ----------------------------------------------------------------------------------------------


def test_a_file_has_a_page_of_its_own_for_another_tab(three):
    with three.page.expect_popup() as popup:
        three.link("在新标签页打开").click()
    popup.value.locator(".stage canvas").wait_for()
    assert popup.value.locator("h1").inner_text() == "一.pdf"


def test_a_file_is_saved_under_its_name(three):
    with three.page.expect_download() as download:
        three.link("下载").click()
    assert download.value.suggested_filename == "一.pdf"


def test_on_the_phone_nothing_is_wider_than_the_window_and_the_decision_covers_nothing(review):
    reviewer = review({"一个名字很长很长很长很长很长很长的证明材料.pdf": pdf(2), "二.png": png()}, viewport=PHONE)
    panel(reviewer).scroll_into_view_if_needed()
    stage(reviewer).locator("canvas").first.wait_for()
    assert max(reviewer.see().overhang) <= 0
    reviewer.page.set_viewport_size(PHONE)
    reviewer.page.evaluate("() => document.querySelector('.previews').scrollIntoView()")
    box, decision = stage(reviewer).bounding_box(), reviewer.button("通过").bounding_box()
    assert box["y"] + box["height"] < decision["y"]


def test_without_script_files_are_links_and_pictures(review):
    reviewer = review({"一.pdf": pdf(), "二.png": png()}, java_script_enabled=False)
    links = panel(reviewer).get_by_role("link")
    assert [link.get_attribute("href").partition("?")[2] for link in links.all()] == ["", "download=1"] * 2
    picture = panel(reviewer).locator("img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 800)
    assert stage(reviewer).is_hidden()
