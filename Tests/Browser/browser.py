"""One Chromium for the whole run, and what every page is held to."""

import os
import pathlib
import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PICTURES = pathlib.Path(os.environ["SLUICE_PICTURES"]) if os.environ.get("SLUICE_PICTURES") else None
WIDE = (1400, 900)
PHONE = (360, 780)
VIEWS = ["/", "/request", "/trends", "/goals", "/report", "/sensors", "/operations"]


class Browser:
    def __init__(self):
        self.playwright = sync_playwright().start()
        self.chromium = self.playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

    def window(self, size=WIDE, scheme="light", language="en-GB", zone="Europe/London", **more):
        """A window of its own, with nothing kept from others. Errors of its pages are collected. `more`: as Playwright's contexts have it."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=language,
            timezone_id=zone, reduced_motion="reduce", **more)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on(
            "console",
            lambda message: page.errors.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text else None)
        page.on("dialog", lambda dialog: (page.errors.append("a dialog: " + dialog.message), dialog.dismiss()))
        return page

    def stop(self):
        self.chromium.close()
        self.playwright.stop()


def until(page, condition, given=None, seconds=20):
    """Waits until a JavaScript expression (of `given`) is true, looking at every frame.

    Playwright's own wait would have the page evaluate a string, which its Content-Security-Policy forbids.
    """
    script = f"""([given, seconds]) => new Promise((done, fail) => {{
        const end = performance.now() + seconds * 1000;
        const look = () => {{
            let isSo = false;
            try {{ isSo = Boolean({condition}); }} catch {{ /* not there yet */ }}
            if (isSo) done();
            else if (performance.now() > end) fail(new Error('it did not become so'));
            else requestAnimationFrame(look);
        }};
        look();
    }})"""
    try:
        page.evaluate(script, [given, seconds])
    except Error as error:
        # The page was left meanwhile: the next one is waited for.
        if "context was destroyed" not in str(error):
            raise AssertionError(f"{condition}: {error}") from None
        page.wait_for_load_state("domcontentloaded")
        page.evaluate(script, [given, seconds])


def settled(page):
    """The view has been shown and has its data."""
    page.wait_for_selector("body[data-view] main h1")
    until(page, "document.querySelector('main [aria-busy]') === null")
    page.wait_for_load_state("load")


def problems(page):
    """What axe finds against WCAG 2.2 A and AA, a line each."""
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    response = Axe().run(page, options=options).response
    return [
        f"{found['id']}: {node['target']} {node.get('failureSummary', '')}"
        for found in response["violations"] for node in found["nodes"][:3]
    ]


def picture(page, name, whole=False):
    if PICTURES:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
