/// The paths of a route's fields, side by side in memory: to look through them touches no field and counts no reference.
struct FieldPaths: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(_ fields: [FieldPlan]) {
        for field in fields {
            bytes += field.path
            ends.append(bytes.count)
        }
    }

    /// The first path that is this name.
    func firstIndex(of name: borrowing Span<UInt8>) -> Int? {
        var start = 0
        for index in ends.indices {
            if bytes.span.extracting(start..<ends[index]).hasSameBytes(as: name) { return index }
            start = ends[index]
        }
        return nil
    }

    /// The first path that the name ends with, behind a mark or as a whole: `urn:dev:1:pressure` with `pressure`.
    func firstIndex(endingOf name: borrowing Span<UInt8>) -> Int? {
        var start = 0
        for index in ends.indices {
            let before = name.count - (ends[index] - start)
            if before >= 0, before == 0 || FieldPlan.isMark(name[before - 1]),
                bytes.span.extracting(start..<ends[index]).hasSameBytes(as: name.extracting(before..<name.count))
            {
                return index
            }
            start = ends[index]
        }
        return nil
    }
}
