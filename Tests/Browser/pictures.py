"""Takes the README's pictures anew, from `sluice demo` with people in it, into fixtures/pictures.

Build first (swift build -c release --product sluice), then, from the root,
    .build-browser/venv/bin/python Tests/Browser/pictures.py
"""

import re
import shutil
import time
import urllib.parse
import urllib.request

from browser import PHONE, WIDE, Browser, settled, until
from city import ROOT, Demo, new_key, scratch

PICTURES = ROOT / "fixtures/pictures"


def post(demo, document, **form):
    body = urllib.parse.urlencode(form).encode()
    urllib.request.urlopen(f"{demo.address}/open311/v2/{document}.json", body, timeout=30).close()


def people(demo):
    """Residents report what sensors know already, and crews say what they found, so that the goals have figures."""
    public, crew = demo.get("/api/key")["api_key"], new_key(demo.data, "crew", "update")
    requests = demo.get("/open311/v2/requests.json?extensions=true")
    # The page's key takes no more at once.
    left = 8
    for place, request in enumerate(requests):
        id, service = request["service_request_id"], request["service_code"]
        if service != "sensor-fault" and request["status"] == "open" and left > 0:
            left -= 1
            post(demo, "requests", api_key=public, service_code=service, lat=request["lat"], long=request["long"],
                 description="I came past here this morning, and it is as your page says.")
        if request["status"] == "closed" and place % 4:
            post(demo, "servicerequestupdates", api_key=crew, service_request_id=id, update_id=str(place), status="CLOSED",
                 updated_datetime=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), verdict="confirmed", description="Found as described.")


def main():
    folder = scratch()
    demo = Demo(folder, rate=600)
    browser = Browser()
    try:
        page = browser.window(size=WIDE)
        page.goto(demo.address + "/")
        settled(page)
        page.locator(".request h3 a", has_text=re.compile("burst", re.I)).first.wait_for(timeout=110_000)
        page.locator(".request h3 a", has_text=re.compile("fire", re.I)).first.wait_for(timeout=110_000)
        while not any(place["is_hot"] for place in demo.get("/api/hotspots?kind=ward&days=7")["places"]):
            time.sleep(.5)
        page.reload()
        page.wait_for_selector("path.ward[data-shade=hot]")
        page.locator(".leaflet-marker-icon").first.wait_for()
        page.screenshot(path=PICTURES / "first-page.png")
        page.locator(".request h3 a", has_text=re.compile("burst", re.I)).first.click()
        page.wait_for_selector("main header h1")
        until(page, "document.querySelector('figure .summary').textContent !== '' && document.querySelector('figure canvas').width > 300")
        page.screenshot(path=PICTURES / "request.png", full_page=True)
        people(demo)
        page.goto(demo.address + "/goals")
        settled(page)
        # What people said is counted within a moment.
        for _ in range(100):
            if page.locator("[data-service=water-leak] .sign:not([data-state=no_data])").count() >= 3:
                break
            page.reload()
            settled(page)
        page.screenshot(path=PICTURES / "goals.png")
        phone = browser.window(size=(PHONE[0], 1500))
        phone.goto(demo.address + "/")
        settled(phone)
        phone.wait_for_selector("path.ward[data-shade=hot]")
        phone.screenshot(path=PICTURES / "first-page-phone.png")
        assert not page.errors + phone.errors, page.errors + phone.errors
    finally:
        browser.stop()
        demo.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
