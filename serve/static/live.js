// Live arrival of stories and keys. The page works without it.
"use strict";
(() => {
  const list = document.getElementById("stories");
  if (!list) return;

  // Keys: j and k walk the headlines, o opens, / searches.
  let here = -1;
  const rows = () => [...list.querySelectorAll(".story")];
  const go = (to) => {
    const all = rows();
    if (!all.length) return;
    here = Math.max(0, Math.min(all.length - 1, to));
    all.forEach((r, i) => r.classList.toggle("here", i === here));
    all[here].querySelector("h3 a").focus({ preventScroll: true });
    all[here].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    if (e.key === "j") go(here + 1);
    else if (e.key === "k") go(here - 1);
    else if (e.key === "o" && here >= 0) rows()[here].querySelector("h3 a").click();
    else if (e.key === "/") document.getElementById("search").focus();
    else return;
    e.preventDefault();
  });

  // Live: when stories change, the same address is read again and the list replaced.
  const live = document.body.dataset.live;
  if (!live || !window.EventSource) return;
  const news = document.getElementById("news");
  let reading = false, again = false;
  const refresh = async () => {
    if (reading) { again = true; return; }
    reading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("stories");
        const known = new Set(rows().map((r) => r.id));
        const focused = document.activeElement && document.activeElement.closest(".story");
        let added = 0;
        fresh.querySelectorAll(".story").forEach((r) => {
          if (!known.has(r.id)) { r.classList.add("new"); added++; }
        });
        list.replaceChildren(...fresh.childNodes);
        if (focused) {
          const i = rows().findIndex((r) => r.id === focused.id);
          if (i >= 0) go(i);
        }
        if (added) {
          news.className = "sr";
          news.hidden = false;
          news.textContent = added === 1 ? "A new story has arrived." : added + " new stories have arrived.";
        }
      }
    } catch { /* the next event tries again */ }
    setTimeout(() => { reading = false; if (again) { again = false; refresh(); } }, 1000);
  };
  const stream = new EventSource(live);
  stream.addEventListener("changed", refresh);
})();
