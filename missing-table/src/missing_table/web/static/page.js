// What pages do better with a script: local times, and a switch that needs no button. Everything works without.
"use strict";

// Times stand in UTC in the page: show the reader's own, in the same form.
const local = new Intl.DateTimeFormat("en", {
  weekday: "short", day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});
const isoDay = new Intl.DateTimeFormat("sv"); // Swedish days are 2026-10-11
function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const part = Object.fromEntries(local.formatToParts(moment).map(({ type, value }) => [type, value]));
    const hour = `${part.hour}:${part.minute} ${part.timeZoneName}`;
    time.title = time.textContent;
    if (time.dataset.local === "yours") { // beside the venue's: the day is said where it is another there
      const day = isoDay.format(moment) === time.dataset.day ? "" : `${part.weekday} ${part.day} ${part.month}, `;
      time.textContent = `${day}${hour} where you are`;
    } else {
      time.textContent = `${part.weekday} ${part.day} ${part.month} ${part.year}, ${hour}`;
    }
  }
}
localise(document);

// A choice by mouse or touch shows its table at once. Arrow keys pass through choices on their way: those who use
// the keyboard press Enter, or the button.
for (const form of document.querySelectorAll("form.switch")) {
  let keyed = false;
  // who comes back to this page finds the choice of this page, not the one that led away from it
  addEventListener("pageshow", () => form.reset());
  form.addEventListener("keydown", (event) => {
    keyed = true;
    if (event.key === "Enter" && event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
  form.addEventListener("pointerdown", () => { keyed = false; });
  form.addEventListener("change", () => { if (!keyed) form.requestSubmit(); });
}
