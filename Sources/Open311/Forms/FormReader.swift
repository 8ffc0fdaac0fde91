/// Reads the fields of a form one by one, each with its bounds.
struct FormReader {
    private var values: [String: [String]] = [:]

    /// Empty fields are as absent, and blanks around a value are none of it.
    init(_ form: SubmittedForm) {
        for (name, value) in form.texts {
            let value = value.trimmed
            if !value.isEmpty { values[name, default: []].append(value) }
        }
    }

    /// The first value under one of the names.
    ///
    /// - Parameter longest: in Unicode scalars.
    /// - Throws: 400 for a longer one, and for characters that no text for people holds.
    func text(_ names: String..., longest: Int = 255) throws(GeoReportError) -> String? {
        guard let name = names.first(where: { values[$0] != nil }), let text = values[name]?.first else { return nil }
        return try Self.checked(text, name, longest: longest)
    }

    func texts(_ name: String, longest: Int = 255) throws(GeoReportError) -> [String] {
        var texts: [String] = []
        for text in values[name] ?? [] { texts.append(try Self.checked(text, name, longest: longest)) }
        return texts
    }

    func decimal(_ name: String, in range: ClosedRange<Double>) throws(GeoReportError) -> Double? {
        guard let text = values[name]?.first else { return nil }
        guard let number = PlainNumber.read(text), range.contains(number) else {
            throw .badParameter(
                name, "must be a number from \(range.lowerBound) to \(range.upperBound)", found: text)
        }
        return number
    }

    func id(_ name: String) throws(GeoReportError) -> Int64? {
        guard let text = values[name]?.first else { return nil }
        guard let id = Int64(text), id > 0, String(id) == text else {
            throw .badParameter(name, "must be a request's id, like 12", found: text)
        }
        return id
    }

    func time(_ name: String) throws(GeoReportError) -> Int64? {
        guard let text = values[name]?.first else { return nil }
        guard let time = W3CDateTime(text) else {
            throw .badParameter(
                name, "must be a date and time with its zone, like 2026-11-21T20:34:05Z", found: text)
        }
        return time.milliseconds
    }

    /// Addresses of media elsewhere: `media_url`, which may repeat.
    func mediaURLs() throws(GeoReportError) -> [String] {
        let urls = try texts("media_url", longest: 2000)
        for url in urls where !Self.isWebAddress(url) {
            throw .badParameter("media_url", "must be a web address, like https://example.org/photo.jpg", found: url)
        }
        return urls
    }

    private static func isWebAddress(_ text: String) -> Bool {
        let lower = text.prefix(8).lowercased()
        guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return false }
        return text.utf8.count > scheme.utf8.count
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }
    }

    static func checked(_ text: String, _ name: String, longest: Int) throws(GeoReportError) -> String {
        let text = text.withLineFeeds
        let count = text.unicodeScalars.count
        guard count <= longest else {
            throw GeoReportError(code: 400, "\(name.shortened): at most \(longest) characters, found \(count)")
        }
        guard text.unicodeScalars.allSatisfy(\.isForPeople) else {
            throw GeoReportError(code: 400, "\(name.shortened): must hold no control characters")
        }
        return text
    }
}

extension String {
    /// Without blanks and line ends around it.
    fileprivate var trimmed: String {
        let front = unicodeScalars.drop { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        let back = front.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        return String(String.UnicodeScalarView(back.reversed()))
    }

    /// FixMyStreet sends CR LF.
    fileprivate var withLineFeeds: String {
        guard utf8.contains(0x0D) else { return self }
        var out = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in unicodeScalars {
            if scalar == "\r" { out.append("\n") } else if !(wasReturn && scalar == "\n") { out.append(scalar) }
            wasReturn = scalar == "\r"
        }
        return String(out)
    }

    /// What a client sent is repeated in part only: an answer shouldn't grow with a hostile question.
    var shortened: String {
        unicodeScalars.count > 60 ? String(String.UnicodeScalarView(unicodeScalars.prefix(60))) + "…" : self
    }
}

extension Unicode.Scalar {
    /// Whether XML 1.0 can hold it and a reader can see it, or it ends a line or a word.
    fileprivate var isForPeople: Bool {
        switch value {
        case 0x09, 0x0A: true
        case 0..<0x20, 0x7F...0x9F, 0xFFFE, 0xFFFF: false
        default: true
        }
    }
}
