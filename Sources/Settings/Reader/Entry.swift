/// A value of the configuration file with the place where it stands: YAML with everything that Sluice needs and no more.
indirect enum Entry: Sendable {
    case scalar(String, Place)
    case list([Entry], Place)
    case group([Member], Place)
    /// A key with nothing behind it, which counts as not written.
    case empty(Place)

    struct Member: Sendable {
        var key: String
        /// Of the key, not of the value.
        var place: Place
        var value: Entry
    }

    var place: Place {
        switch self {
        case .scalar(_, let place), .list(_, let place), .group(_, let place), .empty(let place): place
        }
    }

    /// What was found, as a sentence about a wrong type says it.
    var found: String {
        switch self {
        case .scalar(let text, _): Misfit.shown(text)
        case .list: "a list"
        case .group: "a group of keys"
        case .empty: "nothing"
        }
    }
}

/// How wrong values are quoted.
enum Misfit {
    /// The text in one line, cut; not at all where it looks like an address that carries a password.
    static func shown(_ text: String) -> String {
        if text.contains("@") { return "something with an @ (not shown: it may hold a password)" }
        if text.isEmpty { return "an empty text" }
        let line = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
        return line.count > 60 ? String(line.prefix(60)) + "…" : String(line)
    }
}
