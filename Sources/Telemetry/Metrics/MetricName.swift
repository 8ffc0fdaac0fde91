/// Names and labels as Prometheus accepts them.
enum MetricName {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; what does not fit becomes `_`.
    static func metric(_ label: String) -> String { sanitised(label, colons: true) }

    /// A timer's name: it says that its unit is the second.
    static func seconds(_ label: String) -> String {
        let name = metric(label)
        return name.hasSuffix("_seconds") ? name : name + "_seconds"
    }

    static func withoutUnit(_ name: String) -> String {
        name.hasSuffix("_seconds") ? String(name.dropLast("_seconds".count)) : name
    }

    /// `a="1",b="2"`, by name, escaped. A name given twice keeps its last value: Prometheus refuses duplicates.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var values: [String: String] = [:]
        for (name, value) in dimensions { values[sanitised(name, colons: false)] = value }
        return values.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
    }

    /// Backslashes and line feeds, and in a label's value quotation marks, escaped.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func sanitised(_ label: String, colons: Bool) -> String {
        var name = ""
        for scalar in label.unicodeScalars {
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
            let isDigit = ("0"..."9").contains(scalar)
            if isDigit, name.isEmpty { name = "_" }
            name.unicodeScalars.append(isLetter || isDigit || (colons && scalar == ":") ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }
}
