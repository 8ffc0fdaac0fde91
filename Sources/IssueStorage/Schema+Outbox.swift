extension Schema {
    /// What is to be delivered to others. Version 3.
    static let outboxTables = ""
}
