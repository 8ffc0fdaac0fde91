internal import Foundation

/// Writes a file for a person, whole or not at all.
enum TextFile {
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure("\(path): can't be written: \(error.localizedDescription)", .dataUnwritable)
        }
    }
}
