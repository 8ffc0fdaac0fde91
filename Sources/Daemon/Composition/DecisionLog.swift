internal import Detection
internal import Incidents
internal import Logging
internal import ServiceLifecycle
internal import Telemetry

/// Writes each decision as one line of the log.
struct DecisionLog: Service {
    let feed: DecisionFeed
    let logger: Logger

    func run() async throws {
        // It ends when the store has stopped and the feed is finished, so that the last decisions are told too.
        await feed.forEach { decisions, lost in
            if lost > 0 { logger.warning("log.behind", metadata: ["decisions_lost": "\(lost)"]) }
            for decision in decisions { write(decision) }
        }
        // A member of the group that returns before it is its turn counts as failed.
        try? await gracefulShutdown()
        LogOutput.standard.flush()
    }

    private func write(_ decision: Decision) {
        var metadata: Logger.Metadata = ["sensor": "\(decision.sensorID)", "reason": "\(decision.reason)"]
        if let request = decision.requestID { metadata["request"] = .stringConvertible(request) }
        if let rule = decision.rule { metadata["rule"] = "\(rule.name)" }
        logger.log(level: decision.event.level, "\(decision.event.rawValue)", metadata: metadata)
    }
}

extension Decision.Event {
    /// What a person on call wants to see by default is at info.
    var level: Logger.Level {
        switch self {
        case .requestOpened, .requestReopened, .requestUpdated, .requestClosed: .info
        case .requestJoined, .incidentPending, .incidentDismissed, .sensorAdopted: .debug
        case .sensorRefused, .sensorClockBack, .sensorShed: .warning
        }
    }
}
