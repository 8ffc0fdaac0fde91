internal import Simulation

/// Messages of the synthetic city side by side in memory.
struct MessageBlock {
    private(set) var bytes: [UInt8] = []
    private var ends: [(topic: Int, payload: Int, atMs: Int64)] = []

    var count: Int { ends.count }

    mutating func append(_ message: CityMessage) {
        bytes += message.topic
        let topic = bytes.count
        bytes += message.payload
        ends.append((topic, bytes.count, message.atMs))
    }

    mutating func append(topic: String, payload: String, atMs: Int64) {
        append(topic: Array(topic.utf8), payload: Array(payload.utf8), atMs: atMs)
    }

    mutating func append(topic: [UInt8], payload: [UInt8], atMs: Int64) {
        bytes += topic
        let end = bytes.count
        bytes += payload
        ends.append((end, bytes.count, atMs))
    }

    mutating func append(copyOf number: Int, in other: MessageBlock) {
        bytes += other.bytes[other.topic(number)]
        let end = bytes.count
        bytes += other.bytes[other.payload(number)]
        ends.append((end, bytes.count, other.atMs(number)))
    }

    /// The same, with each sensor's name in its payload too, for those who don't see topics.
    func namingSensors() -> MessageBlock {
        var named = MessageBlock()
        for number in 0..<count {
            let topic = String(decoding: bytes[topic(number)], as: UTF8.self)
            let payload = String(decoding: bytes[payload(number)].dropFirst(), as: UTF8.self)
            let sensor = topic.split(separator: "/").last ?? ""
            named.append(topic: topic, payload: #"{"sensor":"\#(sensor)",\#(payload)"#, atMs: atMs(number))
        }
        return named
    }

    /// The same of another city: its sensors have other names.
    func renamingSensors(_ suffix: String) -> MessageBlock {
        var renamed = MessageBlock()
        for number in 0..<count {
            renamed.append(
                topic: String(decoding: bytes[topic(number)], as: UTF8.self) + suffix,
                payload: String(decoding: bytes[payload(number)], as: UTF8.self), atMs: atMs(number))
        }
        return renamed
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    func topic(_ number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1].payload)..<ends[number].topic }
    func payload(_ number: Int) -> Range<Int> { ends[number].topic..<ends[number].payload }
    func atMs(_ number: Int) -> Int64 { ends[number].atMs }
}
