"""What people do: a resident reports, staff give a verdict, an operator comes from outside."""

import base64
import json
import unittest
import urllib.parse
import urllib.request

import stage
from browser import picture, problems, until
from city import new_key
from stage import HOSTILE

# The smallest picture that there is.
PHOTO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def setUpModule():
    stage.begin()


class AResident(stage.Case):
    def test_reports_with_a_photo_and_follows_it_to_its_end(self):
        page = self.open("/report")
        page.wait_for_selector(".map path.ward")
        page.get_by_role("button", name="Send").click()
        # Where it is lacking, and not where the button is.
        page.wait_for_selector("fieldset + [role=alert].trouble")
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
        id = page.evaluate("new URLSearchParams(location.search).get('id')")
        # The photo is kept as it was sent, and the page leads to it.
        link = page.get_by_role("link", name="Photo").first.get_attribute("href")
        with urllib.request.urlopen(link if link.startswith("http") else stage.demo().address + link, timeout=20) as answer:
            self.assertEqual((answer.headers["Content-Type"], answer.read()), ("image/png", base64.b64decode(PHOTO)))
        # The crew is done: the page that follows the report says so by itself.
        key = new_key(stage.demo().data, "crew", "update")
        form = urllib.parse.urlencode({
            "api_key": key, "service_request_id": id, "updated_datetime": "2026-11-22T08:00:00Z", "update_id": "1",
            "status": "FIXED", "verdict": "fixed", "description": "Emptied this morning."}).encode()
        urllib.request.urlopen(stage.demo().address + "/open311/v2/servicerequestupdates.json", form, timeout=20).close()
        until(page, "/Emptied this morning/.test(document.querySelector('.story').textContent)")
        until(page, "document.querySelector('header .severity[data-level=\"0\"]')?.textContent === 'Closed'")
        self.assertEqual(page.errors, [])

    def test_sees_the_own_report_with_what_sensors_knew_already(self):
        [known] = stage.demo().get(f"/open311/v2/requests/{stage.burst()}.json?extensions=true")
        page = self.open("/request?id=" + known["service_request_id"])
        page.wait_for_selector(".facts")
        form = urllib.parse.urlencode({
            "api_key": stage.demo().get("/api/key")["api_key"], "service_code": known["service_code"], "lat": known["lat"],
            "long": known["long"], "description": f"I see it too. {HOSTILE}"}).encode()
        urllib.request.urlopen(stage.demo().address + "/open311/v2/requests.json", form, timeout=20).close()
        page.wait_for_selector("#people:has-text('I see it too.')")
        self.assertIn(HOSTILE, page.locator("#people").inner_text())
        until(page, "/1 person reported it too/.test(document.querySelector('.facts').textContent)")
        page.locator("#people a").first.click()
        page.wait_for_selector("main header h1")
        self.assertIn("Part of request", page.locator(".facts").inner_text())
        # The report itself is nobody else's, too.
        self.assertIn("1 person reported it", page.locator(".facts").inner_text())
        self.assertNotIn("reported it too", page.locator(".facts").inner_text())
        self.assertEqual(page.errors, [])

    def test_is_sent_elsewhere_where_the_key_is_withheld(self):
        page = self.open("/report", stage.daemon().address)
        self.assertIn("Reports are not taken on this page", page.locator("main").inner_text())
        self.assertEqual(page.locator("form").count(), 0)
        self.assertEqual(problems(page), [])
        self.assertEqual(page.errors, [])

    def test_is_asked_what_the_service_asks_and_told_what_it_tells(self):
        page = self.window()
        attribute = lambda code, **more: {"code": code, "order": 1, "variable": True, "datatype": "string", "required": False, "description": code} | more
        page.route("**/open311/v2/services/water-leak.json", lambda route: route.fulfill(json={"service_code": "water-leak", "attributes": [
            attribute("notice", variable=False, order=0, description=f"Ring 999 if a road has collapsed. {HOSTILE}"),
            attribute("street", required=True, description="Which side of the street?"),
            attribute("how-much", datatype="singlevaluelist", description="How much?", values=[{"key": "a", "name": "a trickle"}, {"key": "b", "name": "a river"}])]}))
        page.goto(stage.demo().address + "/report?service=water-leak")
        page.wait_for_selector("[data-code=notice]")
        self.assertIn("Ring 999", page.locator("[data-code=notice]").inner_text())
        self.assertEqual(page.locator("[data-code=notice] input, [data-code=notice] textarea").count(), 0)
        page.get_by_role("button", name="Take the middle of the map").click()
        page.fill("#words", "Water comes up")
        page.get_by_role("button", name="Send").click()
        until(page, "document.activeElement.id === 'question-street'")
        self.assertEqual(page.locator("[role=alert]").inner_text(), "This question needs an answer.")
        self.assertEqual(page.locator("#question-how-much option").count(), 3)
        self.assertEqual(page.errors, [])

    def test_says_which_asset_it_is_and_waits_for_a_number_by_its_token(self):
        page = self.window()
        sent = []
        place = {}

        def assets(route):
            west, south, east, north = map(float, urllib.parse.parse_qs(urllib.parse.urlparse(route.request.url).query)["bbox"][0].split(","))
            place.update(lat=(south + north) / 2, long=(west + east) / 2)
            route.fulfill(json={"assets": [{"id": "bin-7", "kind": "bin", "name": f"Bin 7 {HOSTILE}", "address": "Bull Street", **place}]})

        def requests(route):
            if route.request.method != "POST":
                return route.fallback()
            sent.append(route.request.post_data)
            return route.fulfill(status=200, json=[{"token": "t-1"}])

        page.route("**/api/assets?*", assets)
        page.route("**/open311/v2/requests.json", requests)
        page.route("**/open311/v2/tokens/t-1.json", lambda route: route.fulfill(json=[{"token": "t-1", "service_request_id": ""}]))
        page.goto(stage.demo().address + "/report?service=bin-full")
        page.get_by_role("button", name="Take the middle of the map").click()
        page.get_by_label(f"Bin 7 {HOSTILE}, Bull Street").check()
        page.fill("#words", "It is full")
        page.get_by_role("button", name="Send").click()
        page.get_by_role("link", name="Follow it").click()
        page.wait_for_selector("text=It does not have a number yet")
        self.assertRegex(sent[0], r'name="service_object_id"\s+bin-7')
        self.assertEqual(page.errors, [])

    def test_stays_when_nobody_answers_and_is_sent_once_more_with_the_same_mark(self):
        page = self.window()
        marks = []

        def requests(route):
            if route.request.method != "POST":
                return route.fallback()
            marks.append(route.request.headers["idempotency-key"])
            return route.abort() if len(marks) == 1 else route.fulfill(json=[{"service_request_id": "7"}])

        page.route("**/open311/v2/requests.json", requests)
        page.goto(stage.demo().address + "/report?service=bin-full")
        page.get_by_role("button", name="Take the middle of the map").click()
        page.fill("#words", "It is full")
        page.get_by_role("button", name="Send").click()
        page.wait_for_selector("[role=alert].trouble")
        # Nothing tries again but who wrote it.
        self.assertIn("What you wrote is still here", page.locator("[role=alert].trouble").inner_text())
        self.assertEqual(page.input_value("#words"), "It is full")
        page.get_by_role("button", name="Send").click()
        page.get_by_role("link", name="Follow it").wait_for()
        self.assertEqual(marks, [marks[0]] * 2)
        self.assertEqual(page.errors, [])


