import Daemon
import HTTPAPI
import IssueStorage
import Open311
import Testing

/// Keys, and what stands between them and those who try others. Time is an argument.
@Suite struct KeyringTests {
    private let secret = KeySecret()
    private let publicSecret = KeySecret()
    private let ring = Keyring()

    init() {
        ring.replace([
            Self.entry(1, secret, roles: [.report, .update], rate: 60),
            Self.entry(2, publicSecret, roles: [.report], rate: 12, isPublic: true),
        ])
    }

    private static func entry(
        _ id: Int64, _ secret: KeySecret, roles: Set<AccessRole>, rate: Int, isPublic: Bool = false
    ) -> Keyring.Entry {
        let key = APIKey(
            id: id, name: "key-\(id)", hint: secret.hint, roles: roles, ratePerMinute: rate, isPublic: isPublic,
            createdAtMs: 0)
        return (key, secret.hash)
    }

    /// The status of an attempt; 200 when it went through.
    private func attempt(
        _ key: String, _ role: AccessRole = .report, from address: String = "192.0.2.1", atMs: Int64 = 1_000_000
    ) -> Int {
        do throws(GeoReportError) {
            _ = try ring.access(key, needing: role, from: address, wallMs: atMs, monotonicMs: atMs)
            return 200
        } catch {
            return error.code
        }
    }

    @Test func aKeyMayDoWhatItsRolesSay() throws {
        let access = try ring.access(
            secret.text, needing: .update, from: "192.0.2.1", wallMs: 5, monotonicMs: 1_000_000)
        #expect(access == Access(key: 1, name: "key-1", roles: [.report, .update]))
        #expect(attempt(secret.text, .administer) == 403)
        #expect(attempt(publicSecret.text, .update) == 403)
        #expect(attempt(KeySecret().text) == 403)
        #expect(attempt("") == 403)
        #expect(attempt(String(secret.text.dropLast())) == 403)
        #expect(ring.isPublicKey(publicSecret.text))
        #expect(!ring.isPublicKey(KeySecret().text))
    }

    @Test func aKeyThatIsRevokedHoldsNoMore() {
        var entry = Self.entry(1, secret, roles: [.report], rate: 60)
        entry.key.revokedAtMs = 5
        ring.replace([entry])
        #expect(attempt(secret.text) == 403)
        #expect(ring.isEmpty)
    }

    @Test func wrongKeysLockTheirAddressOutLongerEachTime() {
        for _ in 0..<LockOut.free { #expect(attempt("wrong") == 403) }
        #expect(attempt("wrong") == 429)
        // Not even with a right one, unless it was used from there before.
        #expect(attempt(secret.text) == 429)
        #expect(attempt(secret.text, from: "192.0.2.2") == 200)
        #expect(attempt(secret.text, atMs: 1_001_000) == 200)
        #expect(attempt("wrong", atMs: 1_001_000) == 403)
        #expect(attempt("wrong", atMs: 1_002_900) == 429)
        #expect(attempt("wrong", atMs: 1_003_000) == 403)
        #expect(attempt("wrong", atMs: 1_006_900) == 429)
    }

    @Test func whoHasUsedAKeyRightlyIsNotLockedOutByAStrangerBehindTheSameProxy() {
        #expect(attempt(secret.text) == 200)
        for _ in 0..<20 { _ = attempt("wrong") }
        #expect(attempt("wrong") == 429)
        #expect(attempt(secret.text) == 200)
        #expect(attempt(publicSecret.text) == 429)
    }

    @Test func theLongestLockOutIsAQuarterOfAnHourAndAnHourForgets() {
        var lockOut = LockOut()
        for _ in 0..<100 { lockOut.noteWrong("a", atMs: 0) }
        let quarterMs: Int64 = 15 * 60_000
        #expect(lockOut.wait("a", atMs: 0) == quarterMs)
        #expect(lockOut.wait("a", atMs: 15 * 60_000) == nil)
        lockOut.noteWrong("a", atMs: 2 * 3_600_000)
        #expect(lockOut.wait("a", atMs: 2 * 3_600_000) == nil)
    }

    @Test func aFloodOfAddressesForgetsNobodyWhoIsLockedOutRecently() {
        var lockOut = LockOut()
        for _ in 0..<20 { lockOut.noteWrong("guesser", atMs: 50_000) }
        for number in 0..<30_000 { lockOut.noteWrong("n\(number)", atMs: Int64(number % 40_000)) }
        #expect(lockOut.wait("guesser", atMs: 50_000) != nil)
    }

    @Test func aRateIsASixthAtOnceAndThenItsShare() {
        let burst = (0..<30).count { _ in attempt(secret.text) == 200 }
        #expect(burst == 10)
        #expect(attempt(secret.text, atMs: 1_000_999) == 429)
        #expect(attempt(secret.text, atMs: 1_001_000) == 200)
        #expect(attempt(secret.text, atMs: 1_001_000) == 429)
    }

    @Test func aPublicKeysRateIsThatOfEachAddressAndOfAllTogether() {
        #expect((0..<10).count { _ in attempt(publicSecret.text, from: "192.0.2.1") == 200 } == 2)
        #expect((0..<10).count { _ in attempt(publicSecret.text, from: "192.0.2.2") == 200 } == 2)
        let all = (3..<200).count { attempt(publicSecret.text, from: "192.0.2.\($0)") == 200 }
        // 20 times 12 a minute, a sixth of it at once, less the four above.
        #expect(all == 36)
    }

    @Test func theWaitThatIsToldIsEnough() throws {
        for _ in 0..<10 { _ = attempt(secret.text) }
        let error = #expect(throws: GeoReportError.self) {
            try ring.access(secret.text, needing: .report, from: "a", wallMs: 0, monotonicMs: 1_000_000)
        }
        let wait = try #require(error?.retryAfterS)
        #expect(attempt(secret.text, atMs: 1_000_000 + Int64(wait) * 1000) == 200)
    }

    @Test func usesAreHandedOverOnce() {
        _ = attempt(secret.text, atMs: 1_000_000)
        _ = attempt(secret.text, atMs: 1_010_000)
        _ = attempt("wrong")
        #expect(ring.takeUses() == [1: 1_010_000])
        #expect(ring.takeUses().isEmpty)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"), ("2001:db8::1", "2001:db8:0:0::/64"),
        ("::1", "0:0:0:0::/64"), ("fe80::1%eth0", "fe80:0:0:0::/64"), ("unknown", "unknown"), ("", ""),
    ])
    func anAddressStandsForItsNetwork(address: String, network: String) {
        #expect(CallerAddress(address).text == network)
    }
}
