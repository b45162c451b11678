/* 单位推荐意见: what is written is kept as a draft by itself, files are sent at once. The form works without this file.
   Whatever changes the draft goes one after the other, so that each says which state of it the page had seen. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-recommend]");
  const section = form.closest("section");
  const wait = document.querySelector("[data-wait]");
  const missing = document.querySelector("[data-missing]");
  const all = (selector, within) => Array.from((within || section).querySelectorAll(selector));
  const find = (selector, within) => (within || section).querySelector(selector);
  const value = (name) => (form.elements[name] ? form.elements[name].value : "");
  const PAUSE = 1000; // of typing, after which it is kept
  const AGAIN = 10000;
  /* What only the reader can end: nothing is sent by itself any more. */
  const BY_HAND = ["again", "stale", "expired", "gone"];
  /* What a refusal means, by its status. */
  const REFUSED = { 400: "expired", 401: "expired", 403: "gone", 404: "gone", 409: "gone" };
  let typed = 0; // changes of the fields, and how many of them are kept
  let kept = 0;
  let trouble = "";
  let timer = 0;
  let busy = 0; // requests that are under way or wait for their turn
  let turn = Promise.resolve();
  let passing = false; // what was held back goes on

  const byHand = () => BY_HAND.includes(trouble);
  const safe = () => typed === kept && !busy;
  function inTurn(task) {
    busy += 1;
    turn = turn.then(task, task).finally(() => { busy -= 1; });
    return turn;
  }
  function say(what) {
    all("[data-say]").forEach((text) => { text.hidden = text.dataset.say !== what; });
  }
  function report(saved) {
    if (saved) find("[data-say=saved] [data-text]").textContent = find("[data-text]").dataset.text.replace("{time}", saved.slice(-5));
    say(trouble || (typed === kept ? "saved" : "typing"));
  }

  /* ---- asking ---- */
  async function post(url, body) {
    try {
      // It outlives the page: what was typed last is kept when the page is left.
      const answer = await fetch(url, { method: "POST", body, keepalive: true, redirect: "manual", headers: { Accept: "application/json" } });
      const said = /json/.test(answer.headers.get("Content-Type")) ? await answer.json() : null;
      return { status: answer.status, said };
    } catch {
      return { status: 0, said: null };
    }
  }
  function token(fields) {
    const body = new FormData();
    ["csrf_token", "steps", "query"].forEach((name) => body.set(name, value(name)));
    Object.entries(fields).forEach(([name, field]) => body.set(name, field));
    return body;
  }
  /* A day that is half typed is left out while the reader is in its field: the draft keeps the day before. */
  function written() {
    const body = new FormData(form);
    all("[type=file]").forEach((field) => body.delete(field.name));
    all("[type=date]").filter((day) => day === document.activeElement && !day.validity.valid).forEach((day) => body.delete(day.name));
    return body;
  }

  /* ---- keeping what is typed ---- */
  async function save() {
    stop();
    if (typed === kept || byHand()) return;
    const upTo = typed;
    say("saving");
    const { status, said } = await post(form.action, written());
    trouble = status === 200 ? "" : said && said.errors ? (said.stale ? "stale" : "errors") : REFUSED[status] || "unreachable";
    if (trouble === "" || trouble === "errors") mark((said && said.errors) || {});
    if (!trouble) {
      kept = upTo;
      show(said);
      all("[data-kept]").forEach((note) => note.remove()); // what somebody else had saved
    }
    report(said && said.saved);
    if (trouble === "unreachable") soon(AGAIN);
    else if (!trouble && typed !== kept && !timer) soon(PAUSE);
  }
  function soon(pause) {
    stop();
    timer = setTimeout(() => inTurn(save), pause);
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
  }
  /* Everything that was typed is kept, or it is said why not. */
  async function flush() {
    do await inTurn(save); while (typed !== kept && !trouble);
    return typed === kept;
  }
  function changed(pause) {
    typed += 1;
    stop();
    if (byHand()) return;
    say("typing");
    if (pause) soon(pause);
  }
  form.addEventListener("input", (event) => {
    if (event.target.type !== "file") changed(event.isComposing ? 0 : PAUSE);
  });
  form.addEventListener("compositionend", () => changed(PAUSE));
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file" && event.target.localName !== "textarea") changed(200);
    depend(event.target);
  });
  form.addEventListener("focusout", (event) => {
    if (event.target.type === "date" && !event.target.validity.valid) changed(200);
  });
  window.addEventListener("online", () => { if (trouble === "unreachable") inTurn(save); });

  /* By its button. A draft that somebody else saved, or a session that ended, is the server's to show. */
  form.addEventListener("submit", (event) => {
    if (trouble === "stale" || trouble === "expired") { kept = typed; return; }
    event.preventDefault();
    event.stopPropagation();
    if (trouble === "gone") return;
    trouble = "";
    typed += 1;
    flush();
  });

  /* ---- what an answer says ---- */
  function mark(errors) {
    all("[data-error]").forEach((place) => {
      const name = place.dataset.error;
      if (find(`[data-upload][data-name="${name}"]`)) return; // said with its upload
      uploads.wrong(place, errors[name] || "");
      all(`[name="${name}"]`).forEach((field) => field.toggleAttribute("aria-invalid", false));
      if (errors[name]) all(`[name="${name}"]`).forEach((field) => field.setAttribute("aria-invalid", "true"));
    });
  }
  function show({ steps, missing: lacks, days, warnings, files, stale }) {
    if (stale) trouble = "stale";
    else form.elements.steps.value = steps;
    if (find("[data-days]")) find("[data-days]").textContent = days;
    find("[data-warnings]").replaceChildren(...warnings.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    Object.entries(files).forEach(([name, list]) => draw(name, list));
    if (!missing) return;
    missing.hidden = !lacks.length;
    missing.nextElementSibling.hidden = !!lacks.length;
    find("ul", missing).replaceChildren(...lacks.map(({ text, anchor }) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("a"), { href: `#rec-${anchor}`, textContent: text }));
      return item;
    }));
  }
  function draw(name, files) {
    const place = find(`[data-upload][data-name="${name}"]`);
    if (!place) return;
    const list = find("[data-files]", place);
    const there = all("[data-remove]", list).map((button) => button.value);
    if (there.join() === files.map((file) => `${name}:${file.id}`).join()) return;
    list.replaceChildren(...files.map((file) => line(name, file)));
  }
  function line(name, file) {
    const item = find("[data-file-line]").cloneNode(true);
    const remove = find("[data-remove]", item);
    item.hidden = false;
    delete item.dataset.fileLine;
    find("a", item).href = file.url;
    find("a use", item).setAttribute("href", `#i-${file.icon}`);
    find("a span", item).textContent = file.name;
    remove.value = `${name}:${file.id}`;
    remove.setAttribute("aria-label", remove.getAttribute("aria-label").replace("{file}", () => file.name));
    return item;
  }
  function announce(what, name) {
    const live = find("[data-uploaded]");
    live.textContent = live.dataset[what].replace("{file}", () => name);
  }

  /* ---- files ---- */
  const uploads = window.uploads(section, { inTurn, begins: () => inTurn(save), body: ([file]) => token({ file }), sent });
  function sent(place, [file], status, said) {
    if (status === 200) {
      show(said);
      announce("uploaded", file.name);
      return report(said.saved);
    }
    if (!REFUSED[status] || (said && said.error)) return uploads.failed(place, [file], status, said);
    trouble = REFUSED[status];
    report();
  }
  section.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    event.preventDefault();
    const place = button.closest("[data-upload]");
    const name = find("a span", button.parentElement).textContent;
    inTurn(async () => {
      const { status, said } = await post(button.form.action, token({ remove: button.value }));
      if (status === 200) {
        show(said);
        announce("removed", name);
        if (document.activeElement === document.body) find("[type=file]", place).focus({ preventScroll: true });
      } else trouble = status === 404 ? "stale" : REFUSED[status] || "unreachable"; // 404: somebody else has removed it
      report(said && said.saved);
    });
  });

  /* ---- what depends on what ---- */
  function depend(by) {
    const [category, level] = [form.elements.category, form.elements.level];
    if (!level) return;
    const group = level.selectedOptions[0].closest("optgroup");
    if (by === category && group && category.value && group.dataset.category !== category.value) level.value = "";
    if (by === level && group) category.value = group.dataset.category;
    all("optgroup", level).forEach((one) => { one.hidden = one.disabled = !!category.value && one.dataset.category !== category.value; });
    const occupied = value("occupies") === "1";
    find("[data-occupied]").hidden = !occupied;
    const rows = all("[data-level]");
    const row = rows.find((one) => one.dataset.level === level.value);
    const none = occupied && !!level.value && rows.length > 0 && !(row && Number(row.dataset.remaining) > 0);
    rows.forEach((one) => { if (occupied && one === row) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current"); });
    find("[data-no-room]").hidden = !none;
    const question = document.querySelector("#dialog-pass details.question");
    if (!question) return;
    question.hidden = !none && !find("textarea", question).value;
    if (none) question.open = true;
  }
  if (missing) missing.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const target = link && document.querySelector(link.hash);
    const field = target && (target.matches("input, select, textarea") ? target : find("input, select, textarea", target));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  });

  /* ---- nothing goes on before what was typed is kept ---- */
  async function first(event, go, needed) {
    if (passing || safe()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (wait) wait.hidden = false;
    const done = await flush();
    if (wait) wait.hidden = true;
    if (!done && needed) return find(".keep button").focus();
    passing = true;
    go();
    passing = false;
  }
  /* What is missing is shown in place of a dialog that would be refused. Another page may have completed it: the server
     knows. */
  async function refuse(event, verdict) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const { said } = await post(missing.dataset.missing, token({ rowid: verdict.form.elements.rowid.value, verdict: verdict.value }));
    if (said && said.decide) {
      missing.hidden = true;
      missing.nextElementSibling.hidden = false;
      verdict.click();
      return;
    }
    missing.setAttribute("role", "alert");
    missing.focus();
  }
  document.addEventListener("click", (event) => {
    const verdict = event.target.closest("[data-decide] button");
    if (verdict) return safe() && verdict.value === "pass" && !missing.hidden ? refuse(event, verdict) : first(event, () => verdict.click(), verdict.value === "pass");
    const link = event.target.closest("a[href]");
    const leaves = link && !link.target && link.pathname + link.search !== location.pathname + location.search;
    if (leaves && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) first(event, () => link.click());
  }, true);
  document.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (target !== form) first(event, () => target.requestSubmit(submitter));
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (safe()) return;
    flush();
    event.preventDefault();
    event.returnValue = "";
  });
  window.addEventListener("pagehide", () => { if (!busy) save(); });

  if ("unsent" in form.dataset) {
    typed = 1;
    trouble = "again";
    say(trouble);
  }
  depend();
})();
