"""Words, colours, and what a page is allowed to do: what holds for every view."""

import re
import unittest

import stage
from browser import PHONE, VIEWS, problems, settled, until
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

    def test_the_open_data_page_is_one_of_ours_and_fits_a_phone(self):
        page = self.window(size=PHONE)
        page.goto(stage.demo().address + "/export/")
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), False)
        self.assertEqual(page.evaluate("getComputedStyle(document.body).margin"), "0px")
        self.assertEqual(problems(page), [])
        self.assertEqual(page.errors, [])

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


class WhatIsWrittenOfRequests(stage.Case):
    """Stored in English, said in the reader's language: each sentence that the daemon has, as the Swift tests keep them."""

    SAID = "async (texts) => { const { isReady, titled } = await import('/assets/core/sentences.js'); await isReady; return texts.map((text) => titled(text)); }"
    LINES = [line for name in ("requests", "notices") for line in (ROOT / f"fixtures/words/{name}.txt").read_text().splitlines()]
    # Names, and what stands in any language: street, zone, agencies, units.
    NAMES = r"1 High Street|2 Mill Lane|Aston|gw-7|Environmental Health|Highways|Waste and Recycling|Water\b|m³/h|km/h|veh/h|L/h|l/h|dB|km\b|alarm|AM|PM|sluice\.db\.damaged-\d+|sqlite3|\.recover"

    def test_is_said_whole_in_every_other_language(self):
        self.assertGreater(len(self.LINES), 150)
        for language in ("pl", "ur"):
            page = self.open(f"/request?lang={language}")
            said = page.evaluate(self.SAID, self.LINES)
            for line, words in zip(self.LINES, said):
                if not line.startswith("It smells"):
                    self.assertNotEqual(words, line, language)
                self.assertNotRegex(words, r"[{}]|undefined|NaN", language)
                left = set(re.findall(r"[A-Za-z']{4,}", re.sub(self.NAMES, "", words)))
                english = set(re.findall(r"[A-Za-z']{4,}", line))
                if not line.startswith("It smells"):
                    self.assertEqual(left & english, set(), f"{language}: {words}")
                # Nothing that was measured is lost on the way.
                for number in re.findall(r"\d+(?:[.,]\d+)*(?= (?:%|m³/h|L/h|km/h|sensors?|people)\b)", line):
                    digits = re.sub(r"\D", "", number)
                    self.assertIn(digits, re.sub(r"\D", "", words), f"{language}: {words}")
            self.assertEqual(page.errors, [])

    def test_is_set_as_a_printer_would(self):
        page = self.open("/request")
        said = page.evaluate("async (texts) => { const { typeset } = await import('/assets/core/sentences.js'); return texts.map(typeset); }", [
            "It is 125 % above normal: 45.1 m³/h. It loses about 17,000 L/h (16,000-17,000).",
            "Room 5 mice, (2-bed) on 2026-05-01, 3 minutes", "In 4 m and 20 km/h."])
        self.assertEqual(said, [
            "It is 125% above normal: 45.1\u00a0m³/h. It loses about 17,000\u00a0L/h (16,000–17,000).",
            "Room 5 mice, (2-bed) on 2026-05-01, 3 minutes", "In 4\u00a0m and 20\u00a0km/h."])

    def test_counts_names_and_tells_the_time_as_the_language_does(self):
        page = self.open("/request?lang=pl", language="pl-PL")
        self.assertEqual(page.evaluate(self.SAID, [
            "Possible burst main in the Aston zone", "5 sensors agree.", "2 sensors and 1 person agree.",
            "The contact at 1 High Street has been wet since 02:10 on Friday 1 May.", "Gateway gw-7 silent: 22 sensors unheard",
            "Closed with request 7: All is well again.", "Water leak: 12 High Street"]), [
            "Możliwe pęknięcie wodociągu: strefa Aston", "5 czujników to potwierdza.", "Zgodnie wskazują na to: 2 czujniki i 1 osoba.",
            "Styk (1 High Street) jest mokry od pt., 1 maja, 02:10.", "Bramka gw-7 milczy: nie słychać 22 czujników",
            "Zamknięto razem ze zgłoszeniem 7: All is well again.", "Wyciek wody: 12 High Street"])

    def test_stays_as_it_is_where_a_person_wrote_it(self):
        own = ["The bin is full of bees.", f"Opened {HOSTILE}", "Thank you. ", "", "Bin full", "The bin at 3 Mill Lane is 85 % full. And it smells."]
        page = self.open("/request?lang=ur")
        self.assertEqual(page.evaluate(self.SAID, own), own)

    def test_tells_the_time_of_those_who_look_from_elsewhere(self):
        page = self.window(zone="America/New_York")
        page.goto(stage.demo().address + "/request")
        settled(page)
        self.assertEqual(page.evaluate(self.SAID, ["The contact at 1 High Street has been wet since 02:10 on Friday 1 May."]),
                         ["The contact at 1 High Street has been wet since 21:10 on Thursday 30 April."])
        # Winter time is another hour in the city, and the same there.
        self.assertEqual(page.evaluate(self.SAID, ["Nothing has been heard of the sensor at a sensor since 12:30 on Monday 12 January."]),
                         ["Nothing has been heard of the sensor at a sensor since 07:30 on Monday 12 January."])
        here = self.open("/request")
        self.assertEqual(here.evaluate(self.SAID, [self.LINES[0]]), [self.LINES[0]])

    def test_is_said_so_on_the_page(self):
        number = stage.burst()
        [known] = stage.demo().get(f"/open311/v2/requests/{number}.json?extensions=true")
        page = self.open(f"/request?id={number}&lang=pl", language="pl-PL")
        page.wait_for_selector(".story li")
        # It may be taken for a smaller leak meanwhile.
        self.assertRegex(page.locator("h1").inner_text(), "Możliwe pęknięcie wodociągu|Możliwy wyciek")
        text = page.locator("main").inner_text()
        for note in [known["title"], known["description"]] + [note["description"] for note in known["notes"] if note["author"] == "sensor"]:
            self.assertNotIn(note, text)
        self.assertIn("Zgłoszone samoczynnie przez miejskie czujniki.", text)
        page.goto(stage.demo().address + "/?lang=ur")
        card = page.locator(f".request[data-id='{number}'] h3")
        card.wait_for()
        self.assertRegex(card.inner_text(), "پانی کی بڑی لائن|رساؤ کا امکان")
        # What the whole city has written by now, in its own words everywhere.
        texts = []
        for request in stage.demo().get("/open311/v2/requests.json?extensions=true&page_size=200"):
            if request["extended_attributes"]["channel"] == "sensor":
                texts += [request["title"], request["description"], request["service_notice"]]
                texts += [note["description"] for note in request["notes"] if note["author"] == "sensor"]
        texts = sorted(set(texts) - {"", None})
        self.assertGreater(len(texts), 50)
        said = page.evaluate(self.SAID, texts)
        self.assertEqual([text for text, words in zip(texts, said) if text == words], [])
        self.assertEqual(page.errors, [])


