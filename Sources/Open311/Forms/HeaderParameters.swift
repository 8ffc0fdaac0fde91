/// A header's value with parameters: `form-data; name="a b"; filename=x`.
struct HeaderParameters {
    /// What stands before the first semicolon, in lower case.
    let value: String
    private var parameters: [String: String] = [:]

    /// Quoted values may hold `\"` and `\\` (RFC 9110), and `%22` as browsers write a quotation mark.
    init(_ text: String) {
        var rest = text.unicodeScalars[...]
        value = String(String.UnicodeScalarView(rest.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }))
            .lowercased()
        rest = rest.drop { $0 != ";" }
        while rest.popFirst() != nil {
            let name = String(String.UnicodeScalarView(rest.prefix { $0 != "=" && $0 != ";" }.filter { $0 != " " }))
                .lowercased()
            rest = rest.drop { $0 != "=" && $0 != ";" }
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            let value = rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)
            if parameters[name] == nil { parameters[name] = value }
            rest = rest.drop { $0 != ";" }
        }
    }

    subscript(name: String) -> String? { parameters[name] }

    private static func token(_ rest: inout String.UnicodeScalarView.SubSequence) -> String {
        let token = rest.prefix { $0 != ";" }.filter { $0 != " " }
        rest = rest.drop { $0 != ";" }
        return String(String.UnicodeScalarView(token))
    }

    private static func quoted(_ rest: inout String.UnicodeScalarView.SubSequence) -> String {
        rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                text.append(rest.removeFirst())
            } else {
                text.append(scalar)
            }
        }
        return String(text).replacingQuotes()
    }
}

extension String {
    fileprivate func replacingQuotes() -> String {
        split(separator: "%22", omittingEmptySubsequences: false).joined(separator: "\"")
    }
}
