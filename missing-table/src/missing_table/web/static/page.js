// What pages do better with a script: local times, and a switch that needs no button. Everything works without.
"use strict";

// Times stand in UTC in the page: add or show the reader's own.
for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const yours = time.dataset.local === "yours";
  const form = yours ? {} : { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  const zone = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" };
  const text = new Intl.DateTimeFormat(document.documentElement.lang, { ...form, ...zone, hourCycle: "h23" }).format(moment);
  time.title = time.textContent;
  time.textContent = yours ? `${text} where you are` : text;
}

// A choice by mouse or touch shows its table at once. Arrow keys pass through choices on their way: those who use
// the keyboard press Enter, or the button.
for (const form of document.querySelectorAll("form.switch")) {
  let keyed = false;
  form.addEventListener("keydown", (event) => {
    keyed = true;
    if (event.key === "Enter" && event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
  form.addEventListener("pointerdown", () => { keyed = false; });
  form.addEventListener("change", () => { if (!keyed) form.requestSubmit(); });
}
