internal import FoundationEssentials

/// Where the system keeps its time zones. Detection takes a zone as bytes; this is who reads them.
package enum SystemZones {
    static let folder = "/usr/share/zoneinfo"

    /// The TZif file of an IANA name, or nil if there is none.
    package static func path(of name: String, files: FileProbe = .system) -> String? {
        let isName =
            !name.isEmpty && !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
            && name.utf8.allSatisfy { byte in
                byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
                    || "/_+-".utf8.contains(byte)
            }
        let path = "\(folder)/\(name)"
        return isName && files.problem(path, .file) == nil ? path : nil
    }

    /// The TZif bytes of an IANA name, or nil if the system has no such zone.
    package static func bytes(of name: String) -> [UInt8]? {
        path(of: name).flatMap { FileManager.default.contents(atPath: $0) }.map { Array($0) }
    }

    /// The system's zone: `$TZ`, else where /etc/localtime points, else /etc/timezone, else UTC.
    package static func current(environment: [String: String]) -> String {
        let chosen = environment["TZ"].map { String($0.drop { $0 == ":" }) }
        let candidates = [chosen, linked, written].compactMap { $0 }
        return candidates.first { path(of: $0) != nil } ?? "UTC"
    }

    /// The end of /etc/localtime's target: `/usr/share/zoneinfo/Europe/London`.
    private static var linked: String? {
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime") else {
            return nil
        }
        let parts = target.split(separator: "/")
        return parts.lastIndex(of: "zoneinfo").map { parts[($0 + 1)...].joined(separator: "/") }
    }

    private static var written: String? {
        FileManager.default.contents(atPath: "/etc/timezone").map {
            String(String(decoding: $0, as: UTF8.self).prefix { !$0.isNewline })
        }
    }
}
