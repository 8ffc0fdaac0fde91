internal import Detection
package import Incidents
internal import IssueStorage
package import Logging
internal import Readings
internal import ServiceLifecycle
internal import Telemetry

/// Writes each decision as one line of the log.
struct DecisionLog: Service {
    let feed: DecisionFeed
    let logger: Logger

    func run() async throws {
        // It ends when the store has stopped and the feed is finished, so that the last decisions are told too.
        await feed.forEach { news, lost in
            if lost > 0 { logger.warning("log.behind", metadata: ["decisions_lost": .stringConvertible(lost)]) }
            for decision in news.decisions { write(decision) }
            write(news.quarantined, of: news.quarantinedCount)
        }
        // A member of the group that returns before it is its turn counts as failed.
        try? await gracefulShutdown()
        LogOutput.standard.flush()
    }

    private func write(_ decision: Decision) {
        var metadata: Logger.Metadata = ["sensor": "\(decision.sensorID)", "reason": "\(decision.reason)"]
        if let request = decision.requestID { metadata["request"] = .stringConvertible(request) }
        if let rule = decision.rule { metadata["rule"] = "\(rule.name)" }
        if let service = decision.service { metadata["service"] = "\(service)" }
        if let ward = decision.ward { metadata["ward"] = "\(ward)" }
        if decision.count > 1 { metadata["count"] = .stringConvertible(decision.count) }
        logger.log(level: decision.event.level, "\(decision.event.rawValue)", metadata: metadata)
    }

    private func write(_ messages: [CommittedBatch.Quarantined], of count: Int) {
        for (place, message) in messages.enumerated() {
            var metadata: Logger.Metadata = [
                "reason": "\(message.reason.label)", "topic": "\(message.topic)", "detail": "\(message.detail)",
                "bytes": .stringConvertible(message.byteCount),
            ]
            if let id = message.id { metadata["quarantine"] = .stringConvertible(id) }
            // The last line that is written speaks for those that are not.
            let isLast = place == messages.count - 1
            if isLast, count > messages.count {
                metadata["count"] = .stringConvertible(count - messages.count + 1)
            }
            logger.warning("message.quarantined", metadata: metadata)
        }
    }
}

extension Decision.Event {
    /// What a person on call wants to see by default is at info.
    package var level: Logger.Level {
        switch self {
        case .requestOpened, .requestReopened, .requestUpdated, .requestClosed, .readingClamped: .info
        case .requestJoined, .incidentPending, .incidentDismissed, .incidentCleared, .incidentSuppressed,
            .sensorAdopted, .readingLate:
            .debug
        case .sensorRefused, .sensorClockBack, .sensorShed: .warning
        }
    }
}
