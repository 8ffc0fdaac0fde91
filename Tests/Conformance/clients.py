"""A running server against clients that know nothing of it: the Python package three, and xmllint.

Usage: clients.py URL [API_KEY]     URL like http://127.0.0.1:8311
"""

import itertools
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

# three 0.8.0 and what it reads XML with were written for Python 2. What they miss: a function's name, a dictionary's keys as
# a list, and a method of elements, which only those written in Python can be given.
itertools.ifilter = filter
sys.modules["_elementtree"] = None
import xml.etree.ElementTree  # noqa: E402

xml.etree.ElementTree.Element.getchildren = lambda element: list(element)
import three.core  # noqa: E402


class IndexableKeys(dict):
    def keys(self):
        return list(super().keys())


_relaxed = three.core.xml
three.core.xml = lambda content: IndexableKeys(_relaxed(content.decode()))

FIELDS = set(
    "service_request_id status status_notes service_name service_code description agency_responsible service_notice "
    "requested_datetime updated_datetime expected_datetime address address_id zipcode lat long media_url".split())
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

url = sys.argv[1].rstrip("/")
key = sys.argv[2] if len(sys.argv) > 2 else ""
root = url + "/open311/v2/"
checks = 0


def expect(holds, what):
    global checks
    checks += 1
    if not holds:
        sys.exit(f"clients.py: {what}")


def fetch(path, data=None):
    """Status, headers and body."""
    try:
        with urllib.request.urlopen(root + path, data, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def xpath(document, expression):
    """What xmllint finds; it also says whether the document is well-formed XML."""
    result = subprocess.run(
        ["xmllint", "--noout", "--nonet", "--xpath", expression, "-"], input=document, capture_output=True)
    expect(result.returncode in (0, 10), f"xmllint: {result.stderr.decode()} in {document[:500]}")
    return result.stdout.decode().strip()


def with_three():
    client = three.core.Three(endpoint=root, api_key=key)
    endpoint = client.discovery()["endpoints"][0]
    expect(endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2", "three: discovery")
    expect(sorted(endpoint["formats"]) == ["application/json", "text/xml"], "three: discovery's formats")
    services = client.services()
    codes = [service["service_code"] for service in services]
    expect("water-leak" in codes and all(service["metadata"] in (True, False) for service in services), "three: services")
    expect(client.services("water-leak")["service_code"] == "water-leak", "three: a definition")

    posted = client.post(
        "water-leak", lat="52.4814", long="-1.8998", name="Ada Lovelace", phone="555-5555", email="ada@example.org",
        description="Water comes up <through> the & paving, 3 m² of it")
    expect(len(posted) == 1 and posted[0].get("service_request_id"), f"three: post: {posted}")
    number = posted[0]["service_request_id"]
    request = client.request(number)[0]
    expect(set(request) == FIELDS, f"three: fields {set(request) ^ FIELDS}")
    expect(request["description"].startswith("Water comes up <through> the &"), "three: description")
    expect("Ada" not in str(request) and "555" not in str(request), "three: the reporter is shown")
    expect(request["lat"] == 52.4814 and request["status"] == "open", "three: place and status")

    photo = client.post("bin-full", address="10 Broad Street", description="Full", media=GIF)
    expect(photo[0].get("service_request_id"), f"three: post with media: {photo}")
    media = client.request(photo[0]["service_request_id"])[0]["media_url"]
    with urllib.request.urlopen(media, timeout=30) as picture:
        expect(picture.headers["Content-Type"] == "image/gif" and picture.read() == GIF, "three: the photo")

    listed = client.requests("water-leak", count=5)
    expect(number in [each["service_request_id"] for each in listed] and len(listed) <= 5, "three: requests by service")
    expect(client.requests(start="01-01-2010", end="01-31-2010") == [], "three: requests between dates")
    refused = client.post("no-such-service", address="x")
    expect(refused[0]["code"] == 404, f"three: an unknown service: {refused}")
    expect(client.token("nothing")[0]["code"] == 404, "three: an unknown token")

    as_xml = three.core.Three(endpoint=root, api_key=key, format="xml")
    expect(as_xml.request(number)["request"]["service_request_id"] in (number, int(number)), "three: XML")
    expect(len(as_xml.services()["service"]) == len(services), "three: services in XML")
    return number


def with_xmllint(number):
    status, headers, document = fetch(f"requests/{number}.xml?extensions=true")
    expect(status == 200 and headers["Content-Type"] == "text/xml; charset=utf-8", "XML: type")
    expect(document.startswith(b'<?xml version="1.0" encoding="utf-8"?>'), "XML: declaration")
    for name in FIELDS:
        expect(xpath(document, f"count(/service_requests/request/{name})") == "1", f"XML: {name}")
    expect(xpath(document, "string(//request/extended_attributes/channel)") == "person", "XML: extensions")
    for path, count in [
        ("discovery.xml", "count(/discovery/endpoints/endpoint/formats/format)=2"),
        ("services.xml", "count(/services/service)>3"),
        ("services/water-leak.xml", "count(/service_definition/service_code)=1"),
        ("requests.xml?extensions=true", "count(/service_requests/request)>0"),
        ("servicerequestupdates.xml", "count(/service_request_updates/request_update/update_id)>0"),
        ("requests/999999999.xml", "/errors/error/code=404"),
        ("requests.xml?status=fixed", "/errors/error/code=400"),
        ("nothing.xml", "/errors/error/code=404"),
    ]:
        expect(xpath(fetch(path)[2], count) == "true", f"XML: {path}: {count}")


def as_fixmystreet(number):
    """Its dialect: CR LF, upper case, fields of its own, repeated media_url."""
    form = urllib.parse.urlencode([
        ("api_key", key), ("jurisdiction_id", "city"), ("service_request_id", number), ("status", "INVESTIGATING"),
        ("description", "A crew\r\nhas been sent"), ("update_id", "c-248"), ("service_request_id_ext", "9"),
        ("updated_datetime", "2026-11-21T20:34:05+00:00"), ("email", "staff@example.org"), ("last_name", "-"),
        ("media_url", "https://example.org/1.jpg"), ("media_url", "https://example.org/2.jpg"),
        ("public_anonymity_required", "FALSE")]).encode()
    status, _, document = fetch("servicerequestupdates.xml", form)
    update = xpath(document, "string(/service_request_updates/request_update/update_id)")
    expect(status == 200 and update.startswith(f"{number}-"), f"FixMyStreet: update {status} {document}")
    again = fetch("servicerequestupdates.xml", form)[2]
    expect(xpath(again, "string(//update_id)") == update, f"FixMyStreet: said twice: {again}")
    listed = fetch(f"servicerequestupdates.xml?service_request_id={number}&api_key={key}")[2]
    one = f"//request_update[update_id='{update}']"
    expect(xpath(listed, f"string({one}/status)") == "investigating", f"FixMyStreet: status {listed}")
    expect(xpath(listed, f"string({one}/media_url)") == "https://example.org/1.jpg", "FixMyStreet: media")
    email = fetch("requests.json", urllib.parse.urlencode(
        {"api_key": key, "service_code": "bin-full", "address_string": "1 High Street", "deviceid": "FixMyStreet"}).encode())
    expect(email[0] == 200, f"FixMyStreet: report {email}")


number = with_three()
with_xmllint(number)
if os.environ.get("SKIP_FIXMYSTREET") is None:
    as_fixmystreet(number)
print(f"{checks} checks with three 0.8.0, xmllint and FixMyStreet's dialect")
