internal import Foundation
internal import Glibc
internal import Settings

/// What standard output and error can show.
enum Terminal {
    /// Whether standard output is a terminal.
    static let isOutputInteractive = isatty(STDOUT_FILENO) == 1
    /// Whether standard error is a terminal.
    static let isErrorInteractive = isatty(STDERR_FILENO) == 1

    /// Colour goes to a terminal only, and never under NO_COLOR (https://no-color.org).
    static let usesColour =
        isOutputInteractive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    static func bold(_ text: String) -> String { usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    static func dim(_ text: String) -> String { usesColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// A line to standard output at once, also when it is a pipe.
    static func say(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// A value as one line of JSON to standard output.
    static func sayJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// A line to standard error.
    static func complain(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// Writes all of it. A reader that has gone or a disk that is full takes the rest of the output, not the program.
    ///
    /// - Returns: whether all of it was written.
    @discardableResult static func write(_ text: String, to descriptor: Int32) -> Bool {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + done, bytes.count - done)
            }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// `text` with control characters made visible.
    static func printable(_ text: String) -> String { text.printable }
}
