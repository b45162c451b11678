/* Public notices: days are counted while they are chosen, files show how far they are, empty rows are filled at once,
   and what is not saved is not left by mistake. Every page works without this file. */
(function () {
  "use strict";
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));

  /* ---- working days ---- */
  all("[data-count-url]").forEach((place) => {
    const form = place.closest("form");
    const days = all("[data-day]", form);
    const [text, short] = [place.querySelector("[data-count-text]"), place.querySelector("[data-count-short]")];
    let asking = null;
    function count() {
      if (asking) asking.abort();
      const mine = asking = new AbortController();
      const query = new URLSearchParams(days.map((day) => [day.name, day.value]));
      fetch(`${place.dataset.countUrl}?${query}`, { signal: mine.signal, redirect: "error", headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
        .then((found) => {
          text.textContent = found.text;
          short.querySelector("span").textContent = found.short || "";
          short.hidden = !found.short;
        })
        .catch(() => { if (!mine.signal.aborted) { text.textContent = ""; short.hidden = true; } });
    }
    days.forEach((day) => day.addEventListener("change", count));
  });

  /* ---- what the unit says of each ---- */
  const texts = document.querySelector("[data-texts]");
  const written = texts ? Array.from(texts.elements).filter((field) => field.matches("textarea, select") && field.name !== "fill") : [];
  const isDirty = () => written.some((field) => field.value !== (field.matches("select") ? chosen(field) : field.defaultValue));
  const chosen = (select) => (all("option", select).find((option) => option.defaultSelected) || select.options[0]).value;
  const refused = Boolean(document.querySelector(".people .error, .people .was")); // it came back and is not saved
  let leaving = false;
  function tell() {
    const place = document.querySelector("[data-unsaved]");
    if (place) place.textContent = isDirty() || refused ? place.dataset.unsaved : "";
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
    written.forEach((field) => field.addEventListener("input", tell));
    texts.addEventListener("submit", () => { leaving = true; });
    window.addEventListener("beforeunload", (event) => { if (!leaving && (isDirty() || refused)) event.preventDefault(); });
    window.addEventListener("pageshow", (event) => { if (event.persisted) leaving = false; tell(); });
    tell();
  }

  /* ---- files ---- */
  all("form[data-upload]").forEach((form) => {
    const input = form.querySelector("input[type=file]");
    if (!input) return;
    const [bar, error] = [form.querySelector("[data-progress]"), form.querySelector("[data-upload-error]")];
    form.querySelector("[data-send]").hidden = true;
    function fail(message) {
      error.querySelector("span").textContent = message || error.dataset.failed;
      error.hidden = false;
      bar.hidden = true;
      input.disabled = false;
      input.value = "";
      input.focus();
    }
    input.addEventListener("change", () => {
      if (!input.files.length) return;
      const request = new XMLHttpRequest();
      const fields = new FormData(form);
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.querySelector("progress").value = event.loaded / event.total;
        bar.querySelector("span").textContent = `${Math.round((event.loaded / event.total) * 100)}%`;
      });
      request.addEventListener("load", () => {
        if (request.status !== 200 || !request.response) { fail(request.response && request.response.error); return; }
        bar.querySelector("progress").value = 1;
        location.reload(); // its state, and what each row lacks, follow from it; what is not saved asks first
      });
      request.addEventListener("error", () => fail(""));
      input.disabled = true;
      error.hidden = true;
      bar.hidden = false;
      request.send(fields);
    });
  });
})();
