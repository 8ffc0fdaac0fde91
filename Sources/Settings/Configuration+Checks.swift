internal import Detection
internal import Pipeline
internal import Readings

extension Configuration {
    /// What no single key can tell: defaults that depend on other keys, and keys that contradict each other.
    mutating func settle(in reader: inout ConfigurationReader) {
        settleBrokers(in: &reader)
        checkMap(in: &reader)
        checkRoutes(in: &reader)
        checkServices(in: &reader)
        checkGoals(serviceCatalog, in: &reader)
        reader.report(detection.problems(), below: "detection")
        reader.report(storage.history.problems(), below: "history")
        checkOverrides(in: &reader)
        checkAdoption(in: &reader)
        checkRouting(serviceCatalog, in: &reader)
        if sensors.mode == .allowList, sensors.file == nil, !reader.isSet("sensors.file") {
            reader.warn(
                "sensors.mode",
                "allow_list without sensors.file hears only what sluice sensors import has brought, and refuses all others"
            )
        }
        if let zone = time.zone, SystemZones.path(of: zone, files: reader.files) == nil {
            reader.report(
                "time.zone", "must be an IANA name such as Europe/London (package tzdata), found \(Misfit.shown(zone))")
        }
        if let tls = http.tls {
            for (key, file) in [("certificate_file", tls.certificateFile), ("key_file", tls.keyFile)]
            where file == nil && !reader.hasProblem(at: "http.tls.\(key)") {
                reader.report("http.tls", "needs \(key)")
            }
        }
        if http.writing == .open, !http.isLoopback {
            reader.report(
                "http.writing",
                "open lets everybody who reaches \(http.host) post without a key; use keys, or listen on 127.0.0.1")
        }
        checkForwarding(in: &reader)
        let variables = mqtt.brokers.compactMap(\.passwordVariableName) + forwarding.secretVariables
        reader.warnOfUnusedVariables(except: Set(variables))
    }

    private mutating func settleBrokers(in reader: inout ConfigurationReader) {
        let isList = reader.isSet("mqtt.brokers")
        if isList, mqtt.brokers.isEmpty { reader.report("mqtt.brokers", "must name at least one broker") }
        if isList {
            for key in Broker.keys.map({ "mqtt.\($0.name)" }) where reader.isSet(key) {
                reader.report(
                    key, "is the short form for one broker; with mqtt.brokers it belongs into an item of that list")
            }
        }
        for index in mqtt.brokers.indices {
            let path = isList ? "mqtt.brokers[\(index)]" : "mqtt"
            if mqtt.brokers[index].tls != nil, !reader.isSet("\(path).port") { mqtt.brokers[index].port = 8883 }
            let broker = mqtt.brokers[index]
            broker.check(at: path, in: &reader)
            if broker.sparkplug != nil, broker.journal != nil {
                reader.report("\(path).journal", "keeps what a Sparkplug host is to forget; leave out one of the two")
            }
            let others = mqtt.brokers[..<index]
            if others.contains(where: { $0.name == broker.name }) {
                reader.report("\(path).name", "each broker needs a name of its own; \(broker.name) is taken")
            }
            if let journal = broker.journal, others.contains(where: { $0.journal == journal }) {
                reader.report(
                    "\(path).journal", "each broker has a journal of its own; another connection names \(journal)")
            }
            if others.contains(where: { ($0.host, $0.port, $0.clientID) == (broker.host, broker.port, broker.clientID) }
            ) {
                reader.report(
                    "\(path).client_id",
                    "a second connection to one broker needs another client_id, or the two throw each other out")
            }
        }
    }

    private func checkRoutes(in reader: inout ConfigurationReader) {
        checkSparkplug(in: &reader)
        if routes.isEmpty { reader.report("routes", "must have at least one route, or nothing is read") }
        for (index, route) in routes.enumerated() {
            let path = "routes[\(index)]"
            guard reader.isSet(path) else { continue }  // the default
            route.check(at: path, in: &reader)
            if reader.isSet("\(path).name"), routes[..<index].contains(where: { $0.route.name == route.route.name }) {
                reader.report("\(path).name", "each route needs a name of its own; \(route.route.name) is taken")
            }
            warnIfUnread(route.route, at: index, in: &reader)
        }
    }

