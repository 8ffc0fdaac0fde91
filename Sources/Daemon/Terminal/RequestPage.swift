internal import Open311
internal import Readings

/// One request on one line of a terminal.
struct RequestLine {
    let text: String

    init(_ request: ServiceRequest) {
        let id = "#\(request.id)"
        let status = request.status == .open ? Terminal.bold("open  ") : Terminal.dim("closed")
        text = [
            id.padded(to: 7), status, request.service.rawValue.padded(to: 16), "severity \(request.severity)",
            Timestamp.format(request.requestedAtMs), Terminal.printable(request.title),
        ].joined(separator: "  ")
    }
}

/// One request, whole, for a terminal.
struct RequestPage {
    let text: String

    init(_ request: ServiceRequest, updates: [RequestUpdate]) {
        var lines = [
            Terminal.bold("#\(request.id) \(Terminal.printable(request.title))"),
            request.description.split(separator: "\n", omittingEmptySubsequences: false)
                .map { Terminal.printable(String($0)) }.joined(separator: "\n"),
            "",
        ]
        func row(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append("  \(name.padded(to: 12)) \(Terminal.printable(value))")
        }
        row("status", "\(request.status.rawValue): \(request.statusNotes)")
        row("service", request.service.rawValue)
        row("severity", "\(request.severity) of 4")
        row("raised", Timestamp.format(request.requestedAtMs))
        row("updated", Timestamp.format(request.updatedAtMs))
        row("expected", request.expectedAtMs.map { Timestamp.format($0) })
        row("first seen", Timestamp.format(request.firstSeenMs))
        row("last seen", Timestamp.format(request.lastSeenMs))
        row("where", [request.address, request.ward].compactMap { $0 }.joined(separator: ", "))
        if let latitude = request.latitude, let longitude = request.longitude {
            row("position", "\(latitude), \(longitude)")
        }
        // What people report has been measured by nobody.
        if !request.detector.isEmpty {
            row("sensors", "\(request.sensorCount), first \(request.sensorID)")
            row("rule", "\(request.detector), version \(request.detectorVersion)")
            row(
                "measured",
                "\(request.observed) \(request.unit), expected \(request.expected), threshold \(request.threshold)")
        }
        row("related", request.relatedID.map { "#\($0)" })
        row("next", request.notice)
        lines.append("")
        for update in updates {
            lines.append(
                "  \(Terminal.dim(Timestamp.format(update.atMs)))  \(update.status.rawValue.padded(to: 6))  "
                    + Terminal.printable(update.text))
        }
        text = lines.joined(separator: "\n")
    }
}

extension String {
    /// With spaces at its end, at least `width` characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
