import Foundation
import TestSupport

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

    func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count
    }
}