class WhatTheDaemonSaysOfItself(stage.Case):
    """Its health lines: each that it has, as the Swift tests keep them."""

    SAID = "async (lines) => { const { checkName, checkDetail } = await import('/assets/core/checks.js'); return lines.map(([name, detail]) => [checkName(name), checkDetail(detail)]); }"
    LINES = [line.split(" = ") for line in (ROOT / "fixtures/words/health.txt").read_text().splitlines()]

    def test_is_said_whole_in_every_other_language_but_for_the_reasons_that_others_give(self):
        self.assertGreater(len(self.LINES), 20)
        for language in ("pl", "ur"):
            page = self.open(f"/request?lang={language}")
            for (name, detail), words in zip(self.LINES, page.evaluate(self.SAID, self.LINES)):
                self.assertNotIn(detail, words[1], language)
                known = r"Sluice|sluice\S*|outbox|operations\.\S+|MiB|E[A-Z]+|HTTP \d+|a\.example|main|crews|pipeline|[Bb]roker"
                left = set(re.findall(r"[A-Za-z']{3,}", re.sub(known, "", " ".join(words))))
                self.assertEqual(left & set(re.findall(r"[A-Za-z']{3,}", name + " " + detail)), set(), f"{language}: {words}")
                # Reasons and figures are there.
                for part in re.findall(r"\b(?:E[A-Z]{3,}|HTTP \d+|a\.example|\d+)\b", detail):
                    self.assertIn(part, words[1], language)
            self.assertEqual(page.errors, [])
        page = self.open("/request")
        self.assertEqual([words[1] for words in page.evaluate(self.SAID, self.LINES)], [detail for _, detail in self.LINES])

    def test_stands_so_under_operations(self):
        page = self.open("/operations?lang=pl")
        page.wait_for_selector(".sign[data-state=well]")
        text = page.locator("section[aria-labelledby=health-title]").inner_text()
        self.assertIn("Wątek: pipeline", text)
        self.assertIn("pracuje", text)
        self.assertNotIn("goes round", text)


class TheColours(stage.Case):
    # What stands side by side and means different things.
    GROUPS = [
        ["chart-1", "chart-2", "chart-3", "chart-4"], ["chart-measured", "chart-usual", "chart-threshold"],
        ["ward", "ward-unknown", "ward-warm", "ward-hot"], ["water-leak", "traffic-anomaly", "bin-full", "sensor-fault"],
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

    def test_shows_where_one_is_and_what_is_pressed_where_the_system_chooses_the_colours(self):
        page = self.window(forced_colors="active")
        page.goto(stage.demo().address + "/sensors")
        settled(page)
        page.wait_for_selector("button.tile[aria-pressed=true]")
        edges = page.evaluate("""() => ['#views a[aria-current]', '#views a:not([aria-current])', 'button.tile[aria-pressed=true]', 'button.tile[aria-pressed=false]']
            .map((one) => getComputedStyle(document.querySelector(one))).map((style) => [style.borderBottomWidth, style.outlineStyle])""")
        self.assertNotEqual(edges[0], edges[1])
        self.assertNotEqual(edges[2], edges[3])
        self.assertEqual(page.errors, [])

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
