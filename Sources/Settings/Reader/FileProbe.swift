internal import FoundationEssentials

/// Whether the files that a configuration names are there.
package struct FileProbe: Sendable {
    package enum Kind: String, Sendable {
        case file = "a file that can be read"
        case folder = "a folder that can be read"
    }

    /// Whether it looks at the disk at all.
    var looks = true
    /// What is wrong with the path, to follow its name ("does not exist"), or nil.
    let problem: @Sendable (_ path: String, Kind) -> String?

    /// Looks at the disk.
    package static let system = FileProbe { path, kind in
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return "does not exist" }
        switch kind {
        case .file where isFolder: return "is a folder"
        case .folder where !isFolder: return "is not a folder"
        default: return FileManager.default.isReadableFile(atPath: path) ? nil : "is not readable by this user"
        }
    }

    /// Takes every path as good: for examples that are checked away from the machine they are written for.
    package static let none = FileProbe(looks: false) { _, _ in nil }
}
