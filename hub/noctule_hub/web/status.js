// Renews the status page in place, so that nothing jumps and what changed is read out; without it the browser loads
// the page anew. When the hub does not answer, it says so and how old is what is shown.
"use strict";
{
  const EVERY_MS = 60_000;
  const AGAIN_MS = 15_000;
  const PARTS = ["overall", "news", "services", "planned", "past", "foot"];
  let goodMs = performance.now();
  let timer = 0;

  // The page's own words, in its language: the units of a duration from days down, and what is said with an age.
  const stale = document.getElementById("stale");
  const [, hour, minute, second] = stale.dataset.units.split(" ");

  const ago = (ms) => {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} ${second}`;
    return minutes < 60 ? `${minutes} ${minute}` : `${Math.floor(minutes / 60)} ${hour} ${minutes % 60} ${minute}`;
  };

  const tellAge = (isLost) => {
    const text = isLost ? stale.dataset.lost.replace("{age}", ago(performance.now() - goodMs)) : "";
    if (stale.textContent !== text) stale.textContent = text;
    stale.hidden = !isLost;
  };

  const take = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    // Another language was chosen in the browser: all of the page is to be in it.
    if (fresh.documentElement.lang !== document.documentElement.lang) return location.reload();
    document.title = fresh.title;
    for (const id of PARTS) {
      const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
      if (old === null || now === null) return location.reload();
      old.className = now.className;
      if (old.innerHTML !== now.innerHTML) old.replaceChildren(...now.childNodes);
    }
  };

  const renew = async () => {
    clearTimeout(timer);
    let isLost = false;
    try {
      const answer = await fetch(location.pathname, { cache: "no-cache", signal: AbortSignal.timeout(10_000) });
      if (answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      take(await answer.text());
      goodMs = performance.now();
    } catch {
      isLost = true;
    }
    tellAge(isLost);
    timer = setTimeout(renew, isLost ? AGAIN_MS : EVERY_MS);
  };

  timer = setTimeout(renew, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && performance.now() - goodMs > EVERY_MS) void renew();
  });
  window.addEventListener("online", () => void renew());
}
