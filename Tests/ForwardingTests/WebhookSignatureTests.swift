import Forwarding
import Testing

@Suite struct WebhookSignatureTests {
    /// Made with: printf '1780272000.{"a":1}' | openssl dgst -sha256 -hmac secret
    @Test func isTheHMACOfTimestampFullStopAndBody() {
        let value = WebhookSignature.value(of: Array(#"{"a":1}"#.utf8), timestampS: 1_780_272_000, secret: "secret")
        #expect(value == "sha256=50e54e685dd3cfdb939b8916462e4064ab4dc4e69616dc5812fbec8d085a3a60")
    }

    struct Call: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var body = #"{"a":1}"#
        var timestamp = "1780272000"
        var secret = "secret"
        var nowS: Int64 = 1_780_272_000
        var change: @Sendable (String) -> String = { $0 }
        var isGood = false
    }

    @Test(arguments: [
        Call(testDescription: "as it was sent", isGood: true),
        Call(testDescription: "just in time", nowS: 1_780_272_300, isGood: true),
        Call(testDescription: "with a clock that is behind", nowS: 1_780_271_700, isGood: true),
        Call(testDescription: "replayed later", nowS: 1_780_272_301),
        Call(testDescription: "from the future", nowS: 1_780_271_699),
        Call(testDescription: "with another body", body: #"{"a":2}"#),
        Call(testDescription: "with another timestamp", timestamp: "1780272001"),
        Call(testDescription: "with a timestamp that is none", timestamp: "now"),
        Call(testDescription: "with another secret", secret: "Secret"),
        Call(testDescription: "cut short", change: { String($0.dropLast(2)) }),
        Call(testDescription: "without its name", change: { String($0.dropFirst(7)) }),
        Call(testDescription: "with no digits", change: { String($0.prefix(7)) + String(repeating: "x", count: 64) }),
    ])
    func aReceiverTellsGenuineAndFreshCalls(_ call: Call) {
        let sent = WebhookSignature.value(of: Array(#"{"a":1}"#.utf8), timestampS: 1_780_272_000, secret: "secret")
        let isGood = WebhookSignature.isGood(
            call.change(sent), of: Array(call.body.utf8), timestamp: call.timestamp, secret: call.secret,
            nowS: call.nowS)
        #expect(isGood == call.isGood)
    }
}
