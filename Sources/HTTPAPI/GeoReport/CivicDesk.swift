public import Open311

/// Where what people and other systems write is taken: the daemon's side of POST.
///
/// Whatever is thrown that is no ``GeoReportError`` is logged, and answered with 500 and no more.
public protocol CivicDesk: Sendable {
    /// Recognises a key.
    ///
    /// - Parameters:
    ///   - key: `api_key` as it was sent, or nil.
    ///   - role: what is about to be done.
    ///   - address: the caller's network address, for its lock-out after wrong keys.
    /// - Throws: 403 for a key that is missing, wrong, revoked, without the role, or locked out; 429 above its rate.
    func access(
        key: String?, needing role: AccessRole, from address: String
    ) async throws(GeoReportError) -> Access

    /// Files a report that has been checked. Returns after the commit.
    ///
    /// - Parameter photos: those that it names by ``name(of:)``. They are kept when nothing speaks against the report.
    func submit(
        _ submission: RequestSubmission, photos: [Photo], reporter: Reporter?, by access: Access
    ) async throws -> SubmissionReceipt

    /// Adds an update that has been checked to its request. Returns after the commit.
    ///
    /// - Parameter photos: as with a report.
    /// - Throws: 404 for a request that there isn't.
    func submit(_ update: UpdateSubmission, photos: [Photo], by access: Access) async throws -> RequestUpdate

    /// What a token stands for.
    ///
    /// - Throws: 404 for a token that was never given out.
    func request(token: String) async throws -> TokenState

    /// The name that a photo has under `/media/photos/` once it is kept: its hash and its kind, so that the same photo has
    /// one name.
    func name(of photo: Photo) -> String

    /// A photo that is kept, or nil.
    func photo(named name: String) async throws -> Photo?
}

/// What has become of a posted request that was answered with a token.
public enum TokenState: Sendable, Equatable {
    /// It has no number yet.
    case pending
    case request(Int64)
}
