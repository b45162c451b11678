/* The review page: single keys, and who else has the record open. The page works without this file. */
(function () {
  "use strict";
  const STORE = "desk.keys";
  const targets = Array.from(document.querySelectorAll("[data-key]"));
  const box = document.querySelector("[data-keys-box]");
  let on = true;

  /* ---- keys: each presses what carries it. Off means off: WCAG 2.1.4 ---- */
  function show() {
    document.documentElement.classList.toggle("no-keys", !on);
    box.checked = on;
    targets.forEach((target) => {
      if (on) target.setAttribute("aria-keyshortcuts", target.dataset.key);
      else target.removeAttribute("aria-keyshortcuts");
    });
  }
  function read() {
    try { on = localStorage.getItem(STORE) !== "off"; } catch { /* no storage: on, until the page is left */ }
    show();
  }
  box.addEventListener("change", () => {
    on = box.checked;
    try { localStorage.setItem(STORE, on ? "on" : "off"); } catch { /* as above */ }
    show();
  });
  window.addEventListener("storage", read);
  window.addEventListener("pageshow", read);
  read();

  /* The same keys under a Chinese input method, and + without Shift. */
  const SAME = { "？": "?", "【": "[", "】": "]", "＋": "+", "=": "+", "－": "-" };
  document.addEventListener("keydown", (event) => {
    const key = SAME[event.key] || event.key.toUpperCase();
    const letter = key !== key.toLowerCase();
    if (!on || event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && letter)) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const target = targets.find((one) => one.dataset.key === key && one.getClientRects().length);
    if (!target) return;
    event.preventDefault();
    target.click();
  });

  /* ---- presence: says "still here" and hears who else is, while the page is looked at ---- */
  const place = document.querySelector("[data-presence]");
  if (!place) return;
  const line = place.querySelector("p");
  const names = place.querySelector("[data-names]");
  const token = document.querySelector("input[name=csrf_token]").value;
  let timer = 0;

  function tell(others) {
    const text = others.join(names.dataset.comma);
    if (text === names.textContent && line.hidden === !text) return; // nothing new, nothing announced
    names.textContent = text;
    line.hidden = !text;
  }
  function beat() {
    fetch(place.dataset.presence, { method: "POST", body: new URLSearchParams({ csrf_token: token }), redirect: "error", headers: { Accept: "application/json" } })
      .then((answer) => { if (answer.ok) return answer.json().then(({ others }) => tell(others)); stop(); })
      .catch(() => {}); // out of reach for a moment: the next beat asks again
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
  }
  function start() {
    if (document.hidden) return stop();
    if (timer) return;
    beat();
    timer = setInterval(beat, 15000);
  }
  document.addEventListener("visibilitychange", start);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", start);
  start();
})();
