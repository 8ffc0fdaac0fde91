import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import TestSupport
import Testing

/// The photos beside the database, and who names them.
@Suite struct PhotoTests {
    private let directory = TemporaryDirectory()

    private func shelf(mostBytes: Int = 0) throws -> PhotoShelf {
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        return PhotoShelf(directory: directory.path, mostBytes: mostBytes)
    }

    private func photo(_ bytes: [UInt8]) throws -> Photo { try #require(Photo(bytes: bytes)) }

    private var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path + "/photos")) ?? []).sorted()
    }

    private func age(_ name: String, days: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)],
            ofItemAtPath: "\(directory.path)/photos/\(name)")
    }

    private static let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
    private static let dayAgoMs = nowMs - 86_400_000

    @Test func aPhotoIsKeptOnceUnderWhatItHolds() throws {
        defer { directory.remove() }
        let shelf = try shelf()
        let photo = try photo(SamplePhotos.png)
        try shelf.keep(photo)
        try shelf.keep(photo)
        let name = PhotoShelf.name(of: photo)
        #expect(files == [name] && name.hasSuffix(".png"))
        #expect(shelf.photo(named: name) == photo)
        for other in ["../sluice.db", "a.png", name.uppercased(), String(name.dropLast(3)) + "gif", ".\(name)"] {
            #expect(shelf.photo(named: other) == nil, "\(other)")
        }
    }

    @Test func allPhotosTogetherTakeNoMoreThanTheyMay() throws {
        defer { directory.remove() }
        let (first, second) = (try photo(SamplePhotos.png), try photo(SamplePhotos.gif))
        let shelf = try shelf(mostBytes: first.bytes.count + second.bytes.count - 1)
        try shelf.keep(first)
        #expect(throws: PhotoShelf.Full.self) { try shelf.keep(second) }
        // What is there already takes no room.
        try shelf.keep(first)
        #expect(files == [PhotoShelf.name(of: first)])
        #expect(shelf.remove([PhotoShelf.name(of: first)]) == 1)
        try shelf.keep(second)
        // The next start counts what it finds.
        let next = try self.shelf(mostBytes: first.bytes.count + second.bytes.count - 1)
        #expect(throws: PhotoShelf.Full.self) { try next.keep(first) }
    }

    @Test func whatIsNamedAgainIsNew() throws {
        defer { directory.remove() }
        let shelf = try shelf()
        let (first, second) = (try photo(SamplePhotos.png), try photo(SamplePhotos.gif))
        for photo in [first, second] {
            try shelf.keep(photo)
            try age(PhotoShelf.name(of: photo), days: 2)
        }
        let names = [first, second].map { PhotoShelf.name(of: $0) }.sorted()
        #expect(shelf.names(untouchedSinceMs: Self.dayAgoMs) == names)
        try shelf.keep(second)
        #expect(shelf.names(untouchedSinceMs: Self.dayAgoMs) == [PhotoShelf.name(of: first)])
        #expect(shelf.remove(names, untouchedSinceMs: Self.dayAgoMs) == 1)
        #expect(files == [PhotoShelf.name(of: second)])
    }

    @Test func whatACrashLeftInTheMakingIsFound() throws {
        defer { directory.remove() }
        let shelf = try shelf()
        try shelf.keep(photo(SamplePhotos.png))
        try Data("half".utf8).write(to: URL(filePath: directory.path + "/photos/.half"))
        try age(".half", days: 2)
        #expect(shelf.names(untouchedSinceMs: Self.dayAgoMs) == [".half"])
        #expect(shelf.remove([".half", "../photos", "/etc/hostname"]) == 1)
    }

    @Test func whoNamesAPhotoIsFound() async throws {
        defer { directory.remove() }
        func name(_ digit: String) -> String { String(repeating: digit, count: 32) + ".jpg" }
        func path(_ digit: String) -> String { "/media/photos/" + name(digit) }
        try directory.commitOnce { batch in
            var open = request(1)
            open.mediaURL = path("a")
            open.description = "A hole.\nSee also https://city.example\(path("b"))."
            var closed = request(2, status: .closed)
            closed.updatedAtMs = midnightMs + 5
            closed.mediaURL = "https://elsewhere.example/picture.jpg"
            var chart = request(3)
            chart.mediaURL = "/media/requests/3.png"
            batch.requests = [open, closed, chart]
            var update = RequestUpdate(
                requestID: 2, number: 1, atMs: midnightMs, status: .closed, text: "Mended, see \(path("c"))")
            update.mediaURL = path("d")
            batch.updates = [update]
        }
        let reader = try IssueReader(directory: directory.path)
        let all = try await reader.namedPhotos(behindRequest: 0)
        #expect(
            all.photos.sorted { $0.name < $1.name } == [
                NamedPhoto(name: name("a")), NamedPhoto(name: name("b")),
                NamedPhoto(name: name("c"), closedAtMs: midnightMs + 5),
                NamedPhoto(name: name("d"), closedAtMs: midnightMs + 5),
            ])
        #expect(all.next == 3)
        // Step by step it is the same.
        var (stepped, next): ([NamedPhoto], Int64?) = ([], 0)
        while let request = next {
            let step = try await reader.namedPhotos(behindRequest: request, atMost: 1)
            stepped += step.photos
            next = step.next
        }
        #expect(stepped.map(\.name).sorted() == all.photos.map(\.name).sorted())
    }

    /// A newer program's, say.
    @Test func whatWaitsAndCannotBeReadNamesItsPhotosAllTheSame() async throws {
        defer { directory.remove() }
        let names = ["e", "f"].map { String(repeating: $0, count: 32) + ".png" }
        try SteppedStore(directory: directory).run { tools in
            let body = "not JSON: /media/photos/\(names[0]), \\/media\\/photos\\/\(names[1])"
            _ = try SubmissionTable.enter(
                tools.db, idempotency: [UInt8](repeating: 1, count: 32), expires: false, keyID: 3, atMs: midnightMs
            ) { ticket in
                (nil, StreamCommand(ticket: ticket, atMs: midnightMs, .report(RequestSubmission(service: .waterLeak))))
            }
            try tools.db.execute(sql: "UPDATE submission SET body = ?", arguments: [body])
        }
        #expect(try await IssueReader(directory: directory.path).waitingPhotos() == names)
    }

    @Test func whatWaitsNamesPhotosToo() async throws {
        let name = String(repeating: "e", count: 32) + ".png"
        try SteppedStore(directory: directory).run { tools in
            _ = try SubmissionTable.enter(
                tools.db, idempotency: [UInt8](repeating: 1, count: 32), expires: false, keyID: 3, atMs: midnightMs
            ) { ticket in
                var report = RequestSubmission(service: .waterLeak, description: "Water", key: 3)
                (report.latitude, report.longitude, report.mediaURL) = (52.5, -1.9, "/media/photos/" + name)
                return (nil, StreamCommand(ticket: ticket, atMs: midnightMs, .report(report)))
            }
        }
        defer { directory.remove() }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.waitingPhotos() == [name])
        #expect(try await reader.namedPhotos(behindRequest: 0).photos.isEmpty)
    }
}
