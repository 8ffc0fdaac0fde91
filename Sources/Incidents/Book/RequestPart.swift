public import Open311
internal import Readings

/// A request that belongs to another one: a person's report of what is known already, or the share of another department.
/// It closes with its parent.
public struct RequestPart: Sendable, Equatable, Codable {
    public var request: ServiceRequest
    /// Number of its last public update.
    public var updates = 0
    /// Whether it was closed because its parent was.
    var isClosedWithParent = false

    /// So many of one request are told apart; what comes then is only counted.
    static let mostOfOne = 200
    static let blank = RequestPart(request: .blank)
    static let leastBytes = 60

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&request)
        coder.code(&updates, in: 0...Int.max)
        coder.code(&isClosedWithParent)
    }
}

/// A request that no sensor holds open: a person's report, or one that staff has said something of.
struct KeptRequest: Sendable, Equatable {
    var request: ServiceRequest
    var updates = 0
    var parts: [RequestPart] = []
    /// Requests that sensors hold open, and that staff has called duplicates of this one.
    var links: [Int64] = []
    /// Incident keys of the parts that other departments were given, wherever these are now.
    var shares: [String] = []
    /// Whether it was taken up as it had been stored: then its shares, if it has any, are known to the store alone.
    var isTakenUp = false

    static let blank = KeptRequest(request: .blank)
    static let leastBytes = 64

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&request)
        coder.code(&updates, in: 0...Int.max)
        coder.code(&parts)
        coder.code(links: &links)
        coder.code(&shares)
        coder.code(&isTakenUp)
    }
}

extension RequestPart {
    mutating func change(_ body: (inout ServiceRequest, inout Int) -> Void) { body(&request, &updates) }
}

extension KeptRequest {
    mutating func change(_ body: (inout ServiceRequest, inout Int) -> Void) { body(&request, &updates) }
}

extension RequestCase {
    mutating func change(_ body: (inout ServiceRequest, inout Int) -> Void) { body(&request, &updates) }
}

extension ServiceRequest {
    static var blank: ServiceRequest { ServiceRequest(id: 0, service: .sensorFault, incidentKey: "", requestedAtMs: 0) }
}

extension StateCoder {
    mutating func code(_ parts: inout [RequestPart]) {
        let count = codeCount(parts.count, leastBytes: RequestPart.leastBytes)
        for index in 0..<count {
            if isReading { parts.append(.blank) }
            parts[index].code(&self)
            guard problem == nil else { return }
        }
    }

    mutating func code(_ texts: inout [String]) {
        let count = codeCount(texts.count, leastBytes: 1)
        if isReading { texts = Array(repeating: "", count: count) }
        for index in texts.indices { code(&texts[index]) }
    }

    mutating func code(links: inout [Int64]) {
        let count = codeCount(links.count, leastBytes: 1)
        if isReading { links = Array(repeating: 0, count: count) }
        for index in links.indices { code(&links[index]) }
    }
}
