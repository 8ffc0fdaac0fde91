import Foundation
import Simulation
import Testing

@Suite struct GzipReaderTests {
    private let fixture = CityFixture.repository.appending(path: "fixtures/recorded/nab-6005.csv.gz")

    private func withFile(_ bytes: some Sequence<UInt8>, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }

    @Test func linesAndContentsAgreeWhateverTheBuffer() throws {
        let lines = String(decoding: try GzipReader.contents(ofFile: fixture.path), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        #expect(lines.count == 4881)
        #expect(lines[0] == "timestamp,sensor_id,kind,metric,value")
        for size in [1, 7, 4096] {
            var reader = try GzipReader(path: fixture.path, bufferBytes: size)
            var line: [UInt8] = []
            var read: [String] = []
            while try reader.readLine(into: &line) { read.append(String(decoding: line, as: UTF8.self)) }
            #expect(read == lines)
        }
    }

    @Test(arguments: ["a\nb\n", "a\nb", "\n\n", ""])
    func readsPlainFilesAndTheirLastLine(_ text: String) throws {
        try withFile(text.utf8) { path in
            var reader = try GzipReader(path: path)
            var line: [UInt8] = []
            var lines: [String] = []
            while try reader.readLine(into: &line) { lines.append(String(decoding: line, as: UTF8.self)) }
            #expect(lines == ["a\nb\n": ["a", "b"], "a\nb": ["a", "b"], "\n\n": ["", ""], "": []][text])
        }
    }

    @Test func membersInARowAreOneFile() throws {
        let member = try Data(contentsOf: fixture)
        try withFile(member + member) { path in
            let twice = try GzipReader.contents(ofFile: path)
            let once = try GzipReader.contents(ofFile: fixture.path)
            #expect(twice == once + once)
        }
    }

    @Test func aFileCutShortIsAnErrorAndNotAShorterFile() throws {
        let whole = try Data(contentsOf: fixture)
        try withFile(whole.prefix(whole.count / 2)) { path in
            #expect(throws: GzipError.self) { try GzipReader.contents(ofFile: path) }
        }
    }

    @Test func aDamagedFileIsAnError() throws {
        var bytes = Array(try Data(contentsOf: fixture))
        bytes[bytes.count / 2] ^= 0x55
        try withFile(bytes) { path in
            #expect(throws: GzipError.self) { try GzipReader.contents(ofFile: path) }
        }
    }

    @Test func limitsAreKept() throws {
        #expect(throws: GzipError.self) { try GzipReader.contents(ofFile: fixture.path, limit: 1000) }
        try withFile(repeatElement(0x61, count: 200)) { path in
            #expect(throws: GzipError.self) {
                var reader = try GzipReader(path: path)
                var line: [UInt8] = []
                _ = try reader.readLine(into: &line, limit: 100)
            }
        }
        #expect(throws: GzipError(path: "/nowhere/at/all", problem: "can't be opened for reading")) {
            try GzipReader.contents(ofFile: "/nowhere/at/all")
        }
    }
}
