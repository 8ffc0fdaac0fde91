"""Words, colours, and what a page is allowed to do: what holds for every view."""

import re
import unittest

import stage
from browser import PHONE, VIEWS, settled, until
from city import ROOT
from colours import told_apart
from stage import HOSTILE

ASSETS = ROOT / "Sources/Dashboard/Assets"


def setUpModule():
    stage.begin()


class TheCatalogue(stage.Case):
    def words(self):
        page = self.open("/request")
        return {
            language: page.evaluate("async (path) => (await import(path)).default", f"/assets/strings/{language}.js")
            for language in ("en", "pl", "ur")
        }

    def test_every_string_is_there_in_every_language_with_its_plurals_and_places(self):
        words = self.words()
        said = set()
        for script in ASSETS.rglob("*.js"):
            said |= set(re.findall(r"\bt\('([\w-]+)'[,)]", script.read_text()))
        said |= set(re.findall(r'data-t(?:-label)?="([\w-]+)"', (ASSETS / "index.html").read_text()))
        # What rules are called stands in the source of the detection.
        source = (ROOT / "Sources/Detection/Rule.swift").read_text().split("public var name: String {")[1]
        rules = re.findall(r'case \.\w+: "([\w-]+)"', source.split("    }\n\n")[0])
        self.assertGreater(len(rules), 15)
        said |= {"rule-" + name for name in rules}
        self.assertGreater(len(said), 200)
        self.assertEqual(said - set(words["en"]), set())
        forms = {"en": {"one", "other"}, "ur": {"one", "other"}, "pl": {"one", "few", "many", "other"}}
        places = lambda text: set(re.findall(r"\{(\w+)\}", text))
        for language, catalogue in words.items():
            self.assertEqual(set(catalogue) ^ set(words["en"]), set(), f"{language} lacks some, or has what nobody says")
            for key, text in catalogue.items():
                english = words["en"][key]
                wanted = places(english if isinstance(english, str) else english["other"])
                if isinstance(text, str):
                    self.assertEqual(places(text), wanted, f"{language} {key}")
                    continue
                self.assertEqual(set(text), forms[language], f"{language} {key}")
                self.assertEqual(places(text["other"]), wanted, f"{language} {key}")

    def test_a_string_that_a_language_lacks_is_said_in_english(self):
        page = self.window()
        page.route("**/assets/strings/pl.js", lambda route: route.fulfill(
            content_type="text/javascript", body="export default { 'map': 'Mapa' };"))
        page.goto(stage.demo().address + "/trends?lang=pl")
        settled(page)
        self.assertEqual(page.locator("#views a").first.inner_text(), "Mapa")
        self.assertEqual(page.locator("h1").inner_text(), "Trends")

    def test_polish_counts_as_poles_do(self):
        page = self.open("/request?lang=pl")
        words = page.evaluate("""async () => { const { t } = await import('/assets/core/strings.js');
            return [0, 1, 2, 5, 12, 22, 112].map((n) => t('new-requests', { n })) }""")
        self.assertEqual(words, [
            "0 nowych zgłoszeń", "1 nowe zgłoszenie", "2 nowe zgłoszenia", "5 nowych zgłoszeń", "12 nowych zgłoszeń",
            "22 nowe zgłoszenia", "112 nowych zgłoszeń"])

    def test_every_view_fits_a_phone_in_every_language_and_urdu_runs_from_the_right(self):
        for language in ("pl", "ur"):
            page = self.window(size=PHONE)
            for view in VIEWS:
                page.goto(f"{stage.demo().address}{view}?lang={language}")
                settled(page)
                wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                self.assertLessEqual(wider, 0, f"{view} in {language} is wider than the window")
                self.assertEqual(page.errors, [], view)
            if language == "ur":
                self.assertEqual(page.evaluate("[document.documentElement.lang, document.documentElement.dir]"), ["ur", "rtl"])
                brand = page.locator(".brand").bounding_box()
                self.assertGreater(brand["x"] + brand["width"], PHONE[0] * .8, "the page was not turned round")
        # A choice is kept, and is there on the next page.
        page.select_option("#language", "en")
        until(page, "document.documentElement.lang === 'en' && document.body.dataset.view")
        page.goto(stage.demo().address + "/trends")
        settled(page)
        self.assertEqual(page.evaluate("document.documentElement.lang"), "en")


class TheColours(stage.Case):
    # What stands side by side and means different things.
    GROUPS = [
        ["chart-1", "chart-2", "chart-3", "chart-4"], ["chart-measured", "chart-usual", "chart-threshold"],
        ["ward", "ward-warm", "ward-hot"], ["water-leak", "traffic-anomaly", "bin-full", "sensor-fault"],
        ["s4", "s3", "good"], ["accent", "s4"],
    ]

    def test_are_told_apart_by_those_who_see_fewer_of_them(self):
        for scheme in ("light", "dark"):
            page = self.open("/request", scheme=scheme)
            names = sorted({name for group in self.GROUPS for name in group})
            values = dict(zip(names, page.evaluate(
                "(names) => names.map((name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim())", names)))
            for group in self.GROUPS:
                self.assertEqual(told_apart({name: values[name] for name in group}), [], scheme)


class EveryView(stage.Case):
    def test_loads_from_this_server_alone_takes_no_cookies_and_runs_no_inline_script(self):
        page = self.window()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        for view in VIEWS:
            answer = page.goto(stage.demo().address + view)
            settled(page)
            policy = answer.headers["content-security-policy"]
            self.assertIn("default-src 'self'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
        own = (stage.demo().address, "data:", "blob:")
        self.assertEqual([url for url in asked if not url.startswith(own)], [])
        self.assertEqual(page.context.cookies(), [])
        self.assertEqual(page.errors, [])
        # A script that somebody got into the page would not run.
        page.evaluate("""() => { const script = document.createElement('script'); script.textContent = 'window.isIn = true';
            document.body.append(script); const image = document.createElement('img'); image.setAttribute('onerror', 'window.isIn = true');
            image.src = '/nothing'; document.body.append(image); }""")
        until(page, "document.querySelector('body > img').complete")
        self.assertIsNone(page.evaluate("window.isIn ?? null"))

    def test_shows_a_hostile_name_as_text(self):
        address = stage.daemon().address
        page = self.open("/", address)
        page.wait_for_selector(".request h3 a", timeout=60_000)
        request = page.locator(".request").first.get_attribute("data-id")
        sensor = page.evaluate("(name) => '/sensors?id=' + encodeURIComponent(name)", HOSTILE)
        seen = 0
        for view in VIEWS + [f"/request?id={request}", sensor, "/sensors?q=%3Cimg", "/?sensors=1&ward=%3Cimg%20src%3Dx%3E"]:
            page.goto(address + view)
            settled(page)
            if view == "/operations":
                # What could not be read is shown as it came.
                page.wait_for_selector(f"#quarantine :text('{HOSTILE}')")
            if view == sensor:
                self.assertEqual(page.locator("h1").inner_text(), HOSTILE)
                until(page, "document.querySelector('figure .summary').textContent !== ''")
            if view.startswith("/request?"):
                until(page, "document.querySelector('.facts')")
            self.assertEqual(page.locator("img[src='x'], [onerror]").count(), 0, view)
            self.assertEqual(page.errors, [], view)
            seen += HOSTILE in page.locator("main").inner_text()
        self.assertGreaterEqual(seen, 4)
        page.goto(address + "/sensors")
        settled(page)
        page.locator("tbody th a", has_text=HOSTILE).click()
        page.wait_for_selector("#history-title")
        self.assertEqual(page.locator("h1").inner_text(), HOSTILE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
