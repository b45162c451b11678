/* Selection, dialogs, opinions and single submission. Every page works without this file. */
(function () {
  "use strict";
  document.documentElement.classList.add("js");
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* One submission a form: the button goes out of use once its value has been sent along. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => all("button[type=submit]", form).forEach((button) => { button.disabled = true; }));
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      all("button[type=submit]", form).forEach((button) => { button.disabled = false; });
    });
  });

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (close) { close.parentElement.remove(); document.getElementById("main").focus({ preventScroll: true }); return; }
    const cancel = event.target.closest("[data-cancel]");
    if (cancel) { cancel.closest("dialog").close(); return; }
    const opener = event.target.closest("button[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (!dialog || !dialog.showModal) return;
    event.preventDefault();
    const batch = batches.find((one) => one.form === opener.form);
    if (!batch) open(dialog);
    else if (batch.count()) { batch.fill(dialog); open(dialog); foretell(dialog); }
  });
  all("dialog[data-open]").forEach(open);

  function open(dialog) {
    if (!dialog.showModal) return;
    dialog.removeAttribute("open"); // where the server left it open for a browser without script
    dialog.showModal();
    all("[data-opinion]", dialog).forEach((field) => field.setSelectionRange(field.value.length, field.value.length));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || event.repeat) return;
    const form = event.target.closest("dialog[open] form");
    const confirm = form && form.querySelector("button[type=submit]:not(:disabled)");
    if (!confirm) return;
    event.preventDefault();
    form.requestSubmit(confirm);
  });

  /* What has to be typed before a dialog can be confirmed; {n} is not known yet, and then the server alone asks. */
  function expect(field) {
    const { expected } = field.dataset;
    const wrong = field.closest(".field").querySelector("[data-wrong]");
    wrong.hidden = expected === "{n}" || expected.startsWith(field.value.trim());
    allow(field.closest("form"));
  }
  /* A dialog is confirmed once that is typed, and while something would be decided. */
  function allow(form) {
    const typed = all("[data-expected]", form).every(({ value, dataset }) => dataset.expected === "{n}" || value.trim() === dataset.expected);
    all("button[type=submit]", form).forEach((button) => { button.disabled = !typed || "none" in form.dataset; });
  }
  ["input", "compositionend"].forEach((name) => document.addEventListener(name, (event) => {
    if (event.target.matches("[data-expected]") && !event.isComposing) expect(event.target);
  }));
  window.addEventListener("pageshow", () => all("[data-expected]").forEach(expect));

  /* A menu of links shuts when the reader turns elsewhere. */
  const shut = (except) => all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(except)) menu.open = false; });
  document.addEventListener("click", (event) => shut(event.target.closest('a[href^="#"]') ? null : event.target));
  document.addEventListener("focusin", (event) => shut(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details[data-menu][open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  /* Phrases: into the place of an untouched prefilled text, else after what stands there; then to the first blank. */
  const BLANK = /_{3,}/g;
  function toBlank(field, from, to) {
    BLANK.lastIndex = from;
    const blank = BLANK.exec(field.value);
    if (!blank || blank.index >= to) return false;
    field.setSelectionRange(blank.index, blank.index + blank[0].length);
    return true;
  }
  document.addEventListener("click", (event) => {
    const phrase = event.target.closest("button[data-phrase]");
    if (!phrase) return;
    const field = phrase.closest(".field").querySelector("textarea");
    const untouched = "prefilled" in field.dataset && field.value === field.defaultValue;
    const own = untouched ? "" : field.value;
    const text = (own && !/[，。；、：,.;:\s]$/.test(own) ? "；" : "") + phrase.value;
    field.focus();
    if (untouched) field.select();
    else field.setSelectionRange(own.length, own.length);
    const start = field.selectionStart;
    // The editing command, because it can be undone and keeps to the longest length.
    if (!document.execCommand("insertText", false, text)) field.setRangeText(text, start, field.selectionEnd, "end");
    toBlank(field, start, start + text.length);
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    // Forwards only, so that the last Tab leaves the field even when a blank was left as it is.
    if (field.matches("[data-opinion]") && toBlank(field, field.selectionEnd, Infinity)) event.preventDefault();
  });

  /* Items of a return: a remark is in use only beside a tick. */
  all("[data-items]").forEach((fold) => {
    const ticked = fold.querySelector("[data-ticked]");
    function show() {
      const boxes = all("input[name=item]", fold);
      boxes.forEach((box) => { box.closest("li").querySelector("input[type=text]").disabled = !box.checked; });
      const n = boxes.filter((box) => box.checked).length;
      ticked.textContent = String(n);
      ticked.hidden = !n;
    }
    fold.addEventListener("change", (event) => {
      show();
      if (event.target.name === "item" && event.target.checked) event.target.closest("li").querySelector("input[type=text]").focus();
    });
    window.addEventListener("pageshow", show);
    show();
  });

  /* What a batch would do, asked when its dialog opens. Confirming never waits for it. */
  let asking = null;
  function foretell(dialog) {
    const place = dialog.querySelector("[data-preview]");
    if (!place) return;
    const part = (name) => place.querySelector(`[data-part=${name}]`);
    const only = (...names) => all("[data-part]", place).forEach((piece) => { piece.hidden = !names.includes(piece.dataset.part); });
    const form = dialog.querySelector("form");
    const fields = new FormData(form);
    fields.delete("opinion");
    delete form.dataset.none;
    allow(form);
    if (asking) asking.abort();
    const mine = asking = new AbortController();
    const counted = all("[data-expected]", dialog);
    counted.forEach((field) => { field.dataset.expected = "{n}"; expect(field); });
    only("wait");
    fetch(place.dataset.preview, { method: "POST", body: new URLSearchParams(fields), redirect: "error", signal: mine.signal, headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then(({ decide, left, more }) => {
        const list = part("left");
        const say = (name, n) => { const to = place.querySelector(`[data-count-${name}]`); to.textContent = to.getAttribute(`data-count-${name}`).replace("{n}", String(n)); };
        say("will", decide);
        counted.forEach((field) => { field.dataset.expected = String(decide); expect(field); });
        say("wont", left.length + more);
        list.replaceChildren(...left.map((row) => line([row.name], [row.ref, "ref"], [row.reason, "why"])));
        if (more) list.append(line([list.dataset.countMore.replace("{n}", String(more)), "more"]));
        form.toggleAttribute("data-none", !decide);
        allow(form);
        only(decide ? "will" : "none", ...(left.length + more ? ["wont", "left"] : []));
      })
      .catch(() => { if (!mine.signal.aborted) only("fail"); });
  }
  /* What is asked besides may let go what was left. */
  let again = 0;
  document.addEventListener("input", (event) => {
    const dialog = event.target.closest("dialog");
    if (!dialog || !event.target.closest(".question")) return;
    clearTimeout(again);
    again = setTimeout(foretell, 500, dialog);
  });
  function line(...pieces) {
    const item = document.createElement("li");
    pieces.forEach(([text, name]) => {
      const piece = document.createElement("span");
      piece.textContent = text;
      if (name) piece.className = name;
      item.append(piece, " ");
    });
    return item;
  }

  const current = document.querySelector(".tabs [aria-current]");
  if (current) current.parentElement.scrollLeft = current.offsetLeft - 48;

  /* The boxes of a form, which stand outside of it where records of several kinds are. Only a list knows of more than its
     page has. */
  const every = document.querySelector(".tasks [data-page-box]");
  let batches = [];
  batches = all("form[data-batch]").map((form) => {
    const boxes = Array.from(form.elements);
    const rows = boxes.filter((box) => box.name === "rowid");
    const page = boxes.find((box) => "pageBox" in box.dataset) || document.createElement("input");
    const whole = form.querySelector("[data-all]") || { disabled: true };
    const bar = form.querySelector("[data-bar]");
    const counter = bar.querySelector("[data-count]");
    const pickAll = bar.querySelector("[data-pick-all]");
    const pickNone = bar.querySelector("[data-pick-none]");
    const live = form.querySelector("[data-live]");
    const total = Number(counter.dataset.total);
    let last = null;

    const picked = () => rows.filter((box) => box.checked);
    const count = () => (whole.disabled ? picked().length : total);
    const say = (template) => template.replace("{n}", String(count()));

    function show() {
      const n = picked().length;
      form.classList.toggle("on", n > 0);
      page.checked = n > 0 && n === rows.length;
      page.indeterminate = n > 0 && n < rows.length;
      page.disabled = !rows.length || !whole.disabled;
      rows.forEach((box) => { box.disabled = !whole.disabled; });
      counter.textContent = say(whole.disabled ? counter.dataset.count : counter.dataset.countAll);
      live.textContent = count() ? counter.textContent : "";
      if (pickAll) pickAll.hidden = !whole.disabled || total <= n;
      if (pickNone) pickNone.hidden = whole.disabled && !n;
      together();
    }
    function choose(everything, checked) {
      whole.disabled = !everything;
      rows.forEach((box) => { box.checked = checked; });
      show();
    }
    document.addEventListener("click", (event) => {
      const box = event.target;
      if (!rows.includes(box)) return;
      if (event.shiftKey && last && last !== box) {
        const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
        rows.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
      }
      last = box;
      show();
    });
    page.addEventListener("change", () => choose(false, page.checked));
    if (pickAll) pickAll.addEventListener("click", () => { choose(true, true); pickNone.focus(); });
    if (pickNone) pickNone.addEventListener("click", () => { choose(false, false); (every || page).focus(); });
    window.addEventListener("pageshow", show);
    show();

    return {
      form,
      count,
      rows,
      choose,
      fill(dialog) {
        const inputs = whole.disabled ? picked() : [whole];
        dialog.querySelector("[data-selection]").replaceChildren(...inputs.map((source) => {
          const copy = document.createElement("input");
          copy.type = "hidden"; copy.name = source.name; copy.value = source.value;
          return copy;
        }));
        all("[data-count]", dialog).forEach((place) => { place.textContent = say(place.dataset.count); });
      },
    };
  });

  /* One table with rows of several kinds: one box for all of them, and a word that each kind is decided apart. */
  function together() {
    const chosen = batches.filter((one) => one.count());
    const mixed = document.querySelector("[data-mixed]");
    if (mixed) mixed.hidden = chosen.length < 2;
    if (!every || !batches.length) return;
    const boxes = batches.flatMap((one) => one.rows);
    const n = boxes.filter((box) => box.checked).length;
    every.checked = n > 0 && n === boxes.length;
    every.indeterminate = n > 0 && n < boxes.length;
    every.disabled = !boxes.length;
  }
  if (every) every.addEventListener("change", () => {
    const { checked } = every; // it follows the boxes, one kind after the other
    batches.forEach((one) => one.choose(false, checked));
  });
  together();

  /* Of a mixed selection one kind goes first: what is ticked of the others is ticked again when one comes back. */
  if (every) {
    const KEPT = "tasks.ticked";
    const boxes = batches.flatMap((one) => one.rows);
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
      sessionStorage.removeItem(KEPT);
      boxes.filter((box) => kept.includes(box.value)).forEach((box) => box.click());
    } catch { /* a browser that keeps nothing */ }
    document.addEventListener("submit", (event) => {
      const sent = new FormData(event.target).getAll("rowid");
      const rest = boxes.filter((box) => box.checked && !sent.includes(box.value)).map((box) => box.value);
      if (sent.length && rest.length) try { sessionStorage.setItem(KEPT, JSON.stringify(rest)); } catch { /* as above */ }
    });
  }

  /* The box that finds a person has the key "/", unless single keys are switched off (see review.js). */
  const find = document.querySelector("[data-find]");
  const keysOn = () => { try { return localStorage.getItem("desk.keys") !== "off"; } catch { return true; } };
  document.addEventListener("keydown", (event) => {
    if (!find || !["/", "／", "、"].includes(event.key) || event.defaultPrevented || event.isComposing || !keysOn()) return;
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    event.preventDefault();
    find.focus();
    find.select();
  });
})();
