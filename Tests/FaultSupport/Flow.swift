/// How bytes travel in one direction through a ``FaultProxy``.
public enum Flow: Sendable, Equatable {
    /// As they come.
    case pass
    /// Taken and thrown away: the peer is gone, and nobody says so.
    case swallow
    /// Not taken: the sender's socket fills up.
    case stop
    /// Each byte this much later.
    case delay(Duration)
    /// At most `bytes` at a time, and then a pause.
    case dribble(bytes: Int, every: Duration)
}

/// How a ``FaultProxy`` ends connections.
public enum Cut: Sendable {
    /// In order, by FIN.
    case finish
    /// At once, by RST.
    case reset
}

/// What happens to the acknowledgement at which somebody acts.
public enum AcknowledgementFate: Sendable {
    /// It reaches the broker.
    case delivered
    /// It and all that follows on its connection is lost, and the connection with it.
    case lost
}
