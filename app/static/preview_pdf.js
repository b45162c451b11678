/* A PDF as pages drawn one by one when they come near: only what is looked at is fetched and kept. */
import * as pdfjs from "./vendor/pdfjs-dist/legacy/build/pdf.min.mjs";

const HOME = new URL("./vendor/pdfjs-dist/", import.meta.url).href;
pdfjs.GlobalWorkerOptions.workerSrc = `${HOME}legacy/build/pdf.worker.min.mjs`;
const OPTIONS = {
  cMapUrl: `${HOME}cmaps/`,
  standardFontDataUrl: `${HOME}standard_fonts/`,
  wasmUrl: `${HOME}wasm/`,
  useWasm: false, // our policy lets neither WebAssembly nor eval run
  isEvalSupported: false,
  enableXfa: false,
  disableAutoFetch: true, // by ranges, as pages are asked for
  disableStream: true,
  verbosity: 0,
};
const INCH = 96 / 72; // points to the browser's pixels
const MOST = 16_000_000; // pixels of one canvas: a phone has no room for more

export async function openPdf({ url, stage, signal, page: tell }) {
  const task = pdfjs.getDocument({ url, ...OPTIONS });
  signal.addEventListener("abort", () => task.destroy());
  const pdf = await task.promise;
  const first = (await pdf.getPage(1)).getViewport({ scale: INCH });
  const element = document.createElement("div");
  element.className = "sheets";
  const near = new IntersectionObserver(come, { root: stage, rootMargin: "100% 0px" });
  const sheets = Array.from({ length: pdf.numPages }, (_none, index) => {
    const sheet = { number: index + 1, size: first, element: document.createElement("div"), near: false, task: null };
    sheet.element.className = "sheet";
    element.append(sheet.element);
    near.observe(sheet.element);
    return sheet;
  });
  let [scale, turn] = [1, 0];

  function come(entries) {
    for (const { target, isIntersecting } of entries) {
      const sheet = sheets.find((one) => one.element === target);
      sheet.near = isIntersecting;
      if (isIntersecting) render(sheet);
      else { stop(sheet); target.replaceChildren(); }
    }
  }
  function stop(sheet) {
    if (sheet.task) sheet.task.cancel();
    sheet.task = null;
  }
  function lay(sheet) {
    const sides = [sheet.size.width * scale, sheet.size.height * scale];
    if (turn % 180) sides.reverse();
    [sheet.element.style.width, sheet.element.style.height] = sides.map((side) => `${Math.floor(side)}px`);
  }
  async function render(sheet) {
    stop(sheet);
    const [asked, angle] = [scale, turn];
    try {
      const page = await pdf.getPage(sheet.number);
      if (signal.aborted || !sheet.near || asked !== scale || angle !== turn) return;
      sheet.size = page.getViewport({ scale: INCH });
      lay(sheet);
      const { width, height } = sheet.size;
      const dense = Math.min(window.devicePixelRatio || 1, Math.sqrt(MOST / (width * height)) / scale);
      const viewport = page.getViewport({ scale: INCH * scale * dense, rotation: (page.rotate + turn) % 360 });
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [Math.floor(viewport.width), Math.floor(viewport.height)];
      const drawn = sheet.task = page.render({ canvas, viewport });
      await drawn.promise;
      if (sheet.task !== drawn) return;
      sheet.task = null;
      sheet.element.replaceChildren(canvas);
    } catch (error) {
      if (!signal.aborted && error.name !== "RenderingCancelledException") sheet.element.textContent = stage.dataset.broken;
    }
  }
  function place() {
    const half = stage.scrollTop + stage.clientHeight / 2;
    const before = sheets.filter((sheet) => sheet.element.offsetTop <= half);
    tell(Math.max(before.length, 1), sheets.length);
  }
  function draw(newScale, newTurn) {
    [scale, turn] = [newScale, newTurn];
    sheets.forEach(lay);
    sheets.filter((sheet) => sheet.near).forEach(render);
    place();
  }
  stage.addEventListener("scroll", place, { passive: true, signal });
  signal.addEventListener("abort", () => { near.disconnect(); sheets.forEach(stop); });
  return { element, width: first.width, height: first.height, most: 4, draw };
}
