import CSIMDJSON

/// The C shim over simdjson, owned: the one place in Swift that calls it.
///
/// `@unchecked Sendable` holds because:
/// 1. it is `~Copyable`, so the handle has one owner at a time and is freed once;
/// 2. the shim keeps no state outside the handle and knows no threads, so the owner may hand it on.
@safe struct JSONParser: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    private let pathCount: Int

    /// - Parameters:
    ///   - capacity: the longest payload, in bytes. The parser takes about five times as much memory.
    ///   - paths: see `csj_parser_create`.
    init(capacity: Int, paths: [String]) {
        // The shim copies the names; each ends with a NUL.
        var bytes: [CChar] = []
        var starts: [Int] = []
        for path in paths {
            starts.append(bytes.count)
            bytes += path.utf8CString
        }
        let made: OpaquePointer? = unsafe bytes.withUnsafeBufferPointer { memory in
            var names: [UnsafePointer<CChar>?] = unsafe []
            for start in starts { unsafe names.append(memory.baseAddress?.advanced(by: start)) }
            return unsafe csj_parser_create(capacity, names, names.count)
        }
        guard let handle = unsafe made else {
            preconditionFailure("out of memory, or a malformed path among \(paths)")
        }
        unsafe self.handle = handle
        pathCount = paths.count
    }

    deinit { unsafe csj_parser_destroy(handle) }

    /// The first of the payload's problems, or nil: then the values are there.
    mutating func parse(_ payload: borrowing Span<UInt8>) -> Problem? {
        let status = unsafe payload.withUnsafeBufferPointer { unsafe csj_parse(handle, $0.baseAddress, $0.count) }
        return problem(status)
    }

    /// Reads a document of any shape into the list of ``members``; see `csj_parse_events`.
    mutating func parseEvents(_ payload: borrowing Span<UInt8>) -> Problem? {
        let status = unsafe payload.withUnsafeBufferPointer {
            unsafe csj_parse_events(handle, $0.baseAddress, $0.count)
        }
        return problem(status)
    }

    struct Problem {
        var status: csj_status
        /// Where it was met, in bytes from the payload's start.
        var offset: Int
        /// After `CSJ_DUPLICATE`: the index of the path.
        var path: Int
    }

    private func problem(_ status: csj_status) -> Problem? {
        if status == CSJ_OK { return nil }
        return unsafe Problem(
            status: status, offset: csj_parser_error_offset(handle), path: csj_parser_duplicate(handle))
    }

    /// What the path at `index` led to.
    func value(_ index: Int) -> JSONValue {
        precondition(index < pathCount, "no path \(index)")
        return unsafe JSONValue(csj_parser_values(handle)[index])
    }

    var memberCount: Int { unsafe csj_parser_member_count(handle) }

    func member(_ index: Int) -> JSONMember {
        precondition(index < memberCount, "no member \(index)")
        return unsafe JSONMember(csj_parser_members(handle)[index])
    }
}

/// One value of the parser's last payload. Not to be kept beyond the next parse: its text lies in the parser's memory.
@safe struct JSONValue {
    private let raw: csj_value

    fileprivate init(_ raw: csj_value) { unsafe self.raw = raw }

    var kind: csj_kind { unsafe raw.kind }
    /// Of an integer or double.
    var number: Double { unsafe raw.number }
    /// Of an integer.
    var integer: Int64 { unsafe raw.integer }
    /// Of an object or array: the bytes of the payload that it fills.
    var extent: Range<Int> { unsafe Int(raw.integer)..<Int(raw.integer) + raw.length }

    /// A string's bytes, or a scalar as it was written; empty for a container.
    @inline(__always)
    func withText<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let text = unsafe UnsafeBufferPointer(start: raw.text, count: raw.length)
        return try body(unsafe text.span)
    }

    /// What to show of it in an error.
    var excerpt: Excerpt {
        switch kind {
        case CSJ_MISSING: Excerpt("nothing")
        case CSJ_OBJECT: Excerpt("an object")
        case CSJ_ARRAY: Excerpt("an array")
        case CSJ_STRING: withText { Excerpt(quoting: $0) }
        default: withText { Excerpt($0) }
        }
    }
}

/// A named value. The same lifetime as ``JSONValue``.
@safe struct JSONMember {
    private let raw: csj_member

    fileprivate init(_ raw: csj_member) { unsafe self.raw = raw }

    var value: JSONValue { unsafe JSONValue(raw.value) }

    @inline(__always)
    func withName<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let name = unsafe UnsafeBufferPointer(start: raw.name, count: raw.name_length)
        return try body(unsafe name.span)
    }
}
