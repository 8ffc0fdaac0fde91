internal import Readings
internal import Simulation

/// Messages of the synthetic city as PUBLISH packets side by side, ready to be written to a socket.
struct PacketStream: Sendable {
    /// The protocol's level: 5, or 4 for MQTT 3.1.1.
    let level: UInt8
    /// MQTT's level of service: 0, fire and forget, or 1, acknowledged.
    let quality: UInt8
    private(set) var bytes: [UInt8] = []
    /// Where each packet ends.
    private(set) var ends: [Int] = []
    /// Readings in all packets up to and including each.
    private(set) var readings: [Int] = []

    var count: Int { ends.count }

    /// The end of the packet that `offset` lies in; `offset` itself where one ends there.
    func packetEnd(atOrAfter offset: Int) -> Int {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return offset == 0 || low == ends.count ? offset : ends[low]
    }

    /// - Throws: ``WrongAnswer`` when Sluice could not read a message.
    init(_ block: MessageBlock, quality: UInt8, level: UInt8 = 5) throws {
        (self.quality, self.level) = (quality, level)
        bytes.reserveCapacity(block.bytes.count + block.count * 8)
        var decoder = MessageDecoder(routes: RouteTable([.standard]))
        var total = 0
        for number in 0..<block.count {
            let topic = block.bytes.span.extracting(block.topic(number))
            let payload = block.bytes.span.extracting(block.payload(number))
            append(topic, payload, identifier: UInt16(number % 65_535) + 1)
            do throws(DecodeError) {
                try decoder.decode(topic: topic, payload: payload, arrivedAtMs: block.atMs(number))
            } catch {
                throw WrongAnswer("a message of the synthetic city is refused: \(error)")
            }
            total += decoder.message.measurements.count
            readings.append(total)
        }
    }

    private mutating func append(_ topic: Span<UInt8>, _ payload: Span<UInt8>, identifier: UInt16) {
        bytes.append(0x30 | quality << 1)
        var rest = 2 + topic.count + (quality > 0 ? 2 : 0) + (level >= 5 ? 1 : 0) + payload.count
        repeat {
            let digit = UInt8(rest & 0x7F)
            rest >>= 7
            bytes.append(rest > 0 ? digit | 0x80 : digit)
        } while rest > 0
        bytes.append(UInt8(topic.count >> 8))
        bytes.append(UInt8(topic.count & 0xFF))
        for index in topic.indices { bytes.append(topic[index]) }
        if quality > 0 {
            bytes.append(UInt8(identifier >> 8))
            bytes.append(UInt8(identifier & 0xFF))
        }
        if level >= 5 { bytes.append(0) }  // no properties
        for index in payload.indices { bytes.append(payload[index]) }
        ends.append(bytes.count)
    }
}