class Staff(stage.Case):
    def test_give_a_verdict_with_their_key_which_everyone_sees_at_once(self):
        id = stage.burst()
        resident = self.open("/request?id=" + id)
        resident.wait_for_selector(".facts")
        page = self.open("/request?id=" + id)
        page.locator("details summary", has_text="For staff").click()
        page.fill("#verdict-words", f"Seen on site {HOSTILE}")
        page.get_by_role("button", name="Confirm").click()
        self.assertEqual(page.evaluate("document.activeElement.id"), "verdict-key", "a key is needed")
        page.fill("#verdict-key", "slk_nobody-has-this-one")
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_selector(".trouble:visible")
        page.fill("#verdict-key", new_key(stage.demo().data, "inspector", "update"))
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_selector("p.done:text('confirmed')")
        until(page, "/Seen on site/.test(document.querySelector('.story').textContent)")
        until(page, "/confirmed/.test(document.querySelector('.facts').textContent)")
        self.assertTrue(page.locator("p.done").is_visible(), "what was recorded is still said when the page has been told")
        self.assertEqual(page.evaluate("[localStorage.length, document.cookie]"), [0, ""], "the key stays in the tab")
        # The resident's window was told, in sight and to a screen reader, without a reload.
        until(resident, "/Seen on site/.test(document.querySelector('.story').textContent)")
        until(resident, "document.querySelector('#announcer').textContent.length > 0")
        stored = stage.demo().get(f"/open311/v2/requests/{id}.json?extensions=true")[0]
        self.assertIn("confirmed", json.dumps(stored["extended_attributes"]["verdict"]))
        self.assertEqual(page.locator("img[src='x']").count(), 0)
        self.assertEqual(page.errors + resident.errors, [])


class AnOperatorFromOutside(stage.Case):
    def test_needs_a_key_that_may_administer(self):
        address = stage.daemon().address
        page = self.window()
        # As a proxy on this machine passes on who asks.
        page.context.set_extra_http_headers({"X-Forwarded-For": "203.0.113.9"})
        page.goto(address + "/operations")
        page.wait_for_selector("#operations-key")
        self.assertNotIn(HOSTILE, page.content())
        self.assertEqual(page.locator(".tile, .tail").count(), 0)
        self.assertEqual(problems(page), [])
        page.fill("#operations-key", new_key(stage.daemon().data, "clerk", "report"))
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert].trouble")
        page.fill("#operations-key", new_key(stage.daemon().data, "night-shift", "administer"))
        page.keyboard.press("Enter")
        page.wait_for_selector("#quarantine tbody code")
        self.assertIn("not_json", page.locator("#quarantine").inner_text())
        page.wait_for_selector(".sign[data-state=well]")
        self.assertEqual(page.errors, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
