internal import Open311

/// How photos are called.
package enum PhotoName {
    /// Where they are served, and named by requests and updates.
    package static let prefix = "/media/photos/"

    /// Whether this is a name that ``PhotoShelf/name(of:)`` gives: a hash and a kind; nothing that could lead out of a folder.
    package static func isOne(_ name: some StringProtocol) -> Bool {
        let halves = name.split(separator: ".", omittingEmptySubsequences: false)
        return halves.count == 2 && halves[0].utf8.count == 32
            && halves[0].utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
            && Photo.Format.allCases.contains { $0.fileExtension == halves[1] }
    }

    /// All that a text names. It may name them by a whole web address: whose is not asked.
    static func all(in text: String) -> [String] {
        text.split(separator: prefix, omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            let name = rest.prefix { $0 == "." || $0.isASCII && ($0.isLetter || $0.isNumber) }
            // A full stop may end the sentence.
            let parts = name.split(separator: ".").prefix(2).joined(separator: ".")
            return isOne(parts) ? parts : nil
        }
    }
}
