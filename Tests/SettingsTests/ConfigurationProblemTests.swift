import Settings
import Testing

/// What a wrong configuration is told: every problem at once, each with line and column, what was found and what is right.
@Suite struct ConfigurationProblemTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var yaml: String
        var environment: [String: String] = [:]
        var lines: [String]

        init(_ name: String, _ yaml: String, environment: [String: String] = [:], _ lines: String...) {
            (testDescription, self.yaml, self.environment, self.lines) = (name, yaml, environment, lines)
        }
    }

    static let values = [
        Case(
            "a port out of range", "http:\n  port: 99999\n",
            "sluice.yaml:2:9: http.port: must be 0–65535, found 99999"),
        Case(
            "text where a number belongs", "http: {port: eight}",
            "sluice.yaml:1:14: http.port: must be 0–65535, found eight"),
        Case(
            "a list where a number belongs", "http:\n  port: [80, 81]\n",
            "sluice.yaml:2:9: http.port: must be 0–65535, found a list"),
        Case(
            "a group where a word belongs", "log:\n  level: {debug: true}\n",
            "sluice.yaml:2:10: log.level: must be trace, debug, info, notice, warning, error or critical,"
                + " found a group of keys"),
        Case(
            "a word where a group belongs", "mqtt: localhost\n",
            "sluice.yaml:1:7: mqtt: must be a group of keys, found localhost"),
        Case(
            "a group where a list belongs", "routes:\n  name: x\n",
            "sluice.yaml:2:3: routes: must be a list (lines that start with -), found a group of keys"),
        Case(
            "a fraction where a whole number belongs", "detection: {night_flow: {reference_days: 2.5}}",
            "sluice.yaml:1:42: detection.night_flow.reference_days: must be a whole number, 0–366, found 2.5"),
        Case(
            "tiles that are a script", "http: {tiles_url: 'javascript:alert(1)//{z}{x}{y}'}",
            "sluice.yaml:1:19: http.tiles_url: must be an address with {z}, {x} and {y}, such as"
                + " https://tiles.example.org/{z}/{x}/{y}.png, found javascript:alert(1)//{z}{x}{y}"),
        Case(
            "tiles that are a path", "http: {tiles_url: '/tiles/{z}/{x}/{y}.png'}",
            "sluice.yaml:1:19: http.tiles_url: must be an address with {z}, {x} and {y}, such as"
                + " https://tiles.example.org/{z}/{x}/{y}.png, found /tiles/{z}/{x}/{y}.png"),
        Case(
            "tiles that are one picture", "http: {tiles_url: 'https://tiles.example/{z}/{x}.png'}",
            "sluice.yaml:1:19: http.tiles_url: must be an address with {z}, {x} and {y}, such as"
                + " https://tiles.example.org/{z}/{x}/{y}.png, found https://tiles.example/{z}/{x}.png"),
        Case(
            "a destination's kind that nobody knows asks for nothing else",
            "forwarding:\n  destinations:\n    - {name: a, kind: pigeon}\n",
            "sluice.yaml:3:23: forwarding.destinations[0].kind: must be mqtt, webhook, georeport or stewards, found pigeon"
        ),
        Case(
            "a destination's address that is none is not missing as well",
            "forwarding:\n  destinations:\n    - {name: a, kind: georeport, url: 'ftp://a', api_key_env: K}\n",
            environment: ["K": "x"],
            "sluice.yaml:3:39: forwarding.destinations[0].url: must be a URL such as https://sluice.example.org, without a"
                + " query, found ftp://a"),
        Case(
            "a word that is none of those", "data: {durability: pwer}",
            "sluice.yaml:1:20: data.durability: must be power or crash, found pwer"),
        Case(
            "yes instead of true", "rules: {burst: {enabled: yes}}",
            "sluice.yaml:1:26: rules.burst.enabled: must be true or false, found yes"),
        Case(
            "a duration without a unit", "mqtt: {keepalive: 60}",
            "sluice.yaml:1:19: mqtt.keepalive: must be a duration such as 90s, 15m, 6h, 10d or 1h30m, from 5s to 1h, found 60"
        ),
        Case(
            "a duration that is too short", "mqtt: {keepalive: 4s}",
            "sluice.yaml:1:19: mqtt.keepalive: must be a duration such as 90s, 15m, 6h, 10d or 1h30m, from 5s to 1h, found 4s"
        ),
        Case(
            "a ring that is no power of two", "mqtt: {ring_capacity: 65000}",
            "sluice.yaml:1:23: mqtt.ring_capacity: must be a power of two, 1024–16777216, found 65000"),
        Case(
            "a URL as host", "mqtt: {host: 'mqtt://broker'}",
            "sluice.yaml:1:14: mqtt.host: must be a host name or an IP address, without scheme or port, found mqtt://broker"
        ),
        Case(
            "thresholds in the wrong order", "detection:\n  bin:\n    full_percent: 50\n",
            "sluice.yaml:3:5: detection.bin: must have 0 < clear_percent < full_percent < overflow_percent ≤ 100,"
                + " found 55.0, 50.0, 95.0"),
        Case(
            "an unknown zone", "time: {zone: Europe/Londres}",
            "sluice.yaml:1:14: time.zone: must be an IANA name such as Europe/London (package tzdata), found Europe/Londres"
        ),
        Case(
            "a zone that climbs out of its folder", "time: {zone: ../../../etc/passwd}",
            "sluice.yaml:1:14: time.zone: must be an IANA name such as Europe/London (package tzdata),"
                + " found ../../../etc/passwd"),
        Case(
            "a missing registry", "sensors:\n  file: /nowhere/sensors.csv\n",
            "sluice.yaml:2:9: sensors.file: must be a file that can be read: /nowhere/sensors.csv does not exist"),
        Case(
            "a folder as registry", "sensors: {file: /}",
            "sluice.yaml:1:17: sensors.file: must be a file that can be read: / is a folder"),
        Case(
            "wards in a file that is no map", "http: {wards_file: /etc/hostname}",
            "sluice.yaml:1:20: http.wards_file: must be GeoJSON outlines of wards; /etc/hostname: must be JSON, nested at most 16"
                + " deep"),
        Case(
            "a layer that is no map", "http: {layers: [{name: pipes, file: /etc/hostname}]}",
            "sluice.yaml:1:37: http.layers[0].file: must be a GeoJSON file; /etc/hostname is none"),
        Case(
            "a certificate that isn't there", "http: {tls: {certificate_file: /no/c.pem, key_file: /etc/hostname}}",
            "sluice.yaml:1:32: http.tls.certificate_file: must be a file that can be read: /no/c.pem does not exist"),
        Case(
            "minutes that go before the readings do", "history: {raw: 90d, minutes: 36h}",
            "sluice.yaml:1:30: history.minutes: must be no shorter than history.raw, which is 90d, found 36h"),
        Case(
            "a star in the middle", "overrides: [{sensors: '*bin', rules: {burst: {enabled: false}}}]",
            "sluice.yaml:1:23: overrides[0].sensors: must have a star at the end only, for any ending, found *bin"),
        Case(
            "a kind that nobody knows asks for something all the same",
            "overrides: [{kinds: bins, rules: {burst: {enabled: false}}}]",
            "sluice.yaml:1:21: overrides[0].kinds: must be kinds with commas between them"
                + " (water-leak, traffic, bin-fill, generic), found bins"),
        Case(
            "a web server's certificate without its key", "http: {tls: {certificate_file: /etc/hostname}}",
            "sluice.yaml:1:13: http.tls: needs key_file"),
    ]

    static let keys = [
        Case(
            "a mistyped key", "http:\n  prot: 80\n",
            "sluice.yaml:2:3: http.prot: unknown key; did you mean port?"),
        Case(
            "another spelling", "mqtt: {clientId: a}",
            "sluice.yaml:1:8: mqtt.clientId: unknown key; did you mean client_id?"),
        Case(
            "a key from nowhere", "log: {colour: red}",
            "sluice.yaml:1:7: log.colour: unknown key; known here: level, format, history"),
        Case(
            "a mistyped rule", "rules: {burts: {enabled: false}}",
            "sluice.yaml:1:9: rules.burts: unknown key; did you mean burst?"),
        Case(
            "a key that stands twice", "http:\n  port: 80\n  host: ::1\n  port: 81\n",
            "sluice.yaml:4:3: http.port: stands twice in one group, first on line 2; keep one"),
        Case(
            "a key that stands three times", "log:\n  level: info\n  level: debug\n  level: info\n",
            "sluice.yaml:3:3: log.level: stands twice in one group, first on line 2; keep one",
            "sluice.yaml:4:3: log.level: stands twice in one group, first on line 2; keep one"),
        Case(
            "a key that stands twice in an item of a list", "routes:\n  - name: a\n    topic: x/{kind}\n    name: b\n",
            "sluice.yaml:4:5: routes[0].name: stands twice in one group, first on line 2; keep one"),
        Case(
            "a key that stands twice in a file that can't be read",
            "http:\n  port: 80\n  port: 81\nlog: {level: info\n",
            "sluice.yaml:2:3: port: stands twice in one group; keep one",
            "sluice.yaml:5:1: not valid YAML: did not find expected ',' or '}'"),
        Case(
            "a key that stands twice hides nothing else",
            "http:\n  port: 80\n  port: 81\n  hots: x\nlog: {levle: a}\nlog: {}\n",
            "sluice.yaml:3:3: http.port: stands twice in one group, first on line 2; keep one",
            "sluice.yaml:4:3: http.hots: unknown key; did you mean host?",
            "sluice.yaml:6:1: log: stands twice in one group, first on line 5; keep one"),
        Case(
            "a key that is a list", "? [a, b]\n: 1\n",
            "sluice.yaml:1:3: a key must be a single word"),
    ]

    static let text = [
        Case(
            "a tab", "http:\n\tport: 80\n",
            "sluice.yaml:2:1: a tab stands where YAML wants spaces; indent with spaces"),
        Case(
            "a bracket that stays open", "http: {port: 80\nlog: {}\n",
            "sluice.yaml:2:4: not valid YAML: did not find expected ',' or '}'"),
        Case(
            "a quote that stays open", "http: {host: 'a\n",
            "sluice.yaml:1:14: a quotation mark opens here that is never closed"),
        Case(
            "a colon without a blank", "http:\n  port:80\n",
            "sluice.yaml:2:3: http: must be a group of keys, found port:80 (a blank is missing after the colon)"),
        Case(
            "wrong indentation", "http:\n    port: 80\n  host: a\n",
            "sluice.yaml:3:3: not valid YAML: did not find expected key"),
        Case(
            "two documents", "http: {}\n---\nlog: {}\n",
            "sluice.yaml:2:1: a second document begins here; keep one"),
        Case(
            "an alias of nothing", "http: *a\n",
            "sluice.yaml:1:7: not valid YAML: found undefined alias"),
        Case(
            "a control character", "http: {}\nlog: \u{1}\n",
            "sluice.yaml:2:6: must be UTF-8 text without control characters"),
        Case(
            "a list at the top", "- http\n",
            "sluice.yaml:1:1: must be a group of keys, found a list"),
        Case(
            "aliases that multiply",
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                + "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                + "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
            "sluice.yaml:1:8: f: holds more than 100,000 values"),
    ]

    static let brokers = [
        Case(
            "a password in the file", "mqtt:\n  username: s\n  password: hunter2\n",
            "sluice.yaml:3:13: mqtt.password: a password may not stand in the file; write it to a file that only the daemon can"
                + " read and name that in password_file, or set password_env to the name of a variable that holds it"),
        Case(
            "a password as the variable's name", "mqtt: {username: s, password_env: hunter-2}",
            "sluice.yaml:1:35: mqtt.password_env: must be the name of an environment variable (letters, digits and _),"
                + " found something else (not shown: it may be a secret)"),
        Case(
            "a password in the host", "mqtt: {host: 's:hunter2@broker'}",
            "sluice.yaml:1:14: mqtt.host: must be a host name or an IP address, without scheme or port,"
                + " found something with an @ (not shown: it may hold a password)"),
        Case(
            "a variable that isn't there", "mqtt: {username: s, password_env: MQTT_PASSWORD}",
            "sluice.yaml:1:35: mqtt.password_env: the environment has no variable MQTT_PASSWORD, or it is empty"),
        Case(
            "a password file that isn't there", "mqtt: {username: s, password_file: /nowhere/p}",
            "sluice.yaml:1:36: mqtt.password_file: /nowhere/p does not exist or is not readable by this user"),
        Case(
            "a credential without systemd", "mqtt: {username: s, password_file: 'credential:mqtt'}",
            "sluice.yaml:1:36: mqtt.password_file: credential:mqtt needs systemd: $CREDENTIALS_DIRECTORY is not set"
                + " (LoadCredential=mqtt:/path in the unit sets it)"),
        Case(
            "two sources of one password", "mqtt: {username: s, password_file: /p, password_env: P}",
            environment: ["P": "x"],
            "sluice.yaml:1:54: mqtt.password_env: stands beside password_file; keep one"),
        Case(
            "a password without a user", "mqtt: {password_env: P}", environment: ["P": "x"],
            "sluice.yaml:1:22: mqtt.password_env: needs a username: MQTT sends no password without one"),
        Case(
            "no check of the broker", "mqtt:\n  tls:\n    insecure: true\n",
            "sluice.yaml:3:15: mqtt.tls.insecure: would let anyone with a certificate pose as the broker; get the broker a"
                + " certificate for its name instead, or for a test set allow_insecure: true as well"),
        Case(
            "a certificate without its key", "mqtt:\n  tls:\n    certificate_file: /etc/hostname\n",
            "sluice.yaml:3:23: mqtt.tls.certificate_file: needs key_file beside it"),
        Case(
            "a missing authority", "mqtt: {tls: {ca_file: /nowhere/ca.pem}}",
            "sluice.yaml:1:23: mqtt.tls.ca_file: must be a file that can be read: /nowhere/ca.pem does not exist"),
        Case(
            "no brokers", "mqtt: {brokers: []}",
            "sluice.yaml:1:17: mqtt.brokers: must name at least one broker"),
        Case(
            "both forms", "mqtt:\n  host: a\n  brokers:\n    - host: b\n",
            "sluice.yaml:2:9: mqtt.host: is the short form for one broker; with mqtt.brokers it belongs into an item of"
                + " that list"),
        Case(
            "two brokers of one name", "mqtt:\n  brokers:\n    - {name: a, host: x}\n    - {name: a, host: y}\n",
            "sluice.yaml:4:14: mqtt.brokers[1].name: each broker needs a name of its own; a is taken"),
        Case(
            "two connections under one id", "mqtt:\n  brokers:\n    - {name: a, host: x}\n    - {name: b, host: x}\n",
            "sluice.yaml:4:7: mqtt.brokers[1].client_id: a second connection to one broker needs another client_id, or"
                + " the two throw each other out"),
    ]

    static let routes = [
        Case(
            "a route with nothing in it", "routes:\n  - format: flat-json\n",
            "sluice.yaml:2:5: routes[0].name: is missing; each route needs one",
            "sluice.yaml:2:5: routes[0].topic: is missing; each route needs one"),
        Case(
            "a pattern that MQTT can't filter", "routes:\n  - name: a\n    topic: city/#/{sensor}\n",
            "sluice.yaml:3:12: routes[0].topic: must be a topic filter such as city/{kind}/{sensor};"
                + " \"city/#/{sensor}\" has # before its last level"),
        Case(
            "pressure turned into flow",
            "routes:\n  - name: a\n    topic: p/{sensor}\n    kind: water-leak\n    quantity: flow_m3h\n    unit: kPa\n",
            "sluice.yaml:6:11: routes[0].unit: must be convertible into m³/h for flow_m3h, found kPa"),
        Case(
            "a unit that nobody knows",
            "routes: [{name: a, topic: '{kind}/{sensor}', quantity: fill_pct, unit: furlong}]",
            "sluice.yaml:1:72: routes[0].unit: must be a unit: m3/s, m³/h, L/s, L/min, L/h, Pa, hPa, kPa, bar, m, dB, bool,"
                + " veh/h, veh/min, /, %, m/s, km/h, mph, °C, °F, K, m3, L, mm, cm, metre"
                + " or count, found furlong"),
        Case(
            "no way to tell the kind", "routes: [{name: a, topic: 'p/{sensor}'}]",
            "sluice.yaml:1:10: routes[0].kind: must be given, because the topic p/{sensor} has no {kind}"),
        Case(
            "two routes of one name", "routes:\n  - {name: a, topic: 'x/{kind}'}\n  - {name: a, topic: 'y/{kind}'}\n",
            "sluice.yaml:3:12: routes[1].name: each route needs a name of its own; a is taken"),
        Case(
            "a sample without a topic", "routes: [{name: a, topic: 'x/{kind}', samples: [{payload: '{}'}]}]",
            "sluice.yaml:1:49: routes[0].samples[0].topic: is missing; the captures of a sample come from its topic"),
        Case(
            "an amount without its unit",
            "routes: [{name: a, topic: 't/{sensor}', kind: traffic, format: json, fields: [{path: n, quantity: flow_vph, per: 15m}]}]",
            "sluice.yaml:1:114: routes[0].fields[0].per: needs beside it the unit of what is summed: count for vehicles,"
                + " m3 or L for water"),
        Case(
            "a path with half an element",
            "routes: [{name: a, topic: 't/{sensor}', kind: traffic, format: json, fields: [{path: 'x[-1]', quantity: value}]}]",
            "sluice.yaml:1:86: routes[0].fields[0].path: must name an array's element as [0] to [99], such as rx[0].rssi,"
                + " found \"x[-1]\""),
        Case(
            "a profile that nobody knows asks for nothing else",
            "routes: [{name: a, topic: 't/{sensor}', format: the-things-stack, profile: dragino-x}]",
            "sluice.yaml:1:76: routes[0].profile: must be a device model: axioma-qalcosonic-w1, dragino-ldds75, dragino-lwl02,"
                + " dragino-sw3l, fiware-traffic-flow-observed, fiware-waste-container, fiware-water-consumption-observed,"
                + " milesight-em300-di, milesight-em300-leak, milesight-em400, milesight-em500-pp, milesight-ws303,"
                + " parametric-tcr or quandify-cubicmeter, found dragino-x"),
        Case("no routes", "routes: []", "sluice.yaml:1:9: routes: must have at least one route, or nothing is read"),
    ]

    private static let known = "must be one of water-leak, traffic-anomaly, bin-full, sensor-fault"

    /// What names a service that the city does not have.
    static let strangers = [
        Case(
            "a destination's service",
            """
            forwarding:
              destinations:
                - {name: a, kind: georeport, url: 'http://localhost:1', services: water-leek, codes: [{service: nope, code: x}]}
            """,
            "sluice.yaml:3:71: forwarding.destinations[0].services: \(known), found water-leek",
            "sluice.yaml:3:101: forwarding.destinations[0].codes[0].service: \(known), found nope"),
        Case(
            "a goal's service", "goals: [{service: water, measure: on_time, target: 90%}]",
            "sluice.yaml:1:19: goals[0].service: \(known), found water"),
    ]

    static let environment = [
        Case(
            "a wrong value", "", environment: ["SLUICE_HTTP_PORT": "many"],
            "SLUICE_HTTP_PORT: http.port: must be 0–65535, found many"),
        Case(
            "after what stands in the file", "log: {level: loud}", environment: ["SLUICE_HTTP_PORT": "-1"],
            "sluice.yaml:1:14: log.level: must be trace, debug, info, notice, warning, error or critical, found loud",
            "SLUICE_HTTP_PORT: http.port: must be 0–65535, found -1"),
        Case(
            "a password", "", environment: ["SLUICE_MQTT_PASSWORD": "hunter2"],
            "SLUICE_MQTT_PASSWORD: mqtt.password: a password may not stand in the file; write it to a file that only the"
                + " daemon can read and name that in password_file, or set password_env to the name of a variable that holds it"
        ),
        Case(
            "the short form beside a list", "mqtt: {brokers: [{host: a}]}", environment: ["SLUICE_MQTT_HOST": "b"],
            "SLUICE_MQTT_HOST: mqtt.host: is the short form for one broker; with mqtt.brokers it belongs into an item of"
                + " that list"),
    ]

    static let services = [
        Case(
            "a service without its code", "services: [{name: Pot-hole}]",
            "sluice.yaml:1:12: services[0].code: is missing; each service needs one"),
        Case(
            "a code that can't be one", "services: [{code: Pot Hole}]",
            "sluice.yaml:1:19: services[0].code: must be 1–64 of a–z, 0–9 and -, found Pot Hole"),
        Case(
            "a service twice", "services: [{code: a}, {code: a}]",
            "sluice.yaml:1:30: services[1].code: each service stands once; a is taken"),
        Case(
            "a promise for three", "services: [{code: a, promise: '1d, 2d, 3d'}]",
            "sluice.yaml:1:31: services[0].promise: must be four durations for the severities 1 to 4, such as 10d, 3d, 1d, 4h, "
                + "found 1d, 2d, 3d"),
        Case(
            "a list without values", "services: [{code: a, attributes: [{code: b, datatype: multivaluelist}]}]",
            "sluice.yaml:1:35: services[0].attributes[0].values: is missing; a multivaluelist offers some"),
        Case(
            "a datatype that is none leaves its values alone",
            "services: [{code: a, attributes: [{code: b, datatype: list, values: 'x=1, y=2'}]}]",
            "sluice.yaml:1:55: services[0].attributes[0].datatype: must be string, number, datetime, text, singlevaluelist or"
                + " multivaluelist, found list"),
        Case(
            "values that are alike",
            "services: [{code: a, attributes: [{code: b, datatype: multivaluelist, values: 'x=1, x=2'}]}]",
            "sluice.yaml:1:79: services[0].attributes[0].values: must be values with their names, such as "
                + "s = Small, l = Large; no two alike, found x=1, x=2"),
    ]

    @Test(arguments: values + keys + text + brokers + routes + services + strangers + environment)
    func names(_ c: Case) {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(c.yaml, source: "sluice.yaml", environment: c.environment)
        }
        #expect(problems?.description.split(separator: "\n").map(String.init) == c.lines)
    }

    /// What may be meant, but does nothing as it stands.
    @Test func warnsOfWhatHasNoEffect() throws {
        let loaded = try Configuration.parse(
            """
            routes:
              - {name: a, topic: 'x/{kind}/{sensor}'}
              - {name: b, topic: 'x/{kind}/{device}', sensor: '{device}', format: number, quantity: value}
            http: {wards_file: fixtures/birmingham-wards.geojson}
            routing: [{service: water-leak, wards: 'Astonn, Aston', agency: Water}]
            goals:
              - {service: water-leak, measure: on_time, target: 90%}
              - {service: water-leak, measure: on_time, target: 80%}
            """, source: "sluice.yaml")
        #expect(
            loaded.warnings == [
                "sluice.yaml:3:22: routes[1].topic: never reads anything: a above has the same topics, and the first that"
                    + " fits reads a message",
                "sluice.yaml:5:40: routing[0].wards: Astonn is no ward of http.wards_file; did you mean Aston?",
                "sluice.yaml:8:5: goals[1]: sets a goal that stands above already; both are shown",
            ])
    }

    @Test func aFileThatIsNotThere() {
        let problems = #expect(throws: ConfigurationProblems.self) {
            try Configuration.load(path: "/nowhere/sluice.yaml", environment: [:])
        }
        #expect(problems?.description == "/nowhere/sluice.yaml: does not exist")
    }

    @Test(arguments: [
        "mqtt:\n  password: hunter2\n", "mqtt:\n  password: 'hunter2\n", "mqtt: {password: {a: hunter2}}",
    ])
    func aPasswordInTheFileIsNeverRepeated(_ yaml: String) {
        let problems = #expect(throws: ConfigurationProblems.self) { try Configuration.parse(yaml, source: "s") }
        #expect(problems.map { "\($0)" }?.contains("hunter2") == false)
    }
}
