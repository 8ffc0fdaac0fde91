internal import FoundationEssentials
internal import Open311

/// One entry of a GeoReport server's answer, read as loosely as servers write: a bare array, a single object or one wrapped in
/// its name; ids as texts or as numbers.
struct CityReply: Sendable, Equatable {
    var requestID: String?
    var token: String?
    var description: String?
    var status: String?
    var updateID: String?
    /// When it was filed there, in milliseconds since the Unix epoch.
    var requestedMs: Int64?

    /// The entries of an answer; nil when it is no JSON of that kind.
    static func parse(_ body: [UInt8]) -> [CityReply]? {
        guard let document = try? JSONDecoder().decode(Loose.self, from: Data(body)) else { return nil }
        switch document {
        case .list(let items): return items.compactMap { $0.reply }
        case .object(let fields):
            if case .list(let items)? = fields.values.first(where: { if case .list = $0 { true } else { false } }),
                fields.count == 1
            {
                return items.compactMap { $0.reply }
            }
            return document.reply.map { [$0] }
        case .text, .other: return nil
        }
    }

    /// JSON of which only texts and numbers matter.
    private indirect enum Loose: Decodable {
        case object([String: Loose])
        case list([Loose])
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if let fields = try? single.decode([String: Loose].self) {
                self = .object(fields)
            } else if let items = try? single.decode([Loose].self) {
                self = .list(items)
            } else if let text = try? single.decode(String.self) {
                self = .text(text)
            } else if let number = try? single.decode(Int64.self) {
                self = .text(String(number))
            } else {
                self = .other
            }
        }

        var reply: CityReply? {
            guard case .object(let fields) = self else { return nil }
            func text(_ name: String) -> String? {
                guard case .text(let text)? = fields[name], !text.isEmpty else { return nil }
                return text
            }
            // FixMyStreet takes an id of 0 for none, and so do we.
            return CityReply(
                requestID: text("service_request_id").flatMap { $0 == "0" ? nil : $0 }, token: text("token"),
                description: text("description"), status: text("status"), updateID: text("update_id"),
                requestedMs: text("requested_datetime").flatMap { W3CDateTime($0)?.milliseconds })
        }
    }
}
