/// Copies the readings that belong to requests.
enum EvidenceKeeper {
    /// So long after a step the readings around it are copied first, ms.
    static let firstCopyMs: Int64 = 3_600_000
    static let mostMarks = 48
    static let mostSensors = 8
    static let mostReadings = 1_200
}
