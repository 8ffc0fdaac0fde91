/// One signed POST of JSON.
struct WebhookCall: Sendable {
    var url: String
    var secret: String
    /// The change's name, the same for every attempt.
    var key: String
    var event: String

    func make(_ body: [UInt8], over caller: HTTPCaller, nowMs: Int64) async -> DeliveryOutcome {
        let timestampS = nowMs / 1000
        let headers = [
            ("Idempotency-Key", key),
            ("Sluice-Event", "request.\(event)"),
            (WebhookSignature.timestampHeader, String(timestampS)),
            (WebhookSignature.header, WebhookSignature.value(of: body, timestampS: timestampS, secret: secret)),
        ]
        do throws(HTTPCaller.Failure) {
            let answer = try await caller.post(url, body, type: "application/json", headers: headers)
            return Self.outcome(of: answer)
        } catch {
            return error.mayHaveArrived ? .unclear(error.reason) : .failed(error.reason)
        }
    }

    /// What an answer says about this change, and about the next attempt.
    static func outcome(of answer: HTTPCaller.Answer) -> DeliveryOutcome {
        switch answer.status {
        case 200..<300: .delivered()
        // A wrong secret or a changed address is mended by people, and then everything is to arrive.
        case 300..<400: .failed("\(answer.summary) (redirects are not followed: configure the new address)")
        case 401, 403, 404, 407, 408, 421, 423, 425, 429: .failed(answer.summary, askedMs: answer.retryAfterMs)
        case 400..<500: .refused(answer.summary)
        default: .unclear(answer.summary, askedMs: answer.retryAfterMs)
        }
    }
}
