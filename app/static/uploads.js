/* Fields of files: chosen or dropped, looked at before they are sent, shown while they are on their way.
   window.uploads(section, how) takes the [data-upload] places of a section. `how`: begins(place), which answers false
   where nothing may be sent now; inTurn(task), which runs one after the other; body(files), the form to send;
   sent(place, files, status, said), what came of it; `whole` sends what was chosen at once, all of it or nothing. */
(function () {
  "use strict";
  const LARGEST = 20 * 1024 * 1024;
  const TYPES = ["application/pdf", "image/png", "image/jpeg"];

  window.uploads = function (section, { begins, inTurn, body, sent, whole }) {
    const find = (selector, within) => (within || section).querySelector(selector);
    const names = (files) => files.map((file) => file.name).join("、");
    const problem = (what, name) => find(`[data-problem="${what}"]`).textContent.replace("{file}", () => name);
    function problemOf(file) {
      if (!TYPES.includes(file.type)) return problem("type", file.name);
      if (file.size > LARGEST) return problem("size", file.name);
      return file.size ? "" : problem("empty", file.name);
    }
    function wrong(place, text) {
      if (find("span", place).textContent === text) return; // nothing new, nothing announced
      find("span", place).textContent = text;
      place.hidden = !text;
    }
    /* What the server said of a request that it refused; what it never heard of was lost. */
    function failed(place, files, status, said) {
      const error = find("[data-error]", place);
      const text = (said && said.error) || problem(status === 413 ? "size" : "lost", names(files));
      wrong(error, [find("span", error).textContent, text].filter(Boolean).join("\n"));
    }
    function take(place, files) {
      if (begins(place) === false) return;
      const problems = files.map(problemOf);
      wrong(find("[data-error]", place), problems.filter(Boolean).join("\n"));
      const good = files.filter((_file, index) => !problems[index]);
      const parts = whole ? [good].filter(() => good.length && good.length === files.length) : good.map((file) => [file]);
      parts.forEach((part) => inTurn(() => send(place, part)));
    }
    function send(place, files) {
      const bar = find("[data-progress]", place);
      const [meter, amount, looking, cancel] = ["progress", ".amount", "[data-looking]", "[data-cancel-upload]"].map((part) => find(part, bar));
      const request = new XMLHttpRequest();
      let cancelled = false;
      const tell = (part) => {
        meter.value = part;
        amount.textContent = `${Math.floor(part * 100)}%`;
        amount.hidden = cancel.hidden = part === 1; // all of it is there: now it is looked at
        looking.hidden = part < 1;
      };
      find(".name", bar).textContent = names(files);
      tell(0);
      bar.hidden = false;
      cancel.onclick = () => { cancelled = true; request.abort(); };
      return new Promise((done) => {
        request.upload.onprogress = ({ loaded, total }) => tell(loaded / total);
        request.upload.onload = () => tell(1);
        request.onloadend = done;
        request.open("POST", place.dataset.upload);
        request.setRequestHeader("Accept", "application/json");
        request.responseType = "json";
        request.send(body(files));
      }).then(() => {
        if (bar.contains(document.activeElement)) find("[type=file]", place).focus();
        bar.hidden = true;
        if (!cancelled) sent(place, files, request.status, request.response);
      });
    }
    section.querySelectorAll("[data-upload]").forEach((place) => {
      const input = find("[type=file]", place);
      const drop = find(".drop", place);
      input.addEventListener("change", () => {
        const files = Array.from(input.files);
        input.value = ""; // sent now, not with the form
        take(place, files);
      });
      place.addEventListener("dragover", () => drop.classList.add("over"));
      place.addEventListener("dragleave", (event) => { if (!place.contains(event.relatedTarget)) drop.classList.remove("over"); });
      place.addEventListener("drop", (event) => {
        drop.classList.remove("over");
        take(place, Array.from(event.dataTransfer.files));
      });
    });
    /* Beside a field a file would be opened in place of the page. */
    ["dragover", "drop"].forEach((name) => document.addEventListener(name, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      if (!event.target.closest("[data-upload]")) event.dataTransfer.dropEffect = "none";
    }));
    return { wrong, failed };
  };
})();
