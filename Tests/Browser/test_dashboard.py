"""The pages in a real browser, over a whole daemon. Named after what people see.

Runs in the order of the names, for the city's day goes on; `deploy/check browser` runs it.
"""

import base64
import json
import re
import shutil
import unittest
import urllib.parse

from browser import PHONE, VIEWS, WIDE, Browser, picture, problems, settled, until
from city import ROOT, Daemon, Demo, scratch

# The smallest picture that there is.
PHOTO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = "<img src=x onerror=alert(1)>"


def setUpModule():
    global browser, demo, folder
    folder = scratch()
    demo = Demo(folder, rate=600)
    browser = Browser()


def tearDownModule():
    browser.stop()
    demo.stop()
    shutil.rmtree(folder, ignore_errors=True)


class ACityOnOnePage(unittest.TestCase):
    def open(self, path, **window):
        page = browser.window(**window)
        self.addCleanup(page.context.close)
        page.goto(demo.address + path)
        settled(page)
        return page

    def test_01_a_burst_shows_live_and_leads_to_its_evidence(self):
        page = self.open("/")
        page.evaluate("""window.isTheSamePage = true; window.said = [];
            new MutationObserver(() => said.push(document.querySelector('#announcer').textContent))
                .observe(document.querySelector('#announcer'), { childList: true, characterData: true, subtree: true }); 0""")
        card = page.locator(".request h3 a", has_text=re.compile("burst", re.I)).first
        card.wait_for(timeout=110_000)
        self.assertTrue(page.evaluate("window.isTheSamePage"), "the page was loaded again")
        self.assertEqual(page.locator("#live").get_attribute("data-state"), "live")
        # Its pressure or flow may have been seen first: then it was announced as a leak, and became a burst.
        until(page, "said.some((text) => /burst|leak|new requests/i.test(text))")
        title = card.inner_text()
        page.wait_for_selector(".leaflet-marker-icon")
        picture(page, "map-wide-light")
        card.click()
        page.wait_for_selector("main header h1")
        self.assertIn(title, page.locator("main h1").inner_text())
        until(page, "document.querySelector('figure .summary') && document.querySelector('figure .summary').textContent.length > 20")
        self.assertIn("Measured between", page.locator("figure .summary").inner_text())
        until(page, """(() => { const c = document.querySelector('figure canvas'); return c.width > 300 &&
            c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value !== 0) })()""")
        self.assertGreater(page.locator(".story li").count(), 0)
        picture(page, "request-wide-light", whole=True)
        self.assertEqual(page.errors, [])

    def test_02_a_filtered_view_is_found_again_in_another_window(self):
        page = self.open("/")
        page.wait_for_selector("button.tile[data-service]")
        page.locator("button.tile[data-service=sensor-fault]").click()
        page.select_option("#filter-severity", "2")
        page.select_option("#filter-status", "any")
        until(page, "document.querySelector('#list-title').textContent === 'Requests'")
        page.wait_for_selector(".request[data-service=sensor-fault]")
        titles = lambda page: page.locator(".request h3").all_inner_texts()
        self.assertEqual(page.locator(".request:not([data-service=sensor-fault])").count(), 0)
        query = urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query)
        self.assertEqual((query["service"], query["severity"], query["status"]), (["sensor-fault"], ["2"], ["any"]))
        other = browser.window()
        self.addCleanup(other.context.close)
        other.goto(page.url)
        settled(other)
        other.wait_for_selector(".request[data-service=sensor-fault]")
        other.wait_for_selector("button.tile[data-service=sensor-fault][aria-pressed=true]")
        self.assertEqual(other.locator("#filter-severity").input_value(), "2")
        self.assertEqual(other.locator("#filter-status").input_value(), "any")
        listed = "JSON.stringify(Array.from(document.querySelectorAll('.request h3'), (node) => node.innerText))"
        until(other, f"{listed} === given", page.evaluate(listed))
        self.assertGreater(len(titles(other)), 0)
        self.assertEqual(page.errors + other.errors, [])

    def test_03_every_view_passes_the_audit_in_light_and_dark_at_two_widths(self):
        request = demo.get("/open311/v2/requests.json?service_code=water-leak,traffic-anomaly")[0]["service_request_id"]
        sensor = demo.get("/api/sensors")["rows"][0][0]
        views = VIEWS + [f"/request?id={request}", "/sensors?" + urllib.parse.urlencode({"id": sensor})]
        found = []
        for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")):
            page = browser.window(size=size, scheme=scheme)
            for view in views:
                page.goto(demo.address + view)
                settled(page)
                where = f"{view} {size[0]} {scheme}"
                name = (view.strip("/").split("?")[0] or "map") + ("-one" if "?" in view else "")
                if view == "/":
                    page.wait_for_selector("path.ward")
                if "id=" in view:
                    until(page, "document.querySelector('figure .summary').textContent !== ''")
                    until(page, "document.querySelector('figure canvas').style.height !== '' || document.querySelector('figure canvas').height !== 150")
                # Both colour schemes have the same structure: what differs is contrast, which one width shows.
                if size == WIDE or scheme == "light":
                    found += [f"{where}: {problem}" for problem in problems(page)]
                wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wider > 0:
                    found.append(f"{where}: {wider} pixels wider than the window")
                found += [f"{where}: {error}" for error in page.errors]
                page.errors.clear()
                picture(page, f"{name}-{'wide' if size == WIDE else 'phone'}-{scheme}", whole=size == PHONE)
            page.context.close()
        self.assertEqual(found, [], "\n".join(found))

    def test_04_everything_can_be_reached_and_done_with_the_keyboard(self):
        page = self.open("/")
        page.wait_for_selector(".request h3 a")
        page.wait_for_selector("button.tile[data-service]")
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.className"), "skip")
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate("document.activeElement.id"), "main")
        seen = []
        for _ in range(40):
            page.keyboard.press("Tab")
            what = page.evaluate("""() => { const e = document.activeElement; const r = e.getBoundingClientRect(); const s = getComputedStyle(e);
                return { tag: e.tagName, tile: e.matches('button.tile'), select: e.tagName === 'SELECT', card: e.matches('.request h3 a'), map: e.matches('.leaflet-control-zoom a, .leaflet-container'),
                         seen: r.width > 0 && r.height > 0, outlined: s.outlineStyle !== 'none' || e.matches('.leaflet-container') } }""")
            seen.append(what)
            self.assertTrue(what["seen"], what)
            self.assertTrue(what["outlined"], f"focus can't be seen: {what}")
            if what["card"]:
                break
        self.assertTrue(any(what["tile"] for what in seen) and any(what["select"] for what in seen) and seen[-1]["card"], seen)
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-view=request] main h1")
        # A filter by keyboard alone.
        page.goto(demo.address + "/")
        settled(page)
        page.wait_for_selector("button.tile[data-service]")
        page.locator("button.tile[data-service]").first.focus()
        page.keyboard.press("Space")
        page.wait_for_selector("button.tile[aria-pressed=true]")
        self.assertIn("service=", page.url)

    def test_05_sensors_tell_how_they_do_and_show_their_history_at_any_zoom(self):
        page = self.open("/sensors")
        page.wait_for_selector("tbody tr")
        page.fill("#sensor-search", "flow")
        until(page, "Array.from(document.querySelectorAll('.two section:first-child tbody th')).every((cell) => /flow/i.test(cell.closest('tr').innerText))")
        self.assertIn("q=flow", page.url)
        page.locator("tbody th a").first.click()
        page.wait_for_selector("#history-title")
        until(page, "/readings? from/.test(document.querySelector('figure .summary').textContent)")
        week = page.locator("figure .summary").inner_text()
        page.get_by_role("button", name="24 hours").click()
        until(page, "document.querySelector('figure .summary').textContent !== given", week)
        self.assertIn("range=24h", page.url)
        page.get_by_role("button", name="Closer").click()
        until(page, "location.search.includes('from=')")
        page.locator("figure summary").click()
        self.assertGreater(page.locator("figure tbody tr").count(), 3)
        self.assertEqual(page.errors, [])

    def test_06_operations_follow_decisions_as_they_are_made(self):
        page = self.open("/operations")
        until(page, "/\\d/.test(document.querySelector('.tile b').textContent)")
        page.wait_for_selector(".sign[data-state=well]")
        page.wait_for_selector(".tail li", timeout=60_000)
        self.assertEqual(page.errors, [])

    def test_07_goals_and_trends_stand_on_figures(self):
        page = self.open("/goals")
        page.wait_for_selector("section.card h2")
        self.assertGreater(page.locator(".goal .stands").count(), 0)
        self.assertGreater(page.locator("section.card a[href*='service=']").count(), 0)
        page.emulate_media(media="print")
        self.assertFalse(page.locator("#views").is_visible())
        picture(page, "goals-print", whole=True)
        page.emulate_media(media="screen")
        page.goto(demo.address + "/trends")
        settled(page)
        until(page, "document.querySelector('figure .summary').textContent !== ''")
        with page.expect_download() as handed:
            page.locator("figure button").first.click()
        self.assertTrue(handed.value.suggested_filename.endswith(".csv"))
        self.assertEqual(page.errors, [])

    def test_08_other_languages_turn_the_page_and_count_right(self):
        page = self.open("/?lang=ur")
        self.assertEqual(page.evaluate("[document.documentElement.lang, document.documentElement.dir]"), ["ur", "rtl"])
        self.assertEqual(page.locator("h1").inner_text(), "کھلی درخواستیں")
        brand = page.locator(".brand").bounding_box()
        self.assertGreater(brand["x"], WIDE[0] / 2, "the page was not turned round")
        self.assertEqual(problems(page), [])
        picture(page, "map-urdu")
        page.goto(demo.address + "/?lang=pl")
        settled(page)
        words = page.evaluate("""async () => { const { t } = await import('/assets/core/strings.js');
            return [1, 2, 5, 22, 112].map((n) => t('new-requests', { n })) }""")
        self.assertEqual(words, ["1 nowe zgłoszenie", "2 nowe zgłoszenia", "5 nowych zgłoszeń", "22 nowe zgłoszenia", "112 nowych zgłoszeń"])
        # A choice is kept, and the address wins over it.
        page.select_option("#language", "en")
        until(page, "document.documentElement.lang === 'en'")
        self.assertEqual(page.errors, [])

    def test_09_nothing_moves_as_data_arrives(self):
        page = browser.window()
        self.addCleanup(page.context.close)
        page.add_init_script("""window.moved = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())
            if (!entry.hadRecentInput) window.moved += entry.value; }).observe({ type: 'layout-shift', buffered: true });""")
        for view in ("/", "/trends", "/sensors"):
            page.goto(demo.address + view)
            settled(page)
            if view == "/":
                page.wait_for_selector(".leaflet-marker-icon")
            moved = page.evaluate("window.moved")
            self.assertLess(moved, 0.1, f"{view} moved by {moved:.3f}")

    def test_10_the_page_loads_from_this_server_alone_and_takes_no_cookies(self):
        page = browser.window()
        self.addCleanup(page.context.close)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        for view in VIEWS:
            answer = page.goto(demo.address + view)
            settled(page)
            policy = answer.headers["content-security-policy"]
            self.assertIn("default-src 'self'", policy)
            self.assertNotIn("unsafe", policy)
        self.assertEqual([url for url in asked if not url.startswith((demo.address, "data:", "blob:"))], [])
        self.assertEqual(page.context.cookies(), [])
        self.assertEqual(page.errors, [])


    def test_11_a_resident_reports_and_follows_it(self):
        page = self.open("/report")
        page.wait_for_selector(".map path.ward")
        page.get_by_role("button", name="Send").click()
        page.wait_for_selector("[role=alert].trouble")
        page.locator("input[name=service][value=bin-full]").check()
        page.get_by_role("button", name="Take the middle of the map").click()
        page.fill("#words", f"The bin by the bus stop is full. {HOSTILE}")
        page.set_input_files("#photo", {"name": "bin.png", "mimeType": "image/png", "buffer": base64.b64decode(PHOTO)})
        self.assertEqual(problems(page), [])
        picture(page, "report-wide-light", whole=True)
        page.get_by_role("button", name="Send").click()
        page.wait_for_selector("[role=alert].done a")
        page.get_by_role("link", name="Follow it").click()
        page.wait_for_selector("body[data-view=request] main header h1")
        self.assertIn(f"The bin by the bus stop is full. {HOSTILE}", page.locator("main").inner_text())
        self.assertEqual(page.locator("img[src='x']").count(), 0)
        self.assertEqual(page.errors, [])


