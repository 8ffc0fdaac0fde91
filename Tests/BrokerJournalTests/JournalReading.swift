import BrokerJournal
import Readings

/// What a reader came to, as text.
struct JournalReading: Equatable {
    var messages: [String] = []
    var troubles: [JournalTrouble.Code] = []
}

extension JournalReader {
    /// Reads until there is nothing more yet.
    func readAll() throws -> JournalReading {
        var reading = JournalReading()
        while true {
            switch try next() {
            case .nothing: return reading
            case .trouble(let trouble): reading.troubles.append(trouble.code)
            case .record:
                reading.messages.append(
                    withMessage { _, payload in
                        String(decoding: (0..<payload.count).map { payload[$0] }, as: UTF8.self)
                    })
            }
        }
    }

    /// A reader at the journal's beginning, or behind `positions`.
    static func opened(_ directory: String, after positions: [JournalPosition] = []) throws -> JournalReader {
        let reader = JournalReader(directory: directory)
        try reader.open(after: positions)
        return reader
    }
}
