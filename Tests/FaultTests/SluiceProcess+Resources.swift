import Foundation
import TestSupport
import Testing

extension SluiceProcess {
    /// Memory that is in RAM: now, or at its most so far.
    func residentKilobytes(peak: Bool = false) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(peak ? "VmHWM:" : "VmRSS:") }
        guard let number = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw TestTimeout(description: "no resident memory in \(status)")
        }
        return number
    }

    /// From now on it gets no memory beyond what it has.
    func allowNoMoreMemory() throws {
        let status = try String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmData:") })
        let kilobytes = try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        let limit = Process()
        limit.executableURL = URL(filePath: "/usr/bin/prlimit")
        limit.arguments = ["--pid", "\(processID)", "--data=\(kilobytes * 1024)"]
        try limit.run()
        limit.waitUntilExit()
        #expect(limit.terminationStatus == 0)
    }

    /// The kernel's number of the thread of this name; names have 15 bytes at most.
    func thread(named name: String) throws -> Int32? {
        let tasks = "/proc/\(processID)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).first { task in
            let text = try? String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)
            return text?.trimmingCharacters(in: .newlines) == name
        }.flatMap { Int32($0) }
    }

    func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count
    }
}
