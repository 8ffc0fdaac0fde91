import MQTTSession
import TestSupport
import Testing
import TimeBase

@Suite(.serialized) struct MQTTPublisherTests {
    @Test(arguments: [MQTTPublisher.QoS.atMostOnce, .atLeastOnce])
    func deliversEverythingWithinItsWindow(_ qos: MQTTPublisher.QoS) throws {
        let broker = try TestBroker(lines: ["log_type none"])
        defer { broker.stop() }
        let inbox = Inbox()
        let reader = try BrokerSession(broker.session("reader", topics: ["t"]), inbox)
        try #require(reader.drive { reader.state == .up })
        let sender = try MQTTPublisher(broker.session("sender"), window: 100, wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        var most = 0
        for number in 0..<20_000 {
            try sender.publish(topic: "t", payload: Array("\(number)".utf8), qos: qos)
            most = max(most, sender.inFlight)
        }
        try sender.flush()
        #expect(sender.delivered == 20_000)
        #expect(sender.inFlight == 0)
        #expect(most <= 100)
        #expect(reader.drive { inbox.messages.count == 20_000 })
        let isInOrder = inbox.messages == (0..<20_000).map { "\($0)" }
        #expect(isInOrder)
    }

    @Test func sendsAgainWhatARestartInterrupted() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let inbox = Inbox()
        let reader = try BrokerSession(broker.session("reader", topics: ["t"]), inbox)
        try #require(reader.drive { reader.state == .up })
        reader.disconnect()

        let sender = try MQTTPublisher(broker.session("sender"), window: 50, wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        for number in 0..<1000 {
            if number == 500 {
                broker.stop()
                try broker.restart()
            }
            try sender.publish(topic: "t", payload: Array("\(number)".utf8))
        }
        try sender.flush()

        let again = try BrokerSession(broker.session("reader", topics: ["t"]), inbox)
        #expect(again.drive { Set(inbox.messages).count == 1000 })
    }

    @Test func refusedPasswordThrowsAtOnce() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        var configuration = broker.session("sender")
        configuration.password = "wrong"
        let sender = try MQTTPublisher(configuration, wallMs: { 0 }, logger: EventLog().logger)
        let began = MonotonicClock.nowMs()
        let error = #expect(throws: SessionError.self) { try sender.connect() }
        #expect(error?.code == .refused)
        #expect(MonotonicClock.nowMs() - began < 2000)
    }

    @Test func fullWindowSaysWhy() throws {
        let broker = try TestBroker()
        defer { broker.stop() }
        let sender = try MQTTPublisher(broker.session("sender"), window: 5, wallMs: { 0 }, logger: EventLog().logger)
        try sender.connect()
        broker.stop()
        let payload: [UInt8] = [1]
        let error = #expect(throws: SessionError.self) {
            for _ in 0..<6 { try sender.publish(topic: "t", payload: payload.span, timeoutMs: 300) }
        }
        #expect(error?.code == .full)
        #expect(error?.description.contains("5 messages are in flight") == true)
    }
}
