"""A person at a Chromium window. What goes wrong in the window is remembered, and fails the test that opened it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Request, Response

_TEXTS = """() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, place = text.parentElement;
    const isCode = place.matches("code") && /^[0-9a-f]{16}$/.test(text.data.trim());
    if (!place.closest("script, noscript, style, kbd, [role=img]") && !isCode)
      found.push(text.data);
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["aria-label", "aria-description", "placeholder", "title", "alt", "label"])
      found.push(element.getAttribute(name));
    found.push(...Object.entries(element.dataset)
      .filter(([name]) => name === "label" || name.startsWith("count")).map(([, text]) => text));
    if (element.matches("textarea, input[type=submit], input[type=button]")) found.push(element.value);
  }
  return found.filter((text) => text && text.trim()).map((text) => text.trim().replace(/\\s+/g, " "));
}"""

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
_OVERHANG = """() => {
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  const { scrollWidth, clientWidth } = document.documentElement;
  const tables = [...document.querySelectorAll(".card table")].map((table) => {
    const inner = getComputedStyle(table.parentElement).overflowX === "visible" ? table : table.parentElement;
    return Math.floor(inner.getBoundingClientRect().right - table.closest(".card").getBoundingClientRect().right);
  });
  return Math.max(scrollWidth - clientWidth, ...tables);
}"""

# Where the focus is: how it is called, and what hides it from the eye. The parts of a date field are Chromium's own.
_FOCUS = """(target) => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const outlined = (part) => {
    const style = getComputedStyle(e, part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
  };
  const box = e.getBoundingClientRect();
  const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
  const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
  const seen = right > left && bottom > top && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return {
    name: `${e.localName} ${e.getAttribute("aria-label") || e.innerText || e.name || ""}`.trim().slice(0, 40),
    fault: ![null, "::before", "::after"].some(outlined) && e.type !== "date" ? "no outline"
      : !seen ? "outside the window" : !e.contains(seen) ? `covered by ${seen.localName}.${seen.className}` : "",
    dialog: !!e.closest("dialog"),
    there: e === target,
  };
}"""


@dataclass(frozen=True)
class Seen:
    """What a page says, and by how many pixels it, or a table of it, is too wide at a desk and on a phone."""

    texts: list[str]
    overhang: tuple[int, int]


class Visitor:
    """One person, one window with cookies of its own, at a product's address."""

    def __init__(self, context: BrowserContext, url: str, password: str) -> None:
        self.url, self.password, self.hosts = url, password, [url]
        self.page = context.new_page()
        self.page.set_default_timeout(10_000)
        self._complaints: list[str] = []
        self._refusals: list[tuple[int, str]] = []
        self._expected: list[int] = []
        self._failed: list[str] = []
        self._downloads: set[str] = set()
        context.on("console", self._console)
        context.on("weberror", lambda error: self._complaints.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._request_failed)
        self.page.on("download", lambda download: self._downloads.add(download.url))

    # ---- doing -------------------------------------------------------------------------------------------------------

    def open(self, path: str, status: int = 200) -> "Visitor":
        with self.answered(status):
            self.page.goto(f"{self.url}{path}", wait_until="commit")
        return self

    def sign_in(self, username: str) -> "Visitor":
        self.open("/login/built-in")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(self.password)
        self.button("登录").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)
        return self

    @contextmanager
    def answered(self, status: int) -> Iterator[None]:
        """The block opens a page that is answered with this status."""
        if status >= 400:
            self._expected.append(status)
        with self.page.expect_navigation() as navigation:
            yield
        answer = navigation.value
        assert answer.status == status, f"{answer.url} is answered with {answer.status}"

    def expects(self, *statuses: int) -> None:
        """What the page asks for by itself will be answered with these statuses."""
        self._expected += statuses

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def confirm(self, opinion: str | None = None) -> None:
        """Say 确定 in the open dialog or on the page that asks, with another opinion than the one that stands there."""
        if opinion is not None:
            self.page.get_by_label("意见").and_(self.page.locator("[name=opinion]:visible")).fill(opinion)
        with self.page.expect_navigation():
            self.button("确定").click()

    def tab_to(self, target: Locator, presses: int = 80) -> None:
        """Press Tab until the target has the focus; on the way the focus is seen all the time."""
        element = target.element_handle()
        for _ in range(presses):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(_FOCUS, element)
            assert focus is None or not focus["fault"], focus
            if focus and focus["there"]:
                return
        raise AssertionError(f"{presses} times Tab do not reach {target}")

    # ---- reading -----------------------------------------------------------------------------------------------------

    def focus(self) -> dict[str, Any] | None:
        """What has the focus ({name, fault, dialog}), None when nothing on the page has it."""
        return self.page.evaluate(_FOCUS)

    def texts(self) -> list[str]:
        """Everything that the page says or would say: texts (folded and hidden ones too), names, hints, options."""
        return self.page.evaluate(_TEXTS)

    def see(self) -> Seen:
        """The page that is open, in both windows and with everything unfolded."""
        texts, overhang = self.texts(), []
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            overhang.append(self.page.evaluate(_OVERHANG))
        return Seen(texts, (overhang[1], overhang[0]))

    def messages(self) -> list[str]:
        """What was done, without the link that leads back to the record."""
        said = [text.strip() for text in self.page.locator(".flashes .note p").all_inner_texts()]
        return [text.partition(" 查看该记录")[0] for text in said]

    def tab(self, name: str) -> int:
        """The number on a tab of the list."""
        return int(
            self.page.get_by_label("审核状态").get_by_role("link").filter(has_text=name).locator(".n").inner_text()
        )

    def total(self) -> int:
        """How many rows the list has on all its pages, as it says itself; 0 when it is empty."""
        return int(
            self.page.evaluate("() => /共 (\\d+) 项/.exec(document.querySelector('.pager')?.innerText)?.[1] ?? 0")
        )

    def rows(self) -> list[str]:
        """The addresses of the records on this page of the list."""
        return [str(link.get_attribute("href")) for link in self.page.locator("td.op a").all()]

    def history(self) -> list[str]:
        """The steps on a review page, newest first, each as one line."""
        return [" ".join(text.split()) for text in self.page.locator(".history li").all_inner_texts()]

    # ---- complaints --------------------------------------------------------------------------------------------------

    def complaints(self) -> list[str]:
        """Console errors, breaches of the policy, failed requests, unexpected statuses, requests to other hosts."""
        lost = [failure for failure in self._failed if failure.split()[-1] not in self._downloads]
        statuses = sorted(status for status, _url in self._refusals)
        refused = [] if statuses == sorted(self._expected) else [f"answered with {self._refusals}"]
        return [*self._complaints, *lost, *refused]

    def _console(self, message: ConsoleMessage) -> None:
        # A refused page is also said on the console; its status is looked at in _response.
        if message.type == "error" and not message.text.startswith("Failed to load resource: the server"):
            self._complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith(tuple(f"{host}/" for host in self.hosts)):
            self._complaints.append(f"elsewhere: {request.url}")

    def _request_failed(self, request: Request) -> None:
        # An icon that was still on its way when the page was left is no failure.
        if request.failure != "net::ERR_ABORTED" or request.is_navigation_request():
            self._failed.append(f"{request.failure} {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._refusals.append((response.status, response.url))
