internal import Foundation

/// How long threads of this process have run on a processor: what a stage costs, also where it waits for another.
struct ThreadTimes {
    private var secondsByName: [String: Double] = [:]

    /// As it stands now, by the threads' names; those of one name together.
    static func now() -> ThreadTimes {
        var times = ThreadTimes()
        let folder = "/proc/self/task"
        for task in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let name = try? String(contentsOfFile: "\(folder)/\(task)/comm", encoding: .utf8),
                let numbers = try? String(contentsOfFile: "\(folder)/\(task)/schedstat", encoding: .utf8),
                let nanoseconds = numbers.split(separator: " ").first.flatMap({ Double($0) })
            else { continue }
            times.secondsByName[name.trimmingCharacters(in: .whitespacesAndNewlines), default: 0] += nanoseconds / 1e9
        }
        return times
    }

    /// Seconds that threads called `name` have run since `earlier`.
    func seconds(of name: String, since earlier: ThreadTimes) -> Double {
        (secondsByName[name] ?? 0) - (earlier.secondsByName[name] ?? 0)
    }
}

/// How long this thread has run on a processor, in seconds.
func ownThreadSeconds() -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
