public import MQTTSession

/// A broker on which others follow requests.
public struct AlertTarget: Sendable, Equatable {
    /// A connection of its own, clean: nothing is subscribed, and what is not acknowledged is queued here.
    public var session: SessionConfiguration
    /// The topics' beginning, without a slash at its end.
    public var prefix = "sluice/alerts"
    /// How long a closed request's state stays retained.
    public var clearsAfter = Duration.seconds(86_400)
    /// How long the broker may take to acknowledge.
    public var limit = Duration.seconds(10)

    public init(session: SessionConfiguration) {
        self.session = session
        self.session.isClean = true
        self.session.topicFilters = []
    }
}
