/* Public notices: days are counted while they are chosen, files show how far they are, empty rows are filled at once,
   and nothing goes on before what was typed is saved. Every page works without this file. */
(function () {
  "use strict";
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* ---- what is typed is saved before anything else goes on ---- */
  const forms = all("form[data-typed]");
  const say = document.querySelector("[data-first]");
  const typed = (form) => Array.from(form.elements).filter((field) => field.matches("textarea, select, [type=text], [type=date]") && field.name !== "fill");
  const chosen = (select) => (all("option", select).find((option) => option.defaultSelected) || select.options[0]).value;
  const differs = (field) => field.value !== (field.matches("select") ? chosen(field) : field.defaultValue);
  /* "unsent": it came back from the server and is kept nowhere. */
  const isUnsaved = (form) => "unsent" in form.dataset || typed(form).some(differs);
  const unsaved = (going) => forms.find((form) => form !== going && isUnsaved(form));
  let leaving = false;

  /* Whether something typed elsewhere than in the form that is `going` keeps it back; then it is said where. */
  function keepsBack(going) {
    const form = unsaved(going);
    if (!form) return false;
    const save = Array.from(form.elements).filter((one) => one.type === "submit" && !one.matches("[data-fill]")).pop();
    for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    save.after(say);
    say.hidden = false;
    say.textContent = say.dataset.first;
    save.focus();
    return true;
  }
  function hold(event, going) {
    if (!keepsBack(going)) return false;
    event.preventDefault();
    event.stopImmediatePropagation();
    return true;
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("form.passing button")) hold(event, null);
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target.closest("main") && !hold(event, event.target)) leaving = true;
  }, true);
  document.addEventListener("input", () => { if (say && !unsaved(null)) say.hidden = true; });
  window.addEventListener("beforeunload", (event) => {
    if (leaving || !unsaved(null)) return;
    event.preventDefault();
    event.returnValue = "";
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; });

  /* ---- working days ---- */
  all("[data-count-url]").forEach((place) => {
    const form = place.closest("form");
    const days = all("[data-day]", form);
    const [text, short] = [place.querySelector("[data-count-text]"), place.querySelector("[data-count-short]")];
    let asking = null;
    /* The first day moves a last one that would be too early. */
    function count(event) {
      if (asking) asking.abort();
      const mine = asking = new AbortController();
      const query = new URLSearchParams(days.map((day) => [day.name, day.value]));
      fetch(`${place.dataset.countUrl}?${query}`, { signal: mine.signal, redirect: "error", headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
        .then((found) => {
          text.textContent = found.text;
          short.querySelector("span").textContent = found.short || "";
          short.hidden = !found.short;
          if (event.target !== days[0] || !found.earliest || days[1].value >= found.earliest) return;
          days[1].value = found.earliest;
          days[1].dispatchEvent(new Event("change"));
        })
        .catch(() => { if (!mine.signal.aborted) { text.textContent = ""; short.hidden = true; } });
    }
    days.forEach((day) => day.addEventListener("change", count));
  });

  /* ---- what the unit says of each ---- */
  const texts = document.querySelector("[data-texts]");
  function tell() {
    const place = document.querySelector("[data-unsaved]");
    if (place) place.textContent = isUnsaved(texts) ? place.dataset.unsaved : "";
  }
  if (texts) {
    all("[data-post]").forEach((post) => {
      const [occupies, level] = [post.querySelector("[data-occupies]"), post.querySelector("[data-level]")];
      const show = () => { level.hidden = occupies.value === "0"; };
      occupies.addEventListener("change", show);
      level.addEventListener("change", () => { if (level.value) occupies.value = "1"; show(); tell(); });
      show();
    });
    texts.querySelector("[data-fill]").addEventListener("click", (event) => {
      event.preventDefault();
      const text = texts.elements.fill.value.trim();
      const empty = all("[data-fillable]").filter((field) => !field.value.trim());
      if (!text) texts.elements.fill.focus();
      else empty.forEach((field) => { field.value = text; });
      tell();
    });
    typed(texts).forEach((field) => field.addEventListener("input", tell));
    window.addEventListener("pageshow", tell);
    tell();
  }

  /* ---- files ---- */
  const place = document.getElementById("files");
  if (place) {
    const { failed } = window.uploads(place, {
      whole: true,
      begins: () => !keepsBack(null),
      inTurn: (task) => task(),
      body(files) {
        const body = new FormData(document.getElementById("remove-file"));
        files.forEach((file) => body.append("file", file));
        return body;
      },
      sent(field, files, status, said) {
        if (status === 200) location.reload(); // its state, and what each row lacks, follow from it
        else failed(field, files, status, said);
      },
    });
  }
})();
