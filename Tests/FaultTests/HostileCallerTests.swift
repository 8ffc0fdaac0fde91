import FaultSupport
import Foundation
import TestSupport
import Testing

/// Callers of the HTTP side who mean harm, while readings flow.
@Suite(.timeLimit(.minutes(2))) struct HostileCallerTests {
    @Test func whoGuessesKeysIsLockedOutAndReadingsFlow() async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(2000)
        try site.publish(stream, 0..<1000)
        var statuses: [Int] = []
        var last: HTTPAnswer?
        for number in 0..<20 {
            let answer = try await HTTPAnswer.post(
                "\(site.address)/open311/v2/requests.json",
                form: ["service_code": "water-leak", "lat": "52.5", "long": "-1.88", "api_key": "slk_guess\(number)"])
            statuses.append(answer.status)
            last = answer
        }
        // A handful of mistakes is free, far fewer than ten a minute; then nothing is even looked at.
        #expect(statuses.prefix(5) == [403, 403, 403, 403, 403])
        #expect(Set(statuses.dropFirst(10)) == [429], "\(statuses)")
        #expect(last?.retryAfter != nil)
        try site.publish(stream, 1000..<2000)
        try await site.stores(2000)
        try await site.health(200)
        try await site.expectExact(stream, stopping: daemon)
    }

    struct Post: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What stands behind the first header.
        var rest: String
        var status: Int
    }

    @Test(arguments: [
        Post(
            testDescription: "more than a terabyte is announced", rest: "Content-Length: 9999999999999\r\n\r\n",
            status: 413),
        Post(
            testDescription: "two lengths",
            rest: "Content-Length: 4\r\nContent-Length: 40\r\n\r\nabcdGET / HTTP/1.1\r\n\r\n",
            status: 400),
        Post(
            testDescription: "a length, and chunks",
            rest:
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
            status: 400),
    ])
    func aPostThatIsTooLongOrSmuggledIsRefusedUnreadAndReadingsFlow(_ post: Post) async throws {
        let site = try FaultSite()
        let daemon = try await site.start()
        let stream = FaultSite.stream(1000)
        try site.publish(stream, 0..<500)
        let callers = IdleCallers(
            port: site.port, count: 20,
            saying: "POST /open311/v2/requests.json HTTP/1.1\r\nHost: x\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n" + post.rest)
        // To the end: the server hangs up, and what was hidden in the body is nobody's request.
        for answer in callers.answers() {
            #expect(answer.hasPrefix("HTTP/1.1 \(post.status) "), "\(answer.prefix(200))")
            #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer)")
        }
        try site.publish(stream, 500..<1000)
        try await site.stores(1000)
        try await site.health(200)
        try await site.expectExact(stream, stopping: daemon)
    }
}
