public import Open311

/// What a person, staff or another system said, on its way into the stream: there it gets a place like a reading, is
/// logged, and is met again in that place by replay. No personal data is in it.
public struct StreamCommand: Sendable, Equatable, Codable {
    public enum Content: Sendable, Equatable, Codable {
        /// Somebody reports something.
        case report(RequestSubmission)
        /// Somebody says something of a request.
        case update(UpdateSubmission)
        /// The pipeline's own: sensors have met what a person had reported. `child` belongs to `parent` from here on. One that is
        /// its own parent is held by sensors again, and belongs to nobody.
        case link(child: Int64, parent: Int64)
        /// The pipeline's own: a parent has closed, and takes along a child that sensors hold open.
        case close(child: Int64, parent: Int64)
        /// From here on these rules hold, with the services and the clock that go with them, and what the registry says by
        /// now. Met by the pipeline itself; the book has no part in it.
        case rules(RuleText)
        /// From here on sensors are what the registry says by now, under the same rules. Which sensors it describes otherwise
        /// than before stands beside the log.
        case registry
    }

    /// The submitter's number for it, never given twice, over restarts as well; 0 for the pipeline's own. It names the
    /// request that a report becomes, so that a command that comes again keeps its request.
    public var ticket: Int64
    /// The daemon's time at which it was posted, in milliseconds since the Unix epoch.
    public var atMs: Int64
    public var content: Content
    /// What the reporter was given to ask with, where the service doesn't number at once.
    public var token: String?
    /// The ward that a reported place lies in.
    public var ward: String?
    /// The stored requests that an update names (``UpdateSubmission/requestID``, ``UpdateSubmission/duplicateOf``), as
    /// they stood when it was posted: the pipeline does not remember all that was ever filed. What it does remember is
    /// newer, and counts.
    public var known: [KnownRequest] = []

    public init(ticket: Int64, atMs: Int64, _ content: Content) {
        (self.ticket, self.atMs, self.content) = (ticket, atMs, content)
    }

    /// The incident key of the request that the report with this ticket becomes.
    public static func incidentKey(ticket: Int64) -> String { "\(ServiceRequest.reportKeyPrefix)\(ticket)" }
}

/// A stored request, with the number of its last update.
public struct KnownRequest: Sendable, Equatable, Codable {
    public var request: ServiceRequest
    public var lastUpdate: Int

    public init(request: ServiceRequest, lastUpdate: Int) { (self.request, self.lastUpdate) = (request, lastUpdate) }
}