    /// A topic is read by the first route that fits it.
    private func warnIfUnread(_ route: Route, at index: Int, in reader: inout ConfigurationReader) {
        let former = routes[..<index].first {
            $0.route.topic.filter == route.topic.filter
                && ($0.route.format == .sparkplug) == (route.format == .sparkplug)
        }
        guard let former else { return }
        reader.warn(
            "routes[\(index)].topic",
            "never reads anything: \(former.route.name) above has the same topics, and the first that fits reads a message"
        )
    }
}

extension Configuration {
    /// A route without a connection that takes it reads nothing, and the reverse.
    private func checkSparkplug(in reader: inout ConfigurationReader) {
        let hasHost = mqtt.brokers.contains { $0.sparkplug != nil }
        if let index = routes.firstIndex(where: { $0.route.format == .sparkplug }) {
            guard !hasHost else { return }
            reader.report(
                "routes[\(index)].format",
                "sparkplug-b needs a connection of its own: an item of mqtt.brokers with sparkplug: {host: …}")
        } else if let index = mqtt.brokers.firstIndex(where: { $0.sparkplug != nil }) {
            let path = reader.isSet("mqtt.brokers") ? "mqtt.brokers[\(index)]" : "mqtt"
            reader.report("\(path).sparkplug", "has nothing to read: no route has format sparkplug-b")
        }
    }
}

extension Configuration.Broker {
    func check(at path: String, in reader: inout ConfigurationReader) {
        if reader.isSet("\(path).password_file"), reader.isSet("\(path).password_env") {
            reader.report("\(path).password_env", "stands beside password_file; keep one")
        } else if let password, username == nil {
            reader.report(
                password.isVariable ? "\(path).password_env" : "\(path).password_file",
                "needs a username: MQTT sends no password without one")
        }
        checkPassword(at: path, in: &reader)
        if let tls { tls.check(at: "\(path).tls", in: &reader) }
        if tls == nil, password != nil, !["localhost", "127.0.0.1", "::1"].contains(host) {
            reader.warn("\(path).host", "the password travels to \(host) unencrypted; add tls")
        }
    }

    /// Reads the password once, to say now what would otherwise fail at every attempt to connect.
    private func checkPassword(at path: String, in reader: inout ConfigurationReader) {
        guard let password, reader.files.looks else { return }
        do throws(PasswordSource.Failure) {
            _ = try password.read(environment: reader.environment)
        } catch {
            reader.report(password.isVariable ? "\(path).password_env" : "\(path).password_file", error.description)
        }
    }
}

extension PasswordSource {
    fileprivate var isVariable: Bool { if case .variable = self { true } else { false } }
}

extension Configuration.TLS {
    fileprivate func check(at path: String, in reader: inout ConfigurationReader) {
        if isInsecure, !allowsInsecure {
            reader.report(
                "\(path).insecure",
                "would let anyone with a certificate pose as the broker; get the broker a certificate for its name"
                    + " instead, or for a test set allow_insecure: true as well")
        } else if isInsecure {
            reader.warn(
                "\(path).insecure",
                "the name in the broker's certificate is not checked: anyone with a certificate can pose as it")
        }
        for (one, other) in [("certificate_file", "key_file"), ("key_file", "certificate_file")]
        where reader.isSet("\(path).\(one)") && !reader.isSet("\(path).\(other)") {
            reader.report("\(path).\(one)", "needs \(other) beside it")
        }
    }
}

extension Configuration.RouteEntry {
    fileprivate func check(at path: String, in reader: inout ConfigurationReader) {
        for key in ["name", "topic"] where !reader.isSet("\(path).\(key)") {
            reader.report("\(path).\(key)", "is missing; each route needs one")
        }
        // What a wrong word would have decided can't be missed beside it.
        let isUndecided = ["format", "kind", "profile"].contains { reader.hasProblem(at: "\(path).\($0)") }
        let problems = route.problems().filter { problem in
            !isUndecided || !["kind:", "fields:", "sensor:"].contains { problem.hasPrefix($0) }
        }
        reader.report(problems, below: path)
        for index in route.fields.indices where !reader.isSet("\(path).fields[\(index)].quantity") {
            reader.report("\(path).fields[\(index)].quantity", "is missing; each field needs one")
        }
        for index in samples.indices
        where reader.isSet("\(path).samples[\(index)].payload") && samples[index].payloadHex != nil {
            reader.report("\(path).samples[\(index)].payload_hex", "stands beside payload; keep one")
        }
        for index in samples.indices where !reader.isSet("\(path).samples[\(index)].topic") {
            reader.report("\(path).samples[\(index)].topic", "is missing; the captures of a sample come from its topic")
        }
    }
}
