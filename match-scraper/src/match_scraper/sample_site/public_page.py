"""The league's public page: tabs, a cookie banner over it all, and an iframe with the viewer.

The viewer comes from another site than the page, as the real one does: from `localhost`, where the page is asked for
at 127.0.0.1.
"""

import html
from collections.abc import Collection

from . import page_faults as fault
from .feeds import ACADEMY, HOMEGROWN
from .viewer import MODULAR11_VIEWER_PATH

PATH = "/mlsnext/schedule/all"
ACADEMY_TAB = "MLS NEXT Academy Division Schedule"
_LATE_MS = 1000

_PAGE = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>MLS NEXT Schedule</title>
    <style>
      #onetrust-consent-sdk {{ position: fixed; inset: 0; z-index: 2147483645; background: rgba(0, 0, 0, 0.5); }}
      iframe {{ width: 100%; height: 60vh; }}
    </style>
  </head>
  <body>
    <header><a href="/mlsnext/">MLS NEXT</a></header>
    <main role="main">
      <div role="tablist">
        <button role="tab" data-viewer="{homegrown}">MLS NEXT Schedule</button>
        <button role="tab" data-viewer="{academy}">{academy_tab}</button>
      </div>
      {iframe}
    </main>
    <script>
      const frame = document.querySelector("main iframe");
      for (const tab of document.querySelectorAll("[role=tab]")) {{
        tab.addEventListener("click", () => {{ frame.src = tab.dataset.viewer; }});
      }}
      const banner = () => {{
        const cover = document.createElement("div");
        cover.id = "onetrust-consent-sdk";
        cover.innerHTML = '<div role="dialog" aria-label="Cookies"><p>We use cookies.</p>' +
          '<button id="onetrust-accept-btn-handler">Accept All Cookies</button></div>';
        document.body.append(cover);
        document.getElementById("onetrust-accept-btn-handler").addEventListener("click", () => {{
          cover.remove();
          {consented}
        }});
      }};
      {start}
    </script>
  </body>
</html>
"""


def page(origin: str, faults: Collection[str]) -> bytes:
    """The page, for a visitor who reached this site at `origin`, misbehaving in these ways."""
    homegrown, academy = _viewers(_other_site(origin), faults)
    source = "data-src" if {fault.IFRAME_DATA_SRC, fault.IFRAME_AFTER_CONSENT} & set(faults) else "src"
    iframe = f'<iframe title="Schedule" {source}="{html.escape(homegrown)}"></iframe>'
    if fault.BANNER_NEVER in faults:
        start = ""
    else:
        start = f"setTimeout(banner, {_LATE_MS});" if fault.BANNER_LATE in faults else "banner();"
    return _PAGE.format(
        homegrown=html.escape(homegrown),
        academy=html.escape(academy),
        academy_tab=ACADEMY_TAB,
        iframe="" if fault.NO_IFRAME in faults else iframe,
        consented="frame.src = frame.dataset.src;" if fault.IFRAME_AFTER_CONSENT in faults else "",
        start=start,
    ).encode()


def _viewers(origin: str, faults: Collection[str]) -> tuple[str, str]:
    if fault.MODULAR11_VIEWER in faults:
        return f"{origin}{MODULAR11_VIEWER_PATH}homegrown/12", f"{origin}{MODULAR11_VIEWER_PATH}academy/35"
    return f"{origin}/?competition={HOMEGROWN}", f"{origin}/?competition={ACADEMY}"


def _other_site(origin: str) -> str:
    return origin.replace("//127.0.0.1", "//localhost")
