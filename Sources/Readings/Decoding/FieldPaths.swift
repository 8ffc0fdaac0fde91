/// The paths of a route's fields, side by side in memory: to look through them touches no field and counts no reference.
struct FieldPaths: Sendable {
    private struct Path: Sendable, BitwiseCopyable {
        var start: Int
        var count: Int
        /// Of most paths the whole: see ``Swift/Span/tail``.
        var tail: UInt64
        /// Low bits of ``tail`` that a path shorter than a word leaves open.
        var open: UInt64
    }

    private var bytes: [UInt8] = []
    private var paths: [Path] = []

    init(_ fields: [FieldPlan]) {
        for field in fields {
            let path = field.path
            paths.append(
                Path(
                    start: bytes.count, count: path.count, tail: path.span.tail,
                    open: UInt64(max(0, 8 - path.count) * 8)))
            bytes += field.path
        }
    }

    /// The first path that is this name.
    @inline(__always)
    func firstIndex(of name: borrowing Span<UInt8>) -> Int? {
        let (paths, tail, count) = (paths.span, name.tail, name.count)
        for index in paths.indices where paths[index].tail == tail && paths[index].count == count {
            if count <= 8
                || bytes.span.extracting(paths[index].start..<paths[index].start + count).hasSameBytes(as: name)
            {
                return index
            }
        }
        return nil
    }

    /// The first path that `base` and `name` together end with, behind a mark or as a whole: `urn:dev:1:` and `pressure` with
    /// `pressure`.
    @inline(__always)
    func firstIndex(endingOf base: borrowing Span<UInt8>, _ name: borrowing Span<UInt8>) -> Int? {
        let (paths, tail) = (paths.span, name.tail)
        for index in paths.indices {
            let path = paths[index]
            if path.count <= name.count {
                // A path shorter than a word is compared with as much of the name's end.
                if (path.tail ^ tail) &>> path.open != 0 { continue }
            } else if path.tail >> 56 != tail >> 56, !name.isEmpty {
                continue
            }
            if ends(base, name, with: path) { return index }
        }
        return nil
    }

    private func ends(_ base: borrowing Span<UInt8>, _ name: borrowing Span<UInt8>, with path: Path) -> Bool {
        let before = name.count - path.count
        if before >= 0 {
            guard
                path.count <= 8
                    || bytes.span.extracting(path.start..<path.start + path.count).hasSameBytes(
                        as: name.extracting(before..<name.count))
            else { return false }
            if before > 0 { return FieldPlan.isMark(name[before - 1]) }
            return base.isEmpty || FieldPlan.isMark(base[base.count - 1])
        }
        let beforeBase = base.count + before
        guard beforeBase >= 0,
            bytes.span.extracting(path.start..<path.start + path.count).extracting(-before..<path.count).hasSameBytes(
                as: name),
            bytes.span.extracting(path.start..<path.start + path.count).extracting(0 ..< -before).hasSameBytes(
                as: base.extracting(beforeBase..<base.count))
        else { return false }
        return beforeBase == 0 || FieldPlan.isMark(base[beforeBase - 1])
    }
}
