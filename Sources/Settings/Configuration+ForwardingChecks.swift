extension Configuration {
    /// What no single key of `forwarding` can tell.
    func checkForwarding(in reader: inout ConfigurationReader) {
        if forwarding.retryMin > forwarding.retryMax {
            reader.report("forwarding.retry_min", "must be no longer than forwarding.retry_max")
        }
        for (index, entry) in forwarding.destinations.enumerated() {
            let path = "forwarding.destinations[\(index)]"
            entry.check(at: path, in: &reader)
            for service in entry.services ?? [] {
                checkService(service, serviceCatalog, at: "\(path).services", in: &reader)
            }
            for (number, pair) in entry.codes.enumerated() {
                guard let service = pair.service else { continue }
                checkService(service, serviceCatalog, at: "\(path).codes[\(number)].service", in: &reader)
            }
            warnOfWards(entry.wards, at: path, in: &reader)
            let others = forwarding.destinations[..<index]
            if !entry.name.isEmpty, others.contains(where: { $0.name == entry.name }) {
                reader.report("\(path).name", "each destination needs a name of its own; \(entry.name) is taken")
            }
            // Two clients of one name throw each other out.
            guard let broker = entry.broker else { continue }
            let connections = mqtt.brokers + others.compactMap(\.broker)
            if connections.contains(where: {
                ($0.host, $0.port, $0.clientID) == (broker.host, broker.port, broker.clientID)
            }) {
                reader.report(
                    "\(path).broker.client_id",
                    "a second connection to one broker needs another client_id, or the two throw each other out")
            }
        }
    }
}

extension Configuration.Forwarding {
    /// Variables that hold secrets of destinations.
    var secretVariables: [String] {
        destinations.flatMap { entry in
            [entry.secret, entry.apiKey, entry.broker?.password].compactMap { source in
                if case .variable(let name)? = source { name } else { nil }
            }
        }
    }
}

extension Configuration.ForwardingEntry {
    fileprivate func check(at path: String, in reader: inout ConfigurationReader) {
        if !reader.isSet("\(path).name") {
            reader.report("\(path).name", "is missing; what is queued for a destination is kept under its name")
        }
        if !reader.isSet("\(path).kind") {
            reader.report("\(path).kind", "is missing; one of mqtt, webhook, georeport, stewards")
        }
        // What a wrong word would have decided can't be missed beside it.
        let isUndecided = !reader.isSet("\(path).kind") || reader.hasProblem(at: "\(path).kind")
        if !isUndecided { checkURL(at: path, in: &reader) }
        for (index, pair) in codes.enumerated() where pair.service == nil || pair.code == nil {
            reader.report("\(path).codes[\(index)]", "needs service (ours) and code (theirs)")
        }
        if let broker { broker.check(at: "\(path).broker", in: &reader) }
        check(secret, "secret", at: path, in: &reader)
        check(apiKey, "api_key", at: path, in: &reader)
        if isUndecided { return }
        switch kind {
        case .mqtt where broker == nil:
            reader.report(
                "\(path).broker", "is missing; a destination of kind mqtt needs one, such as broker: {host: localhost}")
        case .webhook where secret == nil, .stewards where secret == nil:
            reader.report(
                "\(path).secret_file", "is missing (or secret_env): receivers know by the signature who calls them")
        case .georeport where apiKey == nil:
            reader.warn(
                "\(path).api_key_file", "is missing (or api_key_env): most servers take requests with a key only")
        default: break
        }
    }

    private func checkURL(at path: String, in reader: inout ConfigurationReader) {
        guard kind == .webhook || kind == .georeport else { return }
        guard let url else {
            // One that is wrong has been named already.
            if !reader.isSet("\(path).url") { reader.report("\(path).url", "is missing") }
            return
        }
        guard url.hasPrefix("http://"), !Self.isThisMachine(url) else { return }
        if allowsInsecure {
            reader.warn("\(path).url", "requests and keys travel unencrypted")
        } else {
            reader.report(
                "\(path).url", "must be https://, or on this machine; for a test set allow_insecure: true as well")
        }
    }

    private static func isThisMachine(_ url: String) -> Bool {
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return ["localhost", "127.0.0.1", "[::1]"].contains(host)
    }

    /// Reads a secret once, to say now what would otherwise fail at every start.
    private func check(
        _ source: PasswordSource?, _ name: String, at path: String, in reader: inout ConfigurationReader
    ) {
        if reader.isSet("\(path).\(name)_file"), reader.isSet("\(path).\(name)_env") {
            return reader.report("\(path).\(name)_env", "stands beside \(name)_file; keep one")
        }
        guard let source, reader.files.looks else { return }
        do throws(PasswordSource.Failure) {
            _ = try source.read(environment: reader.environment)
        } catch {
            let isVariable = if case .variable = source { true } else { false }
            reader.report("\(path).\(name)_\(isVariable ? "env" : "file")", error.description)
        }
    }
}
