/* The tree stands as one left it: what was unfolded or folded is kept for the browser's session; the branch where
   one is stands open in any case. The page works without this file. */
(function () {
  "use strict";
  const STORE = "archive.tree";
  const tree = document.querySelector("[data-tree]");
  const branches = Array.from(tree.querySelectorAll("details"));
  let unfolded = [];
  try { unfolded = JSON.parse(sessionStorage.getItem(STORE)) || []; } catch { /* no storage: as the server made it */ }

  branches.forEach((branch) => { if (unfolded.includes(branch.dataset.key)) branch.open = true; });
  const here = tree.querySelector("[aria-current]");
  if (here) tree.scrollTop = here.offsetTop - tree.clientHeight / 2;
  function keep() {
    const keys = branches.filter((branch) => branch.open).map((branch) => branch.dataset.key);
    try { sessionStorage.setItem(STORE, JSON.stringify(keys)); } catch { /* as above */ }
  }
  keep();
  tree.addEventListener("toggle", keep, true); // a toggle does not bubble
})();
