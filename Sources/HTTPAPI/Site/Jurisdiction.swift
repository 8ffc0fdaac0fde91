import Open311

/// The one jurisdiction that this server speaks for: GeoReport's `jurisdiction_id`.
///
/// The spec asks for it where a server has several cities. This one has one, so a client that names none means that one;
/// who names another has the wrong server, and is told so instead of being shown a neighbour's streets.
struct Jurisdiction: Sendable {
    /// nil: none is configured, and whatever a client names is ignored.
    let id: String?

    /// - Throws: 404 for another than ours.
    func check(_ named: String?) throws(GeoReportError) {
        guard let id, let named, !named.isEmpty, named != id else { return }
        throw GeoReportError(code: 404, "jurisdiction_id: this server speaks for \(id)")
    }

    /// The answer to whoever means this jurisdiction.
    func checking(_ answer: @escaping Route.Answer) -> Route.Answer {
        guard id != nil else { return answer }
        return { call in
            try check(call.query.first("jurisdiction_id"))
            return try await answer(call)
        }
    }
}
