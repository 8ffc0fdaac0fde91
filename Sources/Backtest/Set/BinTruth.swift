internal import FoundationEssentials
internal import Readings

/// What really happened to a set's bins: when they were emptied, and when they passed 85 %.
public struct BinTruth: Sendable, Equatable {
    public struct Bin: Sendable, Equatable {
        /// Event times, ascending.
        public var collectionsMs: [Int64]
        public var crossingsMs: [Int64]

        public init(collectionsMs: [Int64], crossingsMs: [Int64]) {
            (self.collectionsMs, self.crossingsMs) = (collectionsMs.sorted(), crossingsMs.sorted())
        }
    }

    /// By sensor id.
    public var bins: [String: Bin]

    public init(bins: [String: Bin] = [:]) { self.bins = bins }

    /// Reads `truth.json`: `{"bins":{ID:{"collections":[…],"cross85":[…]}}}`.
    ///
    /// - Throws: ``SetError`` if it is not that.
    public init(json: [UInt8]) throws(SetError) {
        struct Document: Decodable {
            struct Bin: Decodable {
                var collections: [String]
                var cross85: [String]
            }
            var bins: [String: Bin]
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(json))
        } catch {
            throw SetError(file: "truth.json", problems: [SetError.words(for: error)])
        }
        self.init()
        for (id, bin) in document.bins {
            let collections = bin.collections.compactMap { Timestamp.parse($0) }
            let crossings = bin.cross85.compactMap { Timestamp.parse($0) }
            guard collections.count == bin.collections.count, crossings.count == bin.cross85.count else {
                throw SetError(file: "truth.json", problems: ["\(id): times must be RFC 3339"])
            }
            bins[id] = Bin(collectionsMs: collections, crossingsMs: crossings)
        }
    }
}
