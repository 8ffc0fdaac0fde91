extension Schema {
    /// What a request was raised by. Version 3.
    static let evidenceTables = ""
}
