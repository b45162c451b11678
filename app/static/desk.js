/* Selection, dialogs and single submission. Every page works without this file. */
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
    if (!batch || !batch.form.contains(opener)) dialog.showModal();
    else if (batch.count()) { batch.fill(dialog); dialog.showModal(); }
  });
  all("dialog[data-open]").forEach((dialog) => dialog.showModal && dialog.showModal());

  const current = document.querySelector(".tabs [aria-current]");
  if (current) current.parentElement.scrollLeft = current.offsetLeft - 48;

  const batch = (function (form) {
    if (!form) return null;
    const rows = all("input[name=rowid]", form);
    const page = form.querySelector("[data-page-box]");
    const whole = form.querySelector("[data-all]");
    const bar = form.querySelector("[data-bar]");
    const counter = bar.querySelector("[data-count]");
    const pickAll = bar.querySelector("[data-pick-all]");
    const live = form.querySelector("[data-live]");
    const total = Number(counter.dataset.total);
    let last = null;

    const picked = () => rows.filter((box) => box.checked);
    const count = () => (whole.disabled ? picked().length : total);
    const say = (template) => template.replace("{n}", String(count()));

    function show() {
      const n = picked().length;
      bar.classList.toggle("on", n > 0);
      page.checked = n > 0 && n === rows.length;
      page.indeterminate = n > 0 && n < rows.length;
      page.disabled = !rows.length || !whole.disabled;
      rows.forEach((box) => { box.disabled = !whole.disabled; });
      counter.textContent = say(whole.disabled ? counter.dataset.count : counter.dataset.countAll);
      live.textContent = count() ? counter.textContent : "";
      pickAll.hidden = !whole.disabled || total <= n;
    }
    function choose(everything, checked) {
      whole.disabled = !everything;
      rows.forEach((box) => { box.checked = checked; });
      show();
    }
    form.addEventListener("click", (event) => {
      const box = event.target;
      if (box.name !== "rowid") return;
      if (event.shiftKey && last && last !== box) {
        const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
        rows.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
      }
      last = box;
      show();
    });
    page.addEventListener("change", () => choose(false, page.checked));
    pickAll.addEventListener("click", () => { choose(true, true); bar.querySelector("[data-pick-none]").focus(); });
    bar.querySelector("[data-pick-none]").addEventListener("click", () => { choose(false, false); page.focus(); });
    window.addEventListener("pageshow", show);
    show();

    return {
      form,
      count,
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
  })(document.querySelector("form[data-batch]"));
})();
