// A page that is open shows a change by itself: told of one, it reads its own address again and puts in what is
// different, so that nothing else moves. Without it, or where the stream is lost for good, the page is as it was read.
"use strict";

{
  const BACK_AFTER = 30_000; // milliseconds until a stream that was refused is asked for again
  const SPREAD = 250; // so many readers do not all ask in the same moment
  const named = (root) => [...root.querySelectorAll('link[type="text/event-stream"]')];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const news = document.createElement("p");
  news.className = "unseen";
  news.setAttribute("role", "status");

  let streams = [];
  let soon = 0;
  let reading = false;
  let again = false;

  // Streams are open only while somebody looks: a browser has few to give, and who comes back is told what was missed.
  function listen() {
    hush();
    if (document.hidden) return;
    streams = named(document).map((link) => {
      const stream = new EventSource(link.href);
      stream.addEventListener("changed", look);
      stream.addEventListener("error", () => {
        if (stream.readyState === EventSource.CLOSED) setTimeout(() => streams.includes(stream) && listen(), BACK_AFTER);
      });
      return stream;
    });
  }

  function hush() {
    for (const stream of streams) stream.close();
    streams = [];
  }

  function look() {
    soon ||= setTimeout(() => { soon = 0; read(); }, Math.random() * SPREAD);
  }

  async function read() {
    again = reading;
    if (reading) return;
    reading = true;
    try {
      do { again = false; await show(); } while (again);
    } finally {
      reading = false;
    }
  }

  async function show() {
    let answer;
    let text;
    try {
      answer = await fetch(location.href, { cache: "no-cache" });
      text = await answer.text();
    } catch {
      setTimeout(look, BACK_AFTER / 6);
      return;
    }
    if (answer.status === 429 || answer.status >= 500) setTimeout(look, BACK_AFTER / 6);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const main = fresh.querySelector("main");
    const links = named(fresh);
    if (!main) return;
    localise(main);
    for (const link of named(document)) link.remove();
    document.head.append(...links);
    document.title = fresh.title;
    for (const row of document.querySelectorAll("[data-changed]")) row.removeAttribute("data-changed");
    const focused = document.activeElement;
    const changed = new Set();
    renew(document.querySelector("main"), main, changed);
    if (document.activeElement !== focused && focused.isConnected) focused.focus({ preventScroll: true });
    if (!changed.size) return;
    news.textContent = "";
    setTimeout(() => { news.textContent = `${links[0]?.title ?? "Page"} updated`; }, 100);
    if (still.matches) return;
    for (const row of changed) row.setAttribute("data-changed", "");
  }

  // What stands where it stood stays the same element, with its focus, its scroll position and what was opened in it.
  function renew(old, fresh, changed) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.data = fresh.data;
      return;
    }
    if (old.matches("tbody tr, li, .scoreboard") && old.textContent !== fresh.textContent) changed.add(old);
    for (const { name } of [...old.attributes]) {
      if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const left = new Map();
    for (const node of old.childNodes) {
      const key = identity(node);
      left.set(key, [...(left.get(key) ?? []), node]);
    }
    let place = old.firstChild;
    for (const node of [...fresh.childNodes]) {
      const kept = left.get(identity(node))?.shift();
      if (!kept) {
        old.insertBefore(node, place);
        if (node.nodeType === Node.ELEMENT_NODE && node.matches("tbody tr, li")) changed.add(node);
        continue;
      }
      if (kept === place) place = place.nextSibling;
      else old.insertBefore(kept, place);
      renew(kept, node, changed);
    }
    for (const gone of [...left.values()].flat()) gone.remove();
  }

  // Rows are known by the team or match that they lead to, all else by its kind and its order.
  function identity(node) {
    const row = node.nodeType === Node.ELEMENT_NODE && node.matches("tr, li");
    return `${node.nodeName} ${node.id ?? ""} ${row ? node.querySelector("a[href]")?.getAttribute("href") ?? "" : ""}`;
  }

  if ("EventSource" in window && named(document).length) {
    document.body.append(news);
    document.addEventListener("animationend", ({ target }) => target.removeAttribute("data-changed"));
    document.addEventListener("visibilitychange", listen);
    addEventListener("pageshow", listen); // after the page itself, and when it comes back out of the browser's history
    addEventListener("pagehide", hush);
  }
}
