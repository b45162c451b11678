/* 岗位核准信息 as it is typed: rows come and go, levels follow their category, sums are reckoned and checked. The server
   checks all of it again; the page works without this file. */
(function () {
  "use strict";
  const form = document.querySelector("[data-posts]");
  const body = form.querySelector("[data-rows]");
  const blank = form.querySelector("[data-blank]").innerHTML;
  const all = (selector, within) => Array.from((within || form).querySelectorAll(selector));
  const field = (row, name) => row.querySelector(`[data-field="${name}"]`);
  let last = body.rows.length;

  /* ---- numbers ---- */
  function number(input) {
    const typed = input.value.normalize("NFKC").trim(); // digits of an input method are digits
    return /^\d{1,10}$/.test(typed) ? Number(typed) : null;
  }
  /* `message`: what is wrong; empty: nothing. What the server said stays until its field is changed. */
  function tell(input, message) {
    const error = document.getElementById(`${input.id}-error`);
    if (!message && input.dataset.told === undefined) return;
    input.dataset.told = message;
    error.querySelector("span").textContent = message;
    error.hidden = !message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  function forget(input) {
    input.dataset.told = "";
    tell(input, "");
  }

  function check() {
    const sums = {};
    const seen = new Set();
    Array.from(body.rows).forEach((row) => {
      const [category, level] = [field(row, "category").value, field(row, "level").value];
      const [approved, filled] = [number(field(row, "approved")), number(field(row, "filled"))];
      [category, "all"].forEach((key) => {
        const sum = sums[key] || (sums[key] = { approved: 0, filled: 0 });
        sum.approved += approved || 0;
        sum.filled += filled || 0;
      });
      tell(field(row, "filled"), approved !== null && filled !== null && filled > approved ? form.dataset.more : "");
      tell(field(row, "level"), level && seen.has(level) ? form.dataset.twice : "");
      seen.add(level);
    });
    all("[data-sum]").forEach((line) => {
      const sum = sums[line.dataset.sum] || { approved: 0, filled: 0 };
      all("[data-part]", line).forEach((cell) => { cell.textContent = sum[cell.dataset.part]; });
    });
    const total = number(form.elements.total);
    const sum = sums.all ? sums.all.approved : 0;
    tell(form.elements.total, total !== null && sum > total ? form.dataset.over.replace("{sum}", sum) : "");
  }

  /* ---- levels follow their category, and bring it where none was chosen ---- */
  function narrow(row) {
    const category = field(row, "category").value;
    all("optgroup", row).forEach((group) => { group.hidden = group.disabled = Boolean(category) && group.dataset.category !== category; });
  }
  body.addEventListener("change", (event) => {
    const row = event.target.closest("tr");
    const [category, level] = [field(row, "category"), field(row, "level")];
    const group = level.selectedOptions[0].closest("optgroup");
    if (event.target === level && group && !category.value) { category.value = group.dataset.category; forget(category); }
    if (event.target === category && group && category.value && group.dataset.category !== category.value) level.value = "";
    narrow(row);
    check();
  });
  form.addEventListener("input", (event) => {
    if (document.getElementById(`${event.target.id}-error`)) forget(event.target);
    check();
  });

  /* ---- rows ---- */
  form.querySelector("[data-add]").addEventListener("click", (event) => {
    event.preventDefault();
    last += 1;
    body.insertAdjacentHTML("beforeend", blank.replaceAll("{n}", last));
    field(body.rows[body.rows.length - 1], "category").focus();
  });
  body.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove]");
    if (!remove) return;
    const row = remove.closest("tr");
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    (next ? next.querySelector("[data-remove]") : form.querySelector("[data-add]")).focus();
    check();
  });

  /* ---- the file: its size is known before it is sent ---- */
  form.elements.form.addEventListener("change", (event) => {
    const [file] = event.target.files;
    const large = file && file.size > Number(event.target.dataset.limit);
    forget(event.target);
    if (large) { tell(event.target, `${file.name} ${form.dataset.large}`); event.target.value = ""; }
  });

  Array.from(body.rows).forEach(narrow);
  const wrong = form.querySelector('[aria-invalid="true"]');
  if (wrong) wrong.focus();
  check();
})();
