internal import GRDB
internal import Incidents
internal import Readings

/// Whether a store holds together: the file by SQLite's own check, and what must be true between its tables.
public struct StoreVerification: Sendable, Equatable {
    /// One thing that was looked at.
    public struct Finding: Sendable, Equatable {
        /// What should be true, as a sentence.
        public var rule: String
        /// What is wrong, in words; empty when nothing is.
        public var problems: [String]

        public var isSound: Bool { problems.isEmpty }
    }

    public private(set) var findings: [Finding] = []
    public var isSound: Bool { findings.allSatisfy(\.isSound) }

    /// Looks at the database at `path`, a backup or that of a data directory, also while a daemon writes to it: all in one
    /// snapshot. Reads the whole file; blocks for as long as that takes.
    ///
    /// - Parameter progress: told which rule of how many comes next.
    /// - Throws: when it can't be read at all, or is no database of ours, or a newer one.
    public init(
        path: String, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(StorageError) {
        let reader = try StoreBackup.open(path, isReadOnly: true)
        do {
            findings = try reader.read { db in
                // An older version's database has not all the tables yet.
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                let rules = Self.rules.filter { $0.since <= version }
                return try rules.enumerated().map { place, rule in
                    progress(place, rules.count)
                    return Finding(rule: rule.sentence, problems: try rule.problems(db))
                }
            }
            try reader.close()
        } catch {
            throw StorageError(error, path: path, doing: "verifying", isReader: true)
        }
    }

    /// Opens the database of a data directory instead of a file.
    public static func path(in directory: String) -> String { StoreDatabase.path(in: directory) }

    // MARK: - Rules

    private struct Rule: Sendable {
        var sentence: String
        /// The schema's version that it can be asked of first.
        var since: Int
        var problems: @Sendable (Database) throws -> [String]

        /// A rule whose query counts what breaks it.
        static func none(_ sentence: String, since: Int = 1, _ sql: String) -> Rule {
            Rule(sentence: sentence, since: since) { db in
                let count = try Int.fetchOne(db, sql: sql) ?? 0
                return count == 0 ? [] : ["\(count) are not"]
            }
        }
    }

    private static let rules: [Rule] = [
        Rule(sentence: "every page and index is sound", since: 1) { db in
            let rows = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
            return rows == ["ok"] ? [] : rows
        },
        Rule(sentence: "every reference leads somewhere", since: 1) { db in
            let rows = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
            let tables = Dictionary(grouping: rows) { row in row["table"] as String? ?? "?" }
            return tables.keys.sorted().map { "\(tables[$0]?.count ?? 0) rows of \($0) lead nowhere" }
        },
        .none(
            "every reading is of a sensor that is known",
            "SELECT count(*) FROM reading WHERE sensor NOT IN (SELECT number FROM sensor)"),
        .none(
            "sensors are numbered without a gap, in the order in which they were met",
            """
            SELECT count(*) FROM (
                SELECT number, row_number() OVER (ORDER BY sequence) - 1 AS place FROM sensor) WHERE number <> place
            """),
        .none(
            "no place in the stream is taken twice",
            """
            SELECT (SELECT count(*) FROM stream_event JOIN reading USING (sequence))
                + (SELECT count(*) FROM sensor JOIN reading USING (sequence))
                + (SELECT count(*) FROM sensor JOIN stream_event USING (sequence))
            """),
        .none(
            "no place in the stream is a person's word and something else", since: 3,
            """
            SELECT (SELECT count(*) FROM stream_command JOIN reading USING (sequence))
                + (SELECT count(*) FROM stream_command JOIN stream_event USING (sequence))
                + (SELECT count(*) FROM stream_command JOIN sensor USING (sequence))
            """),
        .none(
            "the updates of each request are numbered from 1 on without a gap",
            """
            SELECT count(*) FROM (
                SELECT 1 FROM request_update GROUP BY request_id HAVING min(number) <> 1 OR max(number) <> count(*))
            """),
        .none(
            "every request stands as its last update says",
            """
            SELECT count(*) FROM request JOIN request_update AS last ON last.request_id = request.id
            WHERE last.number = (SELECT max(number) FROM request_update WHERE request_id = request.id)
                AND last.status <> request.status
            """),
        .none(
            "every piece of evidence belongs to an update, and to a rule that is kept", since: 3,
            """
            SELECT count(*) FROM evidence_mark WHERE NOT EXISTS (
                SELECT 1 FROM request_update AS said
                WHERE said.request_id = evidence_mark.request_id AND said.number = evidence_mark.number)
                OR parameters NOT IN (SELECT hash FROM evidence_parameters)
            """),
        Rule(sentence: "the saved state is whole", since: 2) { db in
            guard let turn = try SliceRow.newestTurn(db) else { return [] }
            let slices = try Row.fetchCursor(
                db, sql: "SELECT * FROM state_slice WHERE id BETWEEN ? AND ? ORDER BY id",
                arguments: [turn.lowerBound, turn.upperBound])
            var problems: [String] = []
            while let slice = try slices.next().map(SliceRow.slice) {
                if (try? StateCoder(unsealing: slice.bytes)) != nil { continue }
                problems.append("slice \(slice.number) is damaged; a start meets the whole log instead")
            }
            return problems
        },
    ]
}
