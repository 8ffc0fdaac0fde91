import Foundation
import GRDB
import TestSupport
import Testing

/// Photos that come with reports: none without a report, and none for ever.
@Suite(.timeLimit(.minutes(3))) struct PhotoTests {
    typealias Site = DaemonProcessTests.Site

    private static func files(_ site: Site) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(site.folder)/data/photos")) ?? []).sorted()
    }

    /// Posts a form with a photo.
    private static func post(
        _ site: Site, _ resource: String, _ form: [String: String], photo: [UInt8]
    ) async throws -> HTTPAnswer {
        var body = form.map {
            "--XYZ\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n"
        }.joined()
        body += "--XYZ\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\n"
        return try await HTTPAnswer.post(
            "\(site.address)/open311/v2/\(resource).json", type: "multipart/form-data; boundary=XYZ",
            body: Data(body.utf8) + Data(photo) + Data("\r\n--XYZ--\r\n".utf8))
    }

    private static func report(
        _ site: Site, _ key: String, _ form: [String: String] = [:], photo: [UInt8]
    ) async throws -> HTTPAnswer {
        let standard = ["api_key": key, "service_code": "water-leak", "lat": "52.5", "long": "-1.88"]
        return try await post(site, "requests", standard.merging(form) { $1 }, photo: photo)
    }

    @Test func aReportThatIsRefusedLeavesNoPhoto() async throws {
        let site = try Site()
        try site.configure(extra: "services:\n  - {code: secret, name: Secret, visibility: hidden}")
        let daemon = try await site.started()
        let key = try await CivicTests.key(site, roles: ["report"])
        let staff = try await CivicTests.key(site, named: "staff")
        let refusals = [
            try await Self.report(site, key, ["service_code": "secret"], photo: SamplePhotos.png),
            try await Self.report(
                site, key, ["lat": "", "long": "", "service_object_id": "nothing"], photo: SamplePhotos.png),
            try await Self.report(site, "slk_wrong", photo: SamplePhotos.png),
            try await Self.post(
                site, "servicerequestupdates",
                [
                    "api_key": staff, "service_request_id": "77", "status": "OPEN", "description": "Seen",
                    "updated_datetime": "2026-11-21T19:34:05Z", "update_id": "1",
                ], photo: SamplePhotos.png),
        ]
        #expect(refusals.map(\.status) == [404, 400, 403, 404], "\(refusals.map(\.text))")
        #expect(Self.files(site).isEmpty)
        let filed = try await Self.report(site, key, photo: SamplePhotos.png)
        #expect(filed.status == 200, "\(filed.text)")
        #expect(Self.files(site).count == 1)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func whatIsErasedTakesItsPhotosWithIt() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let key = try await CivicTests.key(site)
        let mine = try CivicTests.id(
            await Self.report(site, key, ["email": "mary@example.org"], photo: SamplePhotos.png))
        let other = try CivicTests.id(
            await Self.report(site, key, ["lat": "52.6", "email": "ann@example.org"], photo: SamplePhotos.gif))
        func photo(_ id: String) async throws -> String {
            let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests/\(id).json")
            return try #require(shown.objects.first?["media_url"] as? String, "\(shown.text)")
        }
        let (address, otherAddress) = (try await photo(mine), try await photo(other))
        #expect(try await HTTPAnswer.get(address).status == 200)
        let erased = try await CivicTests.command(site, "privacy", "erase", "--email", "mary@example.org")
        #expect(erased.contains("1 reporter erased, and 1 photo"), "\(erased)")
        #expect(try await HTTPAnswer.get(address).status == 404)
        #expect(try await HTTPAnswer.get(otherAddress).status == 200)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
        // Without a daemon it is the same.
        let again = try await CivicTests.command(site, "privacy", "erase", "--request", other)
        #expect(again.contains("1 reporter erased, and 1 photo"), "\(again)")
        #expect(Self.files(site).isEmpty)
    }

    @Test func aDayLaterOnlyPhotosThatSomebodyNeedsAreThere() async throws {
        let site = try Site()
        try site.configure(extra: "privacy:\n  photos: 30d")
        let first = try await site.started()
        let key = try await CivicTests.key(site)
        // Each far from the others.
        let photos = [SamplePhotos.png, SamplePhotos.gif, SamplePhotos.jpeg]
        var ids: [String] = []
        for (number, photo) in photos.enumerated() {
            ids.append(
                try CivicTests.id(await Self.report(site, key, ["lat": "\(52 + number)"], photo: photo)))
        }
        first.send(SIGTERM)
        try await first.expectExit(0)
        // The first stays open, the second was closed 20 days ago, the third 40; a fourth file nobody names.
        let database = try DatabaseQueue(path: "\(site.folder)/data/sluice.db")
        let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
        try await database.write { [ids] db in
            for (id, days) in [(ids[1], Int64(20)), (ids[2], 40)] {
                try db.execute(
                    sql: "UPDATE request SET status = 'closed', word = 'closed', updated_at = ? WHERE id = ?",
                    arguments: [nowMs - days * 86_400_000, Int64(id)])
            }
        }
        try database.close()
        let folder = "\(site.folder)/data/photos"
        try Data(SamplePhotos.webp).write(to: URL(filePath: folder + "/0123456789abcdef0123456789abcdef.webp"))
        let young = "fedcba9876543210fedcba9876543210.webp"
        try Data(SamplePhotos.webp).write(to: URL(filePath: "\(folder)/\(young)"))
        for name in Self.files(site) where name != young {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -2 * 86_400)], ofItemAtPath: "\(folder)/\(name)")
        }
        let second = try await site.started()
        _ = try await second.line { $0.contains("\"photos.removed\"") && $0.contains("\"count\":2") }
        #expect(Set(Self.files(site).map { $0.suffix(4) }) == [".png", ".gif", "webp"])
        #expect(Self.files(site).contains(young))
        second.send(SIGTERM)
        try await second.expectExit(0)
    }
}
