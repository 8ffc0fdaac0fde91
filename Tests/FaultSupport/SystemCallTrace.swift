internal import Foundation

/// The system calls of a process as strace wrote them down, with every byte that crossed a descriptor.
///
/// From `strace -f -y -xx -s 65536 -e trace=…`: one line a call, or two where another thread came between:
/// ```
///   123 write(26<socket:[77]>, "\x40\x02\x00\x01", 4) = 4
///   124 fdatasync(11</data/sluice.db-wal> <unfinished ...>
///   124 <... fdatasync resumed>)        = 0
/// ```
public struct SystemCallTrace: Sendable {
    /// One call.
    public struct Call: Sendable {
        public var name: String
        /// What the descriptor stands for, as strace tells: a path, or `socket:[77]`.
        public var target: String
        /// What was read or written.
        public var bytes: [UInt8]
        /// Lines of the trace at which it began and ended: the order of everything.
        public var began: Int
        public var ended: Int
        public var result: Int
    }

    public private(set) var calls: [Call] = []

    public init(_ text: String) {
        var begun: [Substring: (line: Int, words: Substring)] = [:]
        for (number, line) in text.split(separator: "\n").enumerated() {
            let thread = line.prefix { $0 != " " }
            let words = line.dropFirst(thread.count).drop { $0 == " " }
            if let cut = words.range(of: " <unfinished ...>") {
                begun[thread] = (number, words[..<cut.lowerBound])
            } else if words.hasPrefix("<... ") {
                guard let begin = begun.removeValue(forKey: thread), let rest = words.range(of: "resumed>") else {
                    continue
                }
                add(String(begin.words) + words[rest.upperBound...], from: begin.line, to: number)
            } else {
                add(String(words), from: number, to: number)
            }
        }
    }

    private mutating func add(_ words: String, from began: Int, to ended: Int) {
        guard let open = words.firstIndex(of: "("),
            let result = words.range(of: " = ", options: .backwards).flatMap({ Self.integer(words[$0.upperBound...]) })
        else { return }
        let arguments = words[words.index(after: open)...]
        let target = arguments.firstIndex(of: "<").flatMap { begin in
            arguments[begin...].firstIndex(of: ">").map { arguments[arguments.index(after: begin)..<$0] }
        }
        calls.append(
            Call(
                name: String(words[..<open]), target: Self.text(target ?? ""),
                bytes: Self.bytes(arguments).prefix(max(0, result)).map { $0 }, began: began, ended: ended,
                result: result))
    }

    private static func integer(_ text: Substring) -> Int? { Int(text.prefix { $0 == "-" || $0.isNumber }) }

    /// A descriptor's name, which some versions of strace write in hexadecimal too.
    private static func text(_ target: Substring) -> String {
        target.hasPrefix("\\x") ? String(decoding: bytes("\"\(target)\""), as: UTF8.self) : String(target)
    }

    /// The bytes of the first string, each written as `\x41`.
    private static func bytes(_ arguments: Substring) -> [UInt8] {
        guard let begin = arguments.firstIndex(of: "\"") else { return [] }
        let string = arguments[arguments.index(after: begin)...].prefix { $0 != "\"" }
        return string.split(separator: "\\x").compactMap { UInt8($0, radix: 16) }
    }
}
