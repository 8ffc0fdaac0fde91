import MQTTSession
import TestSupport
import Testing

/// What a session asks of its TCP connection, by the kernel's own account.
@Suite(.serialized) struct SocketMannersTests {
    /// A session that has read `count` messages and answered none of them.
    private func reader(of count: Int, from broker: TestBroker) throws -> (BrokerSession, OwnSocket) {
        let inbox = Inbox()
        let session = try BrokerSession(broker.session("reader", topics: ["t/#"]), inbox)
        try #require(session.drive { session.state == .up })
        let socket = try #require(OwnSocket(toPort: broker.port))
        let sender = try MQTTPublisher(broker.session("sender"), wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        for number in 0..<count { try sender.publish(topic: "t/x", payload: Array("\(number)".utf8)) }
        try sender.flush()
        try #require(session.drive(writes: false) { inbox.messages.count == count })
        return (session, socket)
    }

    /// One by one they would be two segments at least: the first leaves at once. The kernel lets go of a corked segment after
    /// 200 ms, so a machine that stops this thread in between may need another try.
    @Test func acknowledgementsLeaveTogether() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        var segments: [UInt32] = []
        for _ in 0..<5 where segments.last != 1 {
            let (session, socket) = try reader(of: 15, from: broker)
            let (sent, heard) = (try #require(socket.segmentsSent), broker.logCount("Received PUBACK from reader"))
            session.write()
            segments.append(try #require(socket.segmentsSent) - sent)
            try #require(session.drive(writes: false) { broker.logCount("Received PUBACK from reader") == heard + 15 })
            session.disconnect()
        }
        #expect(segments.last == 1, "segments by try: \(segments)")
    }

    @Test func hasteningAcknowledgesToTCPAndAnswersNoMessage() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let (session, socket) = try reader(of: 3, from: broker)
        // As the kernel does once it has learned that we answer soon; whether it has by now is a matter of milliseconds.
        socket.acknowledgeLater()
        #expect(!socket.acknowledgesAtOnce)
        let sent = socket.segmentsSent
        session.hasten()
        #expect(socket.acknowledgesAtOnce)
        #expect(socket.segmentsSent == sent)
        #expect(broker.logCount("Received PUBACK from reader") == 0)
        session.abandon()
    }
}
