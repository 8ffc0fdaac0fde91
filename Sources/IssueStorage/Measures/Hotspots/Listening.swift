/// How many sensors listened at a place, window by window.
package struct Listening: Equatable {
    /// By window's number, 0 the present one.
    package private(set) var sensors: [Int]

    package init(windows: Int) { sensors = [Int](repeating: 0, count: windows) }

    /// Counts a sensor that was heard from one day to another, both included, in each window that lies within; and in window
    /// 0 when it was heard in it at all.
    package mutating func add(firstDay: Int, lastDay: Int, _ windows: HotspotWindows) {
        for number in sensors.indices {
            let start = windows.startDay(number)
            let isThere =
                number == 0 ? lastDay >= start && firstDay < windows.endDay : firstDay <= start && lastDay >= start
            if isThere { sensors[number] += 1 }
        }
    }

    /// Of each window, what listened in it as a share of what listens now.
    func exposures() -> [Double] {
        sensors.map { sensors[0] == 0 ? 0 : Double($0) / Double(sensors[0]) }
    }
}
