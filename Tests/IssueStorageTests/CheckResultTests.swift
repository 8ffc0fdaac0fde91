import IssueStorage
import Testing

/// quick_check tells of pages that can't be read in the same words as of damaged ones, nearly.
@Suite struct CheckResultTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [String]
        var expected: CheckResult
    }

    @Test(arguments: [
        Case(testDescription: "sound", rows: ["ok"], expected: .sound),
        Case(testDescription: "silent", rows: [], expected: .damaged("quick_check says nothing")),
        Case(
            testDescription: "damage",
            rows: ["*** in database main ***\nOn tree page 21 cell 3: invalid page number 9999"],
            expected: .damaged("On tree page 21 cell 3: invalid page number 9999")),
        Case(
            testDescription: "damage that the page code found",
            rows: ["*** in database main ***\nPage 5: unable to get the page. error code=11"],
            expected: .damaged("Page 5: unable to get the page. error code=11")),
        Case(
            testDescription: "EIO of a tree's page",
            rows: ["*** in database main ***\nOn tree page 2 cell 0: unable to get the page. error code=266"],
            expected: .unreadable("On tree page 2 cell 0: unable to get the page. error code=266")),
        Case(
            testDescription: "EIO of a page of overflow",
            rows: ["*** in database main ***\nOn tree page 21 cell 3: failed to get page 33"],
            expected: .unreadable("On tree page 21 cell 3: failed to get page 33")),
        Case(
            testDescription: "as later versions put it",
            rows: ["Tree 7 page 12: unable to get the page. error code=266"],
            expected: .unreadable("Tree 7 page 12: unable to get the page. error code=266")),
        Case(
            testDescription: "no memory is no damage", rows: ["Page 12: unable to get the page. error code=7"],
            expected: .unreadable("Page 12: unable to get the page. error code=7")),
        Case(
            testDescription: "both: what can't be read may explain the rest",
            rows: ["Page 3: btreeInitPage() returns error code 11", "Freelist: failed to get page 4"],
            expected: .unreadable("Freelist: failed to get page 4")),
    ])
    func itIsReadClosely(_ c: Case) { #expect(CheckResult(c.rows) == c.expected) }
}
