import Open311
import TestSupport
import Testing

@Suite struct PhotoMetadataTests {
    private static func cleaned(_ bytes: [UInt8]) -> [UInt8]? { Photo(bytes: bytes)?.withoutMetadata()?.bytes }

    private static func holds(_ bytes: [UInt8], _ text: String) -> Bool {
        bytes.firstRange(of: Array(text.utf8)) != nil
    }

    @Test func aPhonesPhotoLosesWhereAndWhenItWasTakenAndKeepsItsPixelsAndWayUp() throws {
        let photo = SamplePhotos.jpegOfAPhone
        let cleaned = try #require(Self.cleaned(photo))
        for secret in SamplePhotos.secrets {
            #expect(Self.holds(photo, secret), "the sample has no \(secret)")
            #expect(!Self.holds(cleaned, secret), "\(secret)")
        }
        // GPS latitude's tag, type and count, and its first rational.
        #expect(cleaned.firstRange(of: [0x02, 0x00, 0x05, 0x00, 0x03]) == nil)
        #expect(cleaned.firstRange(of: [52, 0, 0, 0, 1, 0, 0, 0]) == nil)
        // From the tables on nothing has changed.
        let tables = try #require(SamplePhotos.jpeg.firstRange(of: [0xFF, 0xDB])).lowerBound
        #expect(cleaned.suffix(SamplePhotos.jpeg.count - tables).elementsEqual(SamplePhotos.jpeg[tables...]))
        let orientation: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]
        #expect(cleaned.firstRange(of: orientation) != nil, "it lies on its side now")
        #expect(Self.cleaned(cleaned) == cleaned, "a second time nothing is left to take")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        /// nil: refused.
        var cleaned: [UInt8]?
    }

    @Test(arguments: [
        Case(testDescription: "JPEG without anything", bytes: SamplePhotos.jpeg, cleaned: SamplePhotos.jpeg),
        Case(
            testDescription: "progressive JPEG, several scans", bytes: SamplePhotos.progressiveJPEG,
            cleaned: SamplePhotos.progressiveJPEG),
        Case(
            testDescription: "JPEG whose end was forgotten", bytes: SamplePhotos.jpeg.dropLast(2),
            cleaned: SamplePhotos.jpeg),
        Case(
            testDescription: "JPEG with a ZIP behind its end", bytes: SamplePhotos.jpeg + Array("PK\u{3}\u{4}x".utf8),
            cleaned: SamplePhotos.jpeg),
        Case(testDescription: "JPEG cut in its tables", bytes: Array(SamplePhotos.jpeg.prefix(60)), cleaned: nil),
        Case(testDescription: "JPEG's beginning alone", bytes: [0xFF, 0xD8, 0xFF, 0xE0, 0, 16], cleaned: nil),
        Case(testDescription: "a segment of length 1", bytes: [0xFF, 0xD8, 0xFF, 0xFE, 0, 1, 0], cleaned: nil),
        Case(testDescription: "PNG without anything", bytes: SamplePhotos.png, cleaned: SamplePhotos.png),
        Case(
            testDescription: "PNG with text, Exif and time",
            bytes: Array(SamplePhotos.png.prefix(33)) + chunk("tEXt", "Author\0SECRET") + chunk("eXIf", "MM\0*SECRET")
                + chunk("tIME", "1234567") + SamplePhotos.png.dropFirst(33),
            cleaned: SamplePhotos.png),
        Case(
            testDescription: "PNG keeps its density",
            bytes: Array(SamplePhotos.png.prefix(33)) + chunk("pHYs", "123456789") + SamplePhotos.png.dropFirst(33),
            cleaned: Array(SamplePhotos.png.prefix(33)) + chunk("pHYs", "123456789") + SamplePhotos.png.dropFirst(33)),
        Case(testDescription: "PNG without an end", bytes: Array(SamplePhotos.png.dropLast(12)), cleaned: nil),
        Case(
            testDescription: "PNG with a chunk of 4 GiB",
            bytes: Array(SamplePhotos.png.prefix(33)) + [255, 255, 255, 255] + Array("IDAT".utf8), cleaned: nil),
        Case(testDescription: "GIF without anything", bytes: SamplePhotos.gif, cleaned: SamplePhotos.gif),
        Case(
            testDescription: "GIF with a comment and a program's block",
            bytes: Array(SamplePhotos.gif.prefix(19)) + [0x21, 0xFE, 6] + Array("SECRET".utf8) + [0]
                + [0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + [6] + Array("SECRET".utf8) + [0]
                + SamplePhotos.gif.dropFirst(19),
            cleaned: SamplePhotos.gif),
        Case(
            testDescription: "GIF without a picture", bytes: Array(SamplePhotos.gif.prefix(19)) + [0x3B], cleaned: nil),
        Case(testDescription: "GIF cut in its picture", bytes: SamplePhotos.gif.dropLast(3), cleaned: nil),
        Case(testDescription: "WebP cut", bytes: SamplePhotos.webp.dropLast(20), cleaned: nil),
        Case(
            testDescription: "WebP that is shorter than its head", bytes: Array("RIFF\u{2}\0\0\0WEBPVP8L".utf8),
            cleaned: nil
        ),
    ])
    func whatIsKept(_ c: Case) {
        #expect(Self.cleaned(c.bytes) == c.cleaned)
    }

    @Test func aWebPLosesItsExifAndTheWordOfIt() throws {
        let cleaned = try #require(Self.cleaned(SamplePhotos.webp))
        #expect(Self.holds(SamplePhotos.webp, "EXIF") && !Self.holds(cleaned, "EXIF"))
        // The flag in the extended header, and the size in the first.
        #expect(cleaned[20] == 0)
        #expect(cleaned[4...7].elementsEqual([UInt8(cleaned.count - 8), 0, 0, 0]))
        #expect(cleaned.count == SamplePhotos.webp.count - 18)
    }

    @Test func noPictureThatIsCutOrChangedAnywhereDoesHarm() {
        for whole in [
            SamplePhotos.jpegOfAPhone, SamplePhotos.progressiveJPEG, SamplePhotos.png, SamplePhotos.gif,
            SamplePhotos.webp,
        ] {
            for length in whole.indices {
                _ = Self.cleaned(Array(whole.prefix(length)))
                for value: UInt8 in [0x00, 0x7F, 0xFF] {
                    var changed = whole
                    changed[length] = value
                    guard let cleaned = Self.cleaned(changed) else { continue }
                    #expect(cleaned.count <= changed.count + 40)
                }
            }
        }
    }

    /// A chunk whose sum is not looked at.
    private static func chunk(_ type: String, _ content: String) -> [UInt8] {
        [0, 0, 0, UInt8(content.utf8.count)] + Array(type.utf8) + Array(content.utf8) + [1, 2, 3, 4]
    }
}
