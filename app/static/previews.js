/* The files of a record beside its decision: one is open, smaller or larger, turned. Without this file they are links.
   The first opens when the panel comes near the window, so that the decision waits for none. */
const panel = document.querySelector("[data-previews]");
const part = (name) => panel.querySelector(`[data-part="${name}"]`);
const links = [...panel.querySelectorAll("[data-file]")];
const steps = [...panel.querySelectorAll("[data-step]")];
const stage = part("stage");
const ZOOMS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4];
/* How a kind of file is opened. Answers a view: {element, width, height, most, draw(scale, turn)}; sizes at 100 %,
   `most`: how much the width may be fitted. It ends with the signal. */
const OPENERS = { image: openImage, pdf: async (file) => (await pdfViewer()).openPdf(file) };
let at = -1;
let view = null;
let zoom = null; // null: as wide as the panel
let turn = 0;
let closing = new AbortController();

/* ---- one file after another ---- */
async function open(index) {
  closing.abort();
  closing = new AbortController();
  [at, view, zoom, turn] = [index, null, null, 0];
  const { signal } = closing;
  const url = links[at].href;
  stage.replaceChildren();
  label(url);
  say("wait");
  try {
    const opened = await OPENERS[links[at].dataset.file]({ url, stage, signal, page: tellPage });
    if (signal.aborted) return;
    view = opened;
    stage.append(view.element);
    say(null);
    draw();
    stage.scrollTo(0, 0);
  } catch {
    const there = await isThere(url, signal);
    if (!signal.aborted) say(there ? "damaged" : "unreachable");
  }
}
function label(url) {
  const name = links[at].querySelector(".name").textContent;
  links.forEach((link, index) => link.toggleAttribute("aria-current", index === at));
  links[at].setAttribute("aria-current", "true");
  showInStrip(links[at].parentElement);
  steps.forEach((button) => { button.disabled = !links[at + Number(button.dataset.step)]; });
  part("place").textContent = links.length > 1 ? `${at + 1} / ${links.length}` : "1";
  part("open").href = links[at].dataset.page || url; // a page of ours: Chromium 109 shows no sandboxed PDF by itself
  part("download").href = `${url}?download=1`;
  part("page").textContent = part("zoom").textContent = "";
  stage.setAttribute("aria-label", name);
}
function say(what) {
  panel.querySelectorAll("[data-say]").forEach((text) => { text.hidden = text.dataset.say !== what; });
  panel.querySelectorAll(".bar button").forEach((button) => { button.disabled = what !== null; });
  stage.hidden = what !== null;
}
/* The strip alone is moved: scrollIntoView would move the page too, under the eyes of who reads it. */
function showInStrip(item) {
  const strip = item.parentElement;
  const [own, around] = [item.getBoundingClientRect(), strip.getBoundingClientRect()];
  if (own.left < around.left || own.right > around.right) strip.scrollLeft += own.left - around.left;
}
function tellPage(page, pages) {
  const told = part("page");
  const text = told.dataset.text.replace("{page}", page).replace("{pages}", pages);
  if (told.textContent !== text) told.textContent = text;
}
/* Whether the bytes can be had at all: then it is they that are wrong. */
async function isThere(url, signal) {
  try { return (await fetch(url, { headers: { Range: "bytes=0-0" }, signal })).ok; } catch { return false; }
}

/* The viewer of PDFs is large: it comes with the first PDF. As an element with this page's nonce, for Chromium 109 lets
   import() use that of another page; once the module is here, import() fetches nothing. */
async function pdfViewer() {
  const src = new URL("./preview_pdf.js", import.meta.url).href;
  if (!document.querySelector(`script[src="${src}"]`)) {
    const { nonce } = document.querySelector("script[nonce]");
    const script = Object.assign(document.createElement("script"), { type: "module", nonce, src });
    try {
      await new Promise((loaded, failed) => {
        Object.assign(script, { onload: loaded, onerror: failed });
        document.head.append(script);
      });
    } catch (error) {
      script.remove(); // the next attempt fetches it again
      throw error;
    }
  }
  return import(src);
}

/* ---- pictures ---- */
async function openImage({ url, signal }) {
  const image = new Image();
  image.draggable = false;
  image.alt = "";
  await new Promise((loaded, failed) => {
    image.onload = loaded;
    image.onerror = failed;
    signal.addEventListener("abort", () => { image.src = ""; failed(); });
    image.src = url;
  });
  const element = document.createElement("div");
  element.className = "sheet";
  element.append(image);
  const { naturalWidth: width, naturalHeight: height } = image;
  function draw(scale, angle) {
    const sides = [width * scale, height * scale];
    [image.style.width, image.style.height] = sides.map((side) => `${side}px`);
    image.style.transform = `translate(-50%, -50%) rotate(${angle}deg)`;
    [element.style.width, element.style.height] = (angle % 180 ? sides.reverse() : sides).map((side) => `${side}px`);
  }
  return { element, width, height, most: 1, draw };
}

/* ---- smaller, larger, turned ---- */
function scaled() {
  const { paddingLeft, paddingRight } = getComputedStyle(stage);
  const room = stage.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  return zoom || Math.min(room / (turn % 180 ? view.height : view.width), view.most);
}
function draw() {
  if (!view || !stage.clientWidth) return;
  const [down, across] = [stage.scrollTop / stage.scrollHeight, middle() / stage.scrollWidth];
  const scale = scaled();
  view.draw(scale, turn);
  stage.scrollTo(across * stage.scrollWidth - stage.clientWidth / 2, down * stage.scrollHeight);
  part("zoom").textContent = `${Math.round(scale * 100)}%`;
}
const middle = () => stage.scrollLeft + stage.clientWidth / 2;
const DO = {
  smaller: () => { zoom = ZOOMS.filter((step) => step < scaled() - 0.005).pop() || ZOOMS[0]; },
  larger: () => { zoom = ZOOMS.find((step) => step > scaled() + 0.005) || ZOOMS[ZOOMS.length - 1]; },
  fit: () => { zoom = null; },
  whole: () => { zoom = 1; },
  turn: () => { turn = (turn + 90) % 360; },
};

/* ---- the reader's hand ---- */
document.addEventListener("click", (event) => {
  const link = event.target.closest(".strip a, .material .files a");
  const index = link ? links.findIndex((one) => one.href === link.href) : -1;
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (index < 0 || !plain) return;
  event.preventDefault();
  const opened = open(index);
  if (panel.contains(link)) return;
  panel.scrollIntoView({ block: "start" });
  opened.then(() => stage.focus({ preventScroll: true })); // hidden until then
});
panel.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.step) open(at + Number(button.dataset.step));
  else if (button.dataset.do === "again") open(at);
  else if (view) { DO[button.dataset.do](); draw(); }
});
/* A mouse drags what is larger than its frame; a finger scrolls it by itself. */
let held = null;
stage.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" || event.button !== 0 || event.target === stage) return;
  held = { x: event.clientX + stage.scrollLeft, y: event.clientY + stage.scrollTop };
  stage.setPointerCapture(event.pointerId);
});
stage.addEventListener("pointermove", (event) => {
  if (held) stage.scrollTo(held.x - event.clientX, held.y - event.clientY);
});
["pointerup", "pointercancel"].forEach((end) => stage.addEventListener(end, () => { held = null; }));

new ResizeObserver(() => { if (!zoom) draw(); }).observe(stage);
new IntersectionObserver((entries, watch) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watch.disconnect();
  if (at < 0) open(0);
}, { rootMargin: "300px" }).observe(panel);
