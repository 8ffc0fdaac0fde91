import SPSCRing

/// Two threads play ball: each sleeps until the other rings, with no spinning in between. One lost wake stops the game.
func raceDoorbell(_ count: Int, _ findings: Findings) -> String {
    let there = RingBuffer<Parcel>(capacity: 2)
    let back = RingBuffer<Parcel>(capacity: 2)
    let (farBell, nearBell) = (Doorbell(), Doorbell())
    let far = Player(incoming: there.consumer, outgoing: back.producer, own: farBell, other: nearBell)
    var near = Player(incoming: back.consumer, outgoing: there.producer, own: nearBell, other: farBell)
    let opponent = WorkerThread.start(name: "far", owning: far) { far in
        var far = far
        for number in 0..<count { far.returnBall(number, findings) }
    }
    for number in 0..<count {
        near.serve(number)
        near.take(number, findings)
    }
    opponent.join()
    return "\(count) balls there and back"
}

private struct Player: ~Copyable, Sendable {
    var incoming: RingConsumer<Parcel>
    var outgoing: RingProducer<Parcel>
    let own: Doorbell
    let other: Doorbell

    mutating func serve(_ number: Int) {
        _ = outgoing.push(Parcel(number))
        other.ring()
    }

    mutating func take(_ number: Int, _ findings: Findings) {
        while incoming.isEmpty {
            waitForWake(own, findings, spins: number % 3, "ball \(number)") { !incoming.isEmpty }
        }
        let ball = incoming.pop()
        findings.expect(ball?.isWhole(number) == true, "ball \(number) came as \(String(describing: ball))")
    }

    mutating func returnBall(_ number: Int, _ findings: Findings) {
        take(number, findings)
        serve(number)
    }
}
