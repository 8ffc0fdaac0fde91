import CSIMDJSON

/// The C shim over simdjson, owned: the one place in Swift that calls it.
///
/// `@unchecked Sendable` holds because:
/// 1. it is `~Copyable`, so the handle has one owner at a time and is freed once;
/// 2. the shim keeps no state outside the handle and knows no threads, so the owner may hand it on.
@safe struct JSONParser: ~Copyable, @unchecked Sendable {
    private let handle: OpaquePointer
    /// The shim's, for as long as the handle lives.
    private let values: UnsafePointer<csj_value>
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
        guard let values = unsafe csj_parser_values(handle) else { preconditionFailure("a parser has values") }
        unsafe (self.handle, self.values) = (handle, values)
        pathCount = paths.count
    }

    deinit { unsafe csj_parser_destroy(handle) }

    // Parsing changes what stands behind the handle, not the handle: so a class can hold a parser as a constant, and no access to
    // it is checked for exclusivity while a message is read.

    /// The first of the payload's problems, or nil: then the values are there.
    func parse(_ payload: borrowing Span<UInt8>) -> Problem? {
        let status = unsafe payload.withUnsafeBufferPointer { unsafe csj_parse(handle, $0.baseAddress, $0.count) }
        return problem(status)
    }

    /// Reads a document of any shape into the list of ``members``; see `csj_parse_events`.
    func parseEvents(_ payload: borrowing Span<UInt8>) -> Problem? {
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
    @inline(__always)
    func value(_ index: Int) -> JSONValue {
        precondition(index < pathCount, "no path \(index)")
        return unsafe JSONValue(values[index])
    }

    var memberCount: Int { unsafe csj_parser_member_count(handle) }

    func member(_ index: Int) -> JSONMember {
        precondition(index < memberCount, "no member \(index)")
        return unsafe JSONMember(csj_parser_members(handle)[index])
    }

    /// The whole list, for a walk over it.
    var members: JSONMembers {
        unsafe JSONMembers(UnsafeBufferPointer(start: csj_parser_members(handle), count: memberCount))
    }
}

/// The members or events of the parser's last payload, in its order. The same lifetime as ``JSONValue``.
@safe struct JSONMembers {
    private let list: UnsafeBufferPointer<csj_member>

    fileprivate init(_ list: UnsafeBufferPointer<csj_member>) { unsafe self.list = list }

    var count: Int { unsafe list.count }

    @inline(__always)
    subscript(index: Int) -> JSONMember {
        precondition(index >= 0 && index < count, "no member \(index)")
        return unsafe JSONMember(list[index])
    }

    /// A string's bytes; none for no place.
    @inline(__always)
    func withText<Result, Failure: Error>(
        at index: Int?, _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let index else { return try body(Span()) }
        return try self[index].value.withText(body)
    }

    /// The place behind the container that begins at `index`.
    func end(ofContainerAt index: Int) -> Int {
        var (depth, place) = (0, index)
        repeat {
            switch self[place].value.kind {
            case CSJ_OBJECT, CSJ_ARRAY: depth += 1
            case CSJ_END: depth -= 1
            default: break
            }
            place += 1
        } while depth > 0
        return place
    }
}

/// One value of the parser's last payload. Not to be kept beyond the next parse, nor beyond the payload: its text lies in the
/// parser's memory or in the payload's.
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
        @inline(never) get {
            switch kind {
            case CSJ_MISSING: Excerpt("nothing")
            case CSJ_OBJECT: Excerpt("an object")
            case CSJ_ARRAY: Excerpt("an array")
            case CSJ_STRING: withText { Excerpt(quoting: $0) }
            default: withText { Excerpt($0) }
            }
        }
    }
}

/// A named value. The same lifetime as ``JSONValue``.
@safe struct JSONMember {
    private let raw: csj_member

    fileprivate init(_ raw: csj_member) { unsafe self.raw = raw }

    var value: JSONValue { unsafe JSONValue(raw.value) }
    /// In the list of everything: which of the parser's paths the name is; -1 for none.
    var slot: Int { unsafe Int(raw.slot) }

    @inline(__always)
    func withName<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let name = unsafe UnsafeBufferPointer(start: raw.name, count: Int(raw.name_length))
        return try body(unsafe name.span)
    }
}
