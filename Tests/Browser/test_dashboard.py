"""The views in a real browser, over a whole made-up city. Named after what people see."""

import json
import pathlib
import re
import unittest
import urllib.parse
import urllib.request

import stage
from browser import PHONE, VIEWS, WIDE, picture, problems, settled, until
from city import new_key

# Font sizes in pixels that the scale of styles/base.css gives, at 16 pixels a rem.
SCALE = {12.8, 14.4, 16, 18.4, 24, 33.6}


def setUpModule():
    stage.begin()


class ACityOnOnePage(stage.Case):
    def test_01_sensors_tell_how_they_do_and_show_their_history_at_any_zoom(self):
        page = self.open("/sensors")
        page.wait_for_selector("tbody tr")
        self.assertEqual(
            page.locator("button.tile .name").all_inner_texts(),
            ["All", "Healthy", "Silent", "Stuck or implausible", "Losing messages", "Battery low", "Never heard"])
        page.wait_for_selector("#gateways-title")
        page.get_by_role("button", name="gw-01", exact=True).click()
        until(page, "Array.from(document.querySelectorAll('.two section:first-child tbody tr')).every((row) => /gw-01/.test(row.innerText))")
        self.assertIn("gateway=gw-01", page.url)
        page.select_option("#filter-gateway", "")
        page.fill("#sensor-search", "flow")
        until(page, "Array.from(document.querySelectorAll('.two section:first-child tbody th')).every((cell) => /flow/i.test(cell.closest('tr').innerText))")
        self.assertIn("q=flow", page.url)
        page.locator("tbody th a", has_text="flow").first.click()
        page.wait_for_selector("#history-title")
        self.assertIn("Flow far above what is usual at that time of the week", page.locator(".rules").inner_text())
        until(page, "/readings? from/.test(document.querySelector('figure .summary').textContent)")
        week = page.locator("figure .summary").inner_text()
        page.get_by_role("button", name="24 hours").click()
        until(page, "document.querySelector('figure .summary').textContent !== given", week)
        self.assertIn("range=24h", page.url)
        page.get_by_role("button", name="Everything").click()
        until(page, "/[2-9] [0-9]{3}|[2-9],[0-9]{3}|1,[3-9]/.test(document.querySelector('figure .summary').textContent)")
        # Thinned by the server: more readings than points.
        page.locator("figure summary").click()
        until(page, "(n => n > 100 && n <= 700)(document.querySelectorAll('figure tbody tr').length)")
        page.get_by_role("button", name="Closer").click()
        until(page, "location.search.includes('from=')")
        self.assertEqual(page.errors, [])

    def test_02_a_sensor_that_loses_frames_and_whose_battery_is_flat_is_found(self):
        page = self.open("/sensors", stage.daemon().address)
        page.wait_for_selector("tbody tr:has-text('worn-out')")
        for state, words in (("lossy", "Losing messages"), ("battery", "Battery low")):
            page.locator(f"button.tile[data-state={state}]").click()
            until(page, "document.querySelectorAll('.two section:first-child tbody tr').length === 1")
            row = page.locator(".two section:first-child tbody tr").inner_text()
            self.assertIn("worn-out", row)
            self.assertIn(words, row)
            self.assertIn("state=" + state, page.url)
        self.assertIn("9%", row)
        self.assertRegex(row, r"6\d(\.\d)?%")
        self.assertEqual(page.errors, [])

    def test_03_operations_follow_decisions_as_they_are_made(self):
        page = self.open("/operations")
        until(page, "/\\d/.test(document.querySelector('.tile b').textContent)")
        page.wait_for_selector(".sign[data-state=well]")
        page.wait_for_selector(".tail li", timeout=60_000)
        tiles = dict(zip(page.locator(".tile .name").all_inner_texts(), page.locator(".tile b").all_inner_texts()))
        for name in ("Memory", "Database"):
            self.assertRegex(tiles[name], r"^[\d,.]+ [MG]iB$")
        self.assertEqual(tiles["Waiting in the outbox"], "0")
        # A filter takes lines away, and gives them back.
        before = page.locator(".tail li").count()
        page.fill("#tail-filter", "no decision says this")
        until(page, "document.querySelectorAll('.tail li').length === 0")
        self.assertIn("tail=", page.url)
        page.fill("#tail-filter", "")
        until(page, "document.querySelectorAll('.tail li').length >= given", before)
        event = page.locator(".tail li code").first.inner_text()
        page.select_option("#tail-event", event)
        until(page, "Array.from(document.querySelectorAll('.tail li code')).every((node) => node.textContent === given)", event)
        self.assertEqual(page.errors, [])
        # What was decided before somebody looked is there, without anything new to hear.
        deaf = self.window()
        deaf.route("**/api/events", lambda route: route.abort())
        deaf.goto(stage.demo().address + "/operations")
        deaf.wait_for_selector(".tail li")
        log = stage.demo().get("/api/log?since_ms=86400000&level=debug&limit=5000")["lines"]
        self.assertIn(deaf.locator(".tail li code").first.inner_text(), {json.loads(line)["event"] for line in log})

    def test_03a_what_is_read_of_the_decisions_stays_where_it_is_when_more_are_made(self):
        page = self.window()
        page.add_init_script("""
            window.EventSource = class extends EventTarget { constructor() { super(); window.stream = this; } close() {} };
            window.moved = []; new PerformanceObserver((list) => { for (const entry of list.getEntries()) for (const { node } of entry.sources)
                if (node && (node.nodeType === 1 ? node : node.parentElement)?.closest('.tail li')) moved.push(node.textContent); }).observe({ type: 'layout-shift', buffered: true });""")
        page.goto(stage.demo().address + "/operations")
        page.wait_for_selector(".tail li")
        told = 0

        def tell(count):
            """So many more decisions, a few in each frame, as they come."""
            nonlocal told
            page.evaluate("""async ([first, count]) => { for (let number = first; number < first + count; number++) {
                stream.dispatchEvent(new MessageEvent('decision', { data: JSON.stringify({ event: 'request.updated', datetime: new Date().toISOString(), sensor_id: 's-' + number, rule: 'burst', reason: 'Decision ' + number, service_request_id: null }) }));
                if (number % 7 === 0) await new Promise((done) => requestAnimationFrame(done)); } }""", [told, count])
            told += count
            until(page, "document.querySelector('.tail').lastElementChild.textContent.includes('Decision ' + given)", told - 1)

        inside = """(node) => { const own = node.getBoundingClientRect(), box = node.parentElement.getBoundingClientRect(); return own.top >= box.top && own.bottom <= box.bottom + 1; }"""
        tell(60)
        self.assertTrue(page.locator(".tail li").last.evaluate(inside), "the newest is in sight")
        # Whoever reads further up is left in peace, also when the oldest go.
        page.evaluate("document.querySelector('.tail').scrollTop = 40")
        tell(20)
        self.assertEqual(page.evaluate("document.querySelector('.tail').scrollTop"), 40)
        page.evaluate("document.querySelector('.tail').scrollTop = 1e6")
        tell(700)
        until(page, "document.querySelectorAll('.tail li').length <= 600")
        self.assertTrue(page.locator(".tail li").last.evaluate(inside), "the newest is in sight")
        self.assertEqual(page.evaluate("moved"), [])
        self.assertEqual(page.errors, [])

    def test_04_goals_and_trends_stand_on_figures_and_print(self):
        page = self.open("/goals")
        page.wait_for_selector("section.card h2")
        self.assertGreater(page.locator(".goal .stands").count(), 0)
        self.assertRegex(page.locator(".stand").inner_text(), r"^\d+ goals: ")
        page.emulate_media(media="print", color_scheme="dark")
        self.assertFalse(page.locator("#views").is_visible())
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        self.assertEqual(ground, "rgb(255, 255, 255)", "dark paper")
        self.assertRegex(page.locator(".on-paper").inner_text(), r"^Last 90 days · \d+ \w+ 20\d\d$")
        self.assertTrue(page.pdf().startswith(b"%PDF"))
        picture(page, "goals-print", whole=True)
        page.emulate_media(media="screen", color_scheme="light")
        page.goto(stage.demo().address + "/trends")
        settled(page)
        until(page, "document.querySelector('figure .summary').textContent !== ''")
        with page.expect_download() as handed:
            page.locator("figure button").first.click()
        self.assertTrue(handed.value.suggested_filename.endswith(".csv"))
        self.assertEqual(page.locator("figure details table").count(), page.locator("figure").count(), "a table beside every chart")
        self.assertEqual(page.errors, [])

    def test_05_every_figure_leads_to_the_requests_that_it_is_made_of(self):
        report = stage.demo().get("/api/measures")
        checked = 0
        for service in report["services"]:
            figures = {goal["measure"]: goal["of"] for goal in service["goals"]}
            figures["requests"] = service["total"]["requests"]
            for measure, of in figures.items():
                query = urllib.parse.urlencode({"service_code": service["service_code"], "measure": measure, "start_date": report["from"], "end_date": report["to"]})
                found = stage.demo().get("/api/map?" + query)
                self.assertEqual((found["total"], len(found["rows"])), (of, of), f"{service['service_code']} {measure}")
                checked += of > 0
        self.assertGreater(checked, 3)
        page = self.open("/goals?days=365")
        link = page.locator("section.card table a").first
        of = int(re.search(r"\d+", link.inner_text()).group())
        link.click()
        page.wait_for_selector("body[data-view=map] .made-of")
        self.assertEqual(page.locator("#filter-days").input_value(), "365")
        until(page, "parseInt(document.querySelector('.head p').textContent, 10) >= given && document.querySelectorAll('.request h3').length >= given", of)
        self.assertEqual(page.errors, [])

    def test_06_a_burst_shows_live_and_leads_to_its_evidence(self):
        page = stage.watcher()
        card = page.locator(".request h3 a", has_text=re.compile("burst", re.I)).first
        card.wait_for(timeout=110_000)
        self.assertTrue(page.evaluate("window.isTheSamePage"), "the page was loaded again")
        self.assertEqual(page.locator("#live").get_attribute("data-state"), "live")
        # Its pressure or flow may have been seen first: then it was announced as a leak, and became a burst.
        until(page, "said.some((text) => /burst|leak|new requests/i.test(text))")
        page.wait_for_selector(".leaflet-marker-icon")
        picture(page, "map-wide-light")
        title = card.inner_text()
        card.click()
        page.wait_for_selector("main header h1")
        until(page, "document.querySelector('figure .summary') && document.querySelector('figure .summary').textContent.length > 20")
        self.assertIn("Measured between", page.locator("figure .summary").inner_text())
        # What was measured and the threshold are drawn: there are pixels of either's colour.
        for name in ("--chart-measured", "--chart-threshold"):
            until(page, """(() => { const c = document.querySelector('figure canvas');
                const colour = getComputedStyle(document.documentElement).getPropertyValue(given).match(/\\w\\w/g).map((part) => parseInt(part, 16));
                const pixels = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                for (let place = 0; place < pixels.length; place += 4) if (colour.every((part, channel) => Math.abs(part - pixels[place + channel]) < 24)) return true;
                return false; })()""", name)
        self.assertGreater(page.locator(".story li").count(), 0)
        self.assertIn(title.split(":")[0].split(" in ")[0], page.locator("main h1").inner_text())
        picture(page, "request-wide-light", whole=True)
        self.assertEqual(page.errors, [])

    def test_07_the_evidence_shown_is_that_of_the_sensor_that_the_request_speaks_of(self):
        requests = stage.demo().get("/open311/v2/requests.json?extensions=true&service_code=water-leak,traffic-anomaly")
        grouped = [request for request in requests if (request["extended_attributes"]["sources"] or {}).get("sensors", 0) > 1]
        request = (grouped or requests)[0]
        id, more = request["service_request_id"], request["extended_attributes"]
        found = stage.demo().get(f"/api/requests/{id}/evidence")
        page = self.open("/request?id=" + id)
        until(page, "document.querySelector('figure .summary').textContent !== ''")
        self.assertIn(f" at {more['sensor_id']},", page.locator("figure .summary").inner_text())
        if len(found["sensors"]) > 1:
            self.assertTrue(page.locator("#evidence-sensor option:checked").inner_text().startswith(more["sensor_id"] + ":"))
        why = page.locator("section[aria-labelledby=why-title]").inner_text()
        self.assertIn("Found by: ", why)
        own = more["evidence"]
        if own.get("threshold") is not None and own["unit"] not in ("", "bool"):
            self.assertRegex(why, r"Measured [\d.,]+ " + re.escape(own["unit"]))
        self.assertEqual(page.errors, [])

    def test_07a_a_threshold_is_named_only_where_it_was_crossed(self):
        id = stage.burst()
        cases = [
            ("burst", 92.1, 73.4, 88.5, "That is beyond 88.5 m³/h, where a request is opened."),
            ("night-flow", 39.2, 39.7, 37.8, "it stayed below normal for"),
            ("night-flow", 40.2, 39.7, 41.8, "it stayed above normal for"),
            ("bin-full", 81, 4, 80, "it began at 4 m³/h."),
            ("bin-fire", 90, 90, 55, "what is usual there is not known yet."),
        ]
        for rule, observed, baseline, threshold, words in cases:
            page = self.window()

            def tell(route):
                answer = route.fetch()
                [request] = answer.json()
                more = request["extended_attributes"]
                more["detector"]["name"] = rule
                more["evidence"].update(observed=observed, baseline=baseline, threshold=threshold, unit="m³/h")
                route.fulfill(response=answer, json=[request])

            page.route(f"**/open311/v2/requests/{id}.json*", tell)
            page.goto(f"{stage.demo().address}/request?id={id}")
            page.wait_for_selector("section[aria-labelledby=why-title] .say")
            why = page.locator("section[aria-labelledby=why-title]").inner_text()
            self.assertIn(words, why)
            if "stayed" in words:
                self.assertIn("what adds up passed its limit", why)
                self.assertNotIn(str(threshold), why)
            self.assertEqual(page.errors, [])
            page.context.close()

    def test_08_a_filtered_view_is_found_again_in_another_window_and_in_a_frame(self):
        page = self.open("/")
        page.wait_for_selector("button.tile[data-service]")
        page.locator("button.tile[data-service=sensor-fault]").click()
        page.select_option("#filter-severity", "2")
        page.select_option("#filter-days", "28")
        page.select_option("#filter-status", "any")
        until(page, "document.querySelector('#list-title').textContent === 'Requests'")
        page.wait_for_selector(".request[data-service=sensor-fault]")
        self.assertEqual(page.locator(".request:not([data-service=sensor-fault])").count(), 0)
        query = urllib.parse.parse_qs(urllib.parse.urlparse(page.url).query)
        self.assertEqual(
            (query["service"], query["severity"], query["status"], query["days"]), (["sensor-fault"], ["2"], ["any"], ["28"]))
        other = self.open(page.url.removeprefix(stage.demo().address))
        other.wait_for_selector(".request[data-service=sensor-fault]")
        other.wait_for_selector("button.tile[data-service=sensor-fault][aria-pressed=true]")
        self.assertEqual(other.locator("#filter-severity").input_value(), "2")
        self.assertEqual(other.locator("#filter-status").input_value(), "any")
        listed = "JSON.stringify(Array.from(document.querySelectorAll('.request h3'), (node) => node.innerText))"
        until(other, f"{listed} === given", page.evaluate(listed))
        # Another site's page, with the same view in a frame.
        host = self.window()
        host.goto(stage.elsewhere(f'<iframe src="{page.url}&embed=1" width="900" height="700" title="Requests"></iframe>'))
        frame = host.frame_locator("iframe")
        frame.locator(".request[data-service=sensor-fault]").first.wait_for()
        self.assertFalse(frame.locator("#views").is_visible())
        # What may not be framed opens in a window of its own, and so does the whole view.
        for link, view in ((frame.locator(".request h3 a").first, "request"), (frame.get_by_role("link", name="Open this view on its own page"), "map")):
            with host.context.expect_page() as opened:
                link.click()
            opened.value.wait_for_selector(f"body[data-view={view}] main h1")
            self.assertNotIn("embed", opened.value.url)
        self.assertEqual(page.errors + other.errors + host.errors, [])

    def test_09_the_map_says_what_is_expected_and_where_nothing_listens(self):
        # When the store has looked at who listens where is its own affair; what the page makes of it is ours.
        ward = "Springfield"

        def hotspots(route):
            days = int(urllib.parse.parse_qs(urllib.parse.urlparse(route.request.url).query)["days"][0])
            place = {"kind": "ward", "id": ward, "service_code": "bin-full", "count": 7, "expected": None, "expected_low": None, "expected_high": None, "ratio": None,
                     "p_value": None, "q_value": None, "is_hot": False, "trend": None, "previous": 0, "claim": "no_history", "sensors": 7}
            if days == 7:
                place.update(expected=.1, expected_low=0, expected_high=1, ratio=59.1, p_value=.000001, q_value=.0003, is_hot=True, trend="new", claim="tested")
            route.fulfill(json={"days": days, "places": [place]})

        page = self.window()
        page.route("**/api/hotspots?*", hotspots)
        page.goto(stage.demo().address + "/")
        settled(page)
        page.wait_for_selector("path.ward[data-shade]")
        until(page, "/Sensors listen in \\d+ of \\d+ wards/.test(document.querySelector('.map-panel').textContent)")
        # Four weeks are too long for what is known, one week is not.
        page.wait_for_selector("path.ward[data-shade=hot]")
        legend = page.locator(".legend").inner_text()
        for words in ("well above what is expected there", "no sensor listens"):
            self.assertIn(words, legend)
        told = page.locator(".map-panel .coverage").inner_text()
        self.assertIn("raised in the last 7 days, against what is usual there", told)
        self.assertIn(f"Well above what is expected there: {ward}.", told)
        page.goto(stage.demo().address + "/trends")
        settled(page)
        row = page.locator("section", has=page.locator("#hot-title")).locator("tbody tr", has_text=ward).first
        row.wait_for()
        for words in ("new", "59.1", "< 0.1%"):
            self.assertIn(words, row.inner_text())
        row.locator("a").click()
        page.wait_for_selector("body[data-view=map] #list-title")
        self.assertIn("ward=" + ward, page.url)
        # Of a stretch that nobody has a past for, nothing is said: then the shades are of what is open, and the page says so.
        page.unroute("**/api/hotspots?*")
        page.route("**/api/hotspots?*", lambda route: route.fulfill(json={"days": 7, "places": []}))
        page.goto(stage.demo().address + "/")
        until(page, "/too little history yet/.test(document.querySelector('.map-panel').textContent)")
        self.assertIn("5 or more open", page.locator(".legend").inner_text())
        layer = page.evaluate("""async () => {
            const { RequestMap } = await import('/assets/views/map-layer.js');
            const map = Object.create(RequestMap.prototype);
            const place = (more) => Object.assign({ kind: 'ward', id: 'Aston', service_code: 'water-leak', claim: 'tested', is_hot: false, count: 4, expected: 3, expected_high: 6, ratio: 1.3 }, more);
            const say = (places, isHeard) => { Object.assign(map, { hot: { days: 28, places }, heard: new Map(isHeard ? [['Aston', 3]] : []), open: new Map([['Aston', 2]]) });
                return [map.shadeOf('Aston'), map.wardText('Aston')]; };
            return [say([place({})], true), say([place({ count: 9, ratio: 3 })], true), say([place({ count: 12, ratio: 4, is_hot: true })], true),
                say([place({ claim: 'no_history', expected: null }), place({ id: 'Acocks Green' })], true), say([place({ claim: 'no_history', expected: null })], true), say([], false)];
        }""")
        self.assertEqual([shade for shade, _ in layer], ["usual", "warm", "hot", "unknown", "cool-1", "silent"])
        for (_, text), words in zip(layer, ["about what is expected", "3 times what is expected", "4 times what is expected", "too little history", "too little history", "no sensor listens here"]):
            self.assertIn(words, text)
        self.assertEqual(page.errors, [])

    def test_10_every_view_passes_the_audit_in_light_and_dark_from_a_phone_to_a_wall(self):
        request = stage.burst()
        sensor = stage.demo().get("/api/sensors")["rows"][0][0]
        views = VIEWS + [f"/request?id={request}", "/sensors?" + urllib.parse.urlencode({"id": sensor})]
        found = []
        for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark"), ((2560, 1440), "light")):
            page = self.window(size=size, scheme=scheme)
            page.add_init_script("""window.moved = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())
                if (!entry.hadRecentInput) window.moved += entry.value; }).observe({ type: 'layout-shift', buffered: true });""")
            for view in views:
                page.goto(stage.demo().address + view)
                settled(page)
                where = f"{view} {size[0]} {scheme}"
                name = (view.strip("/").split("?")[0] or "map") + ("-one" if "?" in view else "")
                if view == "/":
                    page.wait_for_selector("path.ward[data-shade]")
                if "id=" in view:
                    until(page, "document.querySelector('figure .summary').textContent !== ''")
                    until(page, "document.querySelector('figure canvas').style.height !== '' || document.querySelector('figure canvas').height !== 150")
                found += [f"{where}: {problem}" for problem in self.looks(page, size, scheme)]
                picture(page, f"{name}-{size[0]}-{scheme}", whole=size == PHONE)
            page.context.close()
        self.assertEqual(found, [], "\n".join(found))

    def looks(self, page, size, scheme):
        """What is wrong with how a page looks and moves, a sentence each."""
        found = [str(error) for error in page.errors]
        page.errors.clear()
        # Before the audit, which takes its time: meanwhile this city goes on for hours.
        state = page.evaluate("""() => ({
            wider: document.documentElement.scrollWidth - document.documentElement.clientWidth, moved: window.moved,
            turning: document.getAnimations().filter((one) => one.effect && one.effect.getComputedTiming().iterations === Infinity).length
                + document.querySelectorAll('[role=progressbar], progress, .spinner').length,
            sizes: Array.from(new Set(Array.from(document.querySelectorAll('body *')).filter((node) => node.checkVisibility() && Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.data.trim()))
                .map((node) => parseFloat(getComputedStyle(node).fontSize) * 16 / parseFloat(getComputedStyle(document.documentElement).fontSize)))) })""")
        # Both colour schemes have the same structure: what differs is contrast, which one width shows.
        if size == WIDE or (size == PHONE and scheme == "light"):
            found += problems(page)
        if state["wider"] > 0:
            found.append(f"{state['wider']} pixels wider than the window")
        # What Core Web Vitals call good.
        if state["moved"] > 0.1:
            found.append(f"what was there moved by {state['moved']:.3f} as data arrived")
        if state["turning"]:
            found.append("something turns while one waits")
        odd = [size for size in state["sizes"] if not any(abs(size - one) < .2 for one in SCALE)]
        if odd:
            found.append(f"font sizes outside of the scale: {odd}")
        return found

    def test_11_every_view_can_be_walked_with_the_keyboard(self):
        request = stage.burst()
        page = self.window()
        sensor = stage.demo().get("/api/sensors")["rows"][0][0]
        for view in VIEWS + [f"/request?id={request}", "/sensors?" + urllib.parse.urlencode({"id": sensor})]:
            page.goto(stage.demo().address + view)
            settled(page)
            if "id=" in view:
                until(page, "document.querySelector('figure .summary').textContent !== ''")
            if view in ("/", "/report"):
                page.wait_for_selector(".leaflet-control-zoom-in")
            if view == "/operations":
                # What was decided before comes behind the page, line by line with links.
                page.wait_for_selector(".tail li")
            # What stands in long lists is a link like those before it.
            wanted, there = page.evaluate("""() => {
                window.stops = [];
                window.bad = [];
                document.addEventListener('focusin', ({ target }) => {
                    stops.push(target, target.outerHTML);
                    const box = target.getBoundingClientRect();
                    if (box.width === 0 || box.height === 0) bad.push('unseen: ' + target.outerHTML.slice(0, 90));
                });
                const all = Array.from(document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]'))
                    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled);
                return [all.filter((node) => !node.closest('tbody, .list li:nth-child(n+2), .tail li')).length, all.length];
            }""")
            self.assertGreater(wanted, 10, view)
            # Lists grow while one walks; the walk ends at the last control.
            for _ in range(there + 800):
                page.keyboard.press("Tab")
                # Looked at once the key is up: the map's library takes outlines away when it is told of the focus.
                if page.evaluate("""() => {
                    const target = document.activeElement;
                    if (target !== document.body && getComputedStyle(target).outlineStyle === 'none') bad.push('no outline: ' + target.outerHTML.slice(0, 90));
                    return target.id === 'language';
                }"""):
                    break
            # Or one that is the same to the letter: what is live may have been made anew since.
            missed = page.evaluate("""() => Array.from(document.querySelectorAll('a[href], button, input:not([type=radio]), select, textarea, summary, [tabindex="0"]'))
                .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled && !node.closest('tbody, .list, .tail, [hidden], details:not([open]) > :not(summary)') && !stops.includes(node) && !stops.includes(node.outerHTML)).map((node) => node.outerHTML.slice(0, 90))""")
            self.assertEqual(missed, [], f"{view}: never reached")
            self.assertEqual(page.evaluate("bad"), [], view)

    def test_12_a_filter_is_set_and_a_request_opened_with_the_keyboard_alone(self):
        page = self.open("/")
        page.wait_for_selector("button.tile[data-service]")
        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.className"), "skip")
        page.keyboard.press("Enter")
        self.assertEqual(page.evaluate("document.activeElement.id"), "main")
        page.locator("button.tile[data-service=water-leak]").focus()
        page.keyboard.press("Space")
        page.wait_for_selector("button.tile[data-service=water-leak][aria-pressed=true]")
        self.assertIn("service=water-leak", page.url)
        page.keyboard.press("Space")
        page.wait_for_selector("button.tile[data-service=water-leak][aria-pressed=false]")
        page.locator(".request h3 a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-view=request] main h1")
        self.assertEqual(page.errors, [])

    def test_13_sensors_stand_on_the_map_above_the_wards_and_say_who_they_are(self):
        page = self.open("/?sensors=1")
        page.wait_for_selector("path.ward[data-shade]")
        drawn = "Array.from(document.querySelectorAll('.leaflet-sensors-pane canvas')).find((one) => one.width > 0)"
        until(page, f"{drawn}.getContext('2d').getImageData(0, 0, {drawn}.width, {drawn}.height).data.some((value) => value !== 0)")
        # The middle of a dot that lies in the map, where nothing of a request covers it.
        spot = page.evaluate(f"""() => {{
            const canvas = {drawn}, box = canvas.getBoundingClientRect(), scale = canvas.width / box.width;
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            for (let y = 0; y < canvas.height; y += 2) for (let x = 0; x < canvas.width; x += 2) {{
                const at = [box.x + x / scale, box.y + y / scale];
                if (pixels[4 * (y * canvas.width + x) + 3] > 250 && document.elementFromPoint(...at)?.matches('path.ward')) return at;
            }}
            return null;
        }}""")
        self.assertIsNotNone(spot, "no dot that can be reached")
        page.mouse.click(*spot)
        link = page.locator(".leaflet-popup-content a")
        link.wait_for()
        self.assertNotIn("ward=", page.url, "the sensor was meant, and not the ward below")
        link.click()
        page.wait_for_selector("#history-title")
        self.assertEqual(page.errors, [])

    def test_14_the_ward_whose_bins_are_not_emptied_stands_out_and_leads_to_its_requests(self):
        # The store learns in its spare time who listens where.
        hot = stage.demo().get_until("/api/hotspots?days=7", lambda found: [place for place in found["places"] if place["is_hot"] and place["kind"] == "ward"])
        [ward] = {place["id"] for place in hot}
        self.assertEqual({place["service_code"] for place in hot}, {"bin-full"})
        self.assertGreater(hot[0]["count"], 3 * hot[0]["expected"])
        page = self.open("/trends")
        row = page.locator("section", has=page.locator("#hot-title")).locator(".table").first.locator("tbody tr", has_text=ward)
        row.wait_for()
        self.assertIn("Bin needs attention", row.inner_text())
        row.locator("a").click()
        page.wait_for_selector("body[data-view=map] .request")
        self.assertEqual(page.locator(".request:not([data-service=bin-full])").count(), 0)
        self.assertEqual(page.locator(".request h3", has_not_text=ward).count(), 0)
        page.goto(stage.demo().address + "/")
        settled(page)
        page.wait_for_selector("path.ward[data-shade=hot]")
        self.assertIn(f"Well above what is expected there: {ward}.", page.locator(".map-panel .coverage").inner_text())
        self.assertEqual(page.errors, [])

    def test_15_weeks_before_anything_listened_are_no_quiet_weeks(self):
        listening = lambda found: all(service["listening_since"] for service in found["services"])
        stage.demo().get_until("/api/measures?by=week", listening)
        page = self.open("/trends?days=365")
        until(page, "/No sensor listened until \\d+ \\w+ 20\\d\\d/.test(document.querySelector('figure .summary').textContent)")
        page.locator("figure summary").first.click()
        rows = page.locator("figure").first.locator("tbody tr").all_inner_texts()
        self.assertGreater(len(rows), 40)
        self.assertTrue(all("not listening yet" in row for row in rows[:40]))
        self.assertFalse(any("not listening yet" in row for row in rows[-4:]))
        # What is downloaded holds no figure for them either.
        with page.expect_download() as handed:
            page.locator("figure button").first.click()
        lines = pathlib.Path(handed.value.path()).read_text().splitlines()
        self.assertRegex(lines[1], r"^20\d\d-W\d+,+$")
        self.assertEqual(page.errors, [])


    def test_16_figures_stand_whole_in_their_places_on_a_phone_and_on_a_wall(self):
        cut = """(where) => [...document.querySelectorAll(where)].filter((box) => box.scrollWidth > box.clientWidth + 1)
            .map((box) => box.innerText.slice(0, 60) + ': ' + box.scrollWidth + ' > ' + box.clientWidth)"""
        for path, size, where in [
            ("/goals", PHONE, ".table"), ("/sensors", PHONE, ".table"), ("/sensors", (768, 1024), ".table"), ("/sensors", (1280, 800), ".table"),
            ("/sensors", (1400, 900), ".two.wide > :last-child .table"),
            ("/sensors", (2560, 1440), ".two.wide > :last-child .table"), ("/operations", (2560, 1440), ".tile"),
        ]:
            page = self.open(path, size=size)
            page.wait_for_selector(where)
            if path == "/operations":
                until(page, "[...document.querySelectorAll('.tile b')].some((tile) => /[MG]iB/.test(tile.textContent))")
            self.assertEqual(page.evaluate(cut, where), [], f"{path} at {size}")
            page.context.close()

    def test_17_of_weeks_before_the_first_report_of_a_service_without_sensors_nothing_is_said(self):
        daemon = stage.daemon()
        key = new_key(daemon.data, "people", "report")
        form = urllib.parse.urlencode({
            "api_key": key, "service_code": "traffic-anomaly", "lat": "52.5", "long": "-1.9", "description": "It queues."}).encode()
        urllib.request.urlopen(daemon.address + "/open311/v2/requests.json", form, timeout=20).close()
        page = self.open("/trends?service=traffic-anomaly&days=90", address=daemon.address)
        until(page, "/Nothing was ever reported before/.test(document.querySelector('figure .summary').textContent)")
        page.locator("figure summary").first.click()
        rows = page.locator("figure").first.locator("tbody tr").all_inner_texts()
        self.assertGreater(len(rows), 10)
        self.assertEqual([row.split()[-1] for row in rows[:-1]], ["–"] * (len(rows) - 1))
        self.assertEqual(rows[-1].split()[-1], "1")
        self.assertEqual(page.errors, [])

    def test_18_a_street_is_looked_for_and_the_address_keeps_it(self):
        [known] = stage.demo().get(f"/open311/v2/requests/{stage.burst()}.json?extensions=true")
        page = self.open("/")
        page.wait_for_selector(".request h3 a")
        page.fill("#map-search", known["address"].split(",")[0].upper())
        only = "[...document.querySelectorAll('.request')].some((card) => card.dataset.id === given[0]) && [...document.querySelectorAll('.request')].every((card) => card.innerText.toLowerCase().includes(given[1]))"
        given = [known["service_request_id"], known["extended_attributes"]["ward"].lower()]
        until(page, only, given)
        self.assertIn("q=", page.url)
        other = self.window()
        other.goto(page.url)
        settled(other)
        until(other, only, given)
        page.fill("#map-search", "no street is called so")
        page.wait_for_selector(".empty:visible:text('Nothing matches')")
        self.assertEqual(page.locator(".leaflet-marker-icon").count(), 0)
        self.assertEqual(page.errors + other.errors, [])

    def test_19_without_an_answer_nothing_is_said_to_be_so_and_each_page_comes_back_by_itself(self):
        for view, trouble, good in [
            ("/", ".head [role=status]", ".request h3 a"), ("/trends", ".head [role=status]", "figure details"), ("/goals", ".stand", "section.card h2"), ("/report", "main .empty", "form"),
        ]:
            page = self.window()
            page.route(re.compile("/(api|open311)/"), lambda route: route.abort())
            page.goto(stage.demo().address + view)
            page.wait_for_selector(f"{trouble}:text('No answer from the server; trying again.')")
            self.assertNotRegex(page.locator("main").inner_text(), "Nothing is open|no requests|not taken|not offer")
            page.unroute_all()
            page.wait_for_selector(good, timeout=30_000)
            self.assertNotIn("No answer", page.locator("main").inner_text())
            page.context.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
