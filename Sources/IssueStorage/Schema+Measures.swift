extension Schema {
    /// Goals and aggregates. Version 3.
    static let measureTables = ""
}
