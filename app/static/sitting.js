/* Warns before the session ends by itself. Other windows of the same browser keep it going too, so the server is asked
   before anybody is warned. */
(() => {
  const box = document.querySelector(".ending");
  const text = box.querySelector("[data-told]");
  const stay = box.querySelector("[data-stay-on]");
  const WARN = 120; // seconds before
  let ends = Date.now() + Number(box.dataset.left) * 1000;
  let timer = 0;

  const left = () => Math.max(0, (ends - Date.now()) / 1000);
  function again(seconds) {
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(1, seconds) * 1000);
  }
  async function ask(url, options) {
    const answer = await fetch(url, { ...options, redirect: "error", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    ends = Date.now() + (await answer.json()).left * 1000;
  }
  function isFar() {
    if (left() <= WARN) return false;
    box.hidden = true;
    again(left() - WARN);
    return true;
  }
  async function look() {
    if (isFar()) return;
    try { await ask(box.dataset.until); } catch { if (left() > 5) return again(left() / 2); ends = Date.now(); }
    if (isFar()) return;
    const over = left() < 1;
    text.textContent = over ? text.dataset.over : text.dataset.told.replace("{n}", Math.ceil(left() / 60));
    stay.hidden = over;
    box.hidden = false;
    if (!over) again(Math.min(30, left()));
  }
  stay.addEventListener("click", async () => {
    try { await ask(box.dataset.stay, { method: "POST", body: new URLSearchParams({ csrf_token: box.dataset.token }) }); } catch { ends = Date.now(); }
    look();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  again(left() - WARN);
})();
