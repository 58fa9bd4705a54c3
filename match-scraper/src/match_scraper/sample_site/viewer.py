"""What the public page's iframe holds: the Assist viewer, or modular11's as it was until 2025-26.

Each is a page with a script that asks for its data, as the real ones do.
"""

ASSIST_VIEWER = (
    b'<!doctype html>\n<html lang="en">\n  <head>\n    <meta charset="utf-8">\n'
    b'    <meta name="viewport" content="width=device-width, initial-scale=1">\n'
    b"    <title>Schedule and standings</title>\n"
    b'    <link rel="icon" type="image/svg+xml" href="/assets/ball.svg">\n'
    b'    <link rel="stylesheet" href="/assets/viewer-3f9c2b.css">\n'
    b'    <script type="module" crossorigin src="/assets/viewer-81d0ea.js"></script>\n'
    b'    <meta name="description" content="Fixtures, results and standings of every age group">\n'
    b"  </head>\n  <body>\n    <noscript>This page needs JavaScript to show schedules and standings.</noscript>\n"
    b'    <div id="viewer" data-feeds="/data/"></div>\n  </body>\n</html>\n'
)
"""Also what every unknown address answers."""
ASSIST_SCRIPT_PATH = "/assets/viewer-81d0ea.js"
ASSIST_SCRIPT = b"""\
const viewer = document.getElementById("viewer");
const key = new URLSearchParams(location.search).get("competition");
const read = (kind) => fetch(`${viewer.dataset.feeds}${kind}/${key}.json`).then((answer) => answer.json());
const [schedule, standings] = await Promise.all([read("schedule"), read("standings")]);
viewer.textContent = `${schedule.events.length} matches, ${standings.competition_season.name}`;
"""
MODULAR11_VIEWER_PATH = "/league-schedule/"
MODULAR11_VIEWER = b"""\
<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>League schedule</title></head>
  <body>
    <div id="matches"></div>
    <script src="/league-schedule.js"></script>
  </body>
</html>
"""
MODULAR11_SCRIPT_PATH = "/league-schedule.js"
MODULAR11_SCRIPT = b"""\
const question = new URLSearchParams({
  open_page: 1, academy: 0, tournament: location.pathname.split("/").pop(), gender: 0, status: "all", match_type: 2,
  start_date: "2026-08-01 00:00:00", end_date: "2027-07-15 23:59:59",
});
for (const age of [21, 22, 33, 14, 15, 26]) question.append("age[]", age);
fetch(`/public_schedule/league/get_matches?${question}`)
  .then((answer) => answer.text())
  .then((matches) => { document.getElementById("matches").innerHTML = matches; });
"""
NEVER_ASKS = b"// nothing is asked for\n"
HANGS = b"for (;;) {}\n"