class TheCatalogue(unittest.TestCase):
    def keys(self, language):
        page = browser.window()
        self.addCleanup(page.context.close)
        page.goto(demo.address + "/request")
        settled(page)
        return set(page.evaluate("async (path) => Object.keys((await import(path)).default)", f"/assets/strings/{language}.js"))

    def test_english_has_every_string_and_no_other_language_has_one_that_nobody_says(self):
        english = self.keys("en")
        said = set()
        for script in (ROOT / "Sources/Dashboard/Assets").rglob("*.js"):
            said |= set(re.findall(r"\bt\('([\w-]+)'[,)]", script.read_text()))
        said |= set(re.findall(r'data-t(?:-label)?="([\w-]+)"', (ROOT / "Sources/Dashboard/Assets/index.html").read_text()))
        self.assertGreater(len(said), 150)
        self.assertEqual(said - english, set())
        for language in ("pl", "ur"):
            self.assertEqual(self.keys(language) - english, set(), language)


class AHostileSensor(unittest.TestCase):
    def test_its_name_is_text_on_every_page(self):
        place = scratch()
        self.addCleanup(lambda: shutil.rmtree(place, ignore_errors=True))
        daemon = Daemon(place)
        self.addCleanup(daemon.stop)
        page = browser.window()
        self.addCleanup(page.context.close)
        page.goto(daemon.address + "/operations")
        settled(page)
        page.wait_for_selector("#live[data-state=live]")
        for value in (21, 22, 96, 97, 98, 99):
            daemon.publish(f"sluice/bin-fill/{HOSTILE}", json.dumps({"metric": "temperature_c", "value": value}))
        daemon.publish("sluice/bin-fill/other", HOSTILE)
        page.wait_for_selector(f"text={HOSTILE} >> visible=true", timeout=60_000)

        def harmless(where):
            self.assertEqual(page.locator("img[src='x'], [onerror]").count(), 0, where)
            self.assertEqual(page.errors, [], where)

        harmless("operations")
        page.goto(daemon.address + "/sensors")
        settled(page)
        page.locator("tbody th a", has_text=HOSTILE).click()
        page.wait_for_selector("#history-title")
        self.assertEqual(page.locator("h1").inner_text(), HOSTILE)
        until(page, "document.querySelector('figure .summary').textContent !== ''")
        harmless("sensor")
        page.goto(daemon.address + "/")
        settled(page)
        page.locator(".request h3 a").first.click()
        page.wait_for_selector("main header h1")
        until(page, "document.querySelector('.facts')")
        self.assertIn(HOSTILE, page.locator("main").inner_text())
        harmless("request")


if __name__ == "__main__":
    unittest.main(verbosity=2)
