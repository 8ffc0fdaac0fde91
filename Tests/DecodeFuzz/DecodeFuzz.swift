import Readings

#if canImport(Glibc)
    import Glibc
#endif

// Feeds bytes that nobody vouches for to everything that reads bytes. The first byte chooses the reader. A reader may
// refuse anything, but must not trap, and what it takes must keep the promises of Promises.swift.
//
// Built as it is, the executable runs the files that its command line names: a regression run over a corpus. Built with
// FUZZING defined and `-sanitize=fuzzer`, libFuzzer searches for new inputs:
//
//     swift build -c release --scratch-path .build/fuzz --product DecodeFuzz --sanitize fuzzer -Xswiftc -DFUZZING
//     .build/fuzz/release/DecodeFuzz -max_len=4096 CORPUS fixtures/payloads fixtures/forms
//
// FUZZ_READER in the environment hands every input to one reader, so that all of libFuzzer's time is that reader's: its byte
// (`FUZZ_READER=t`; j is flat JSON), and of the other formats the name too (`FUZZ_READER=f:senml`).

#if FUZZING
    /// What libFuzzer calls; its library brings the entry point.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        unsafe fuzz(UnsafeBufferPointer(start: start, count: count).span)
        return 0
    }
#else
    @main struct DecodeFuzz {
        static func main() {
            for path in CommandLine.arguments.dropFirst() {
                guard let file = unsafe fopen(path, "rb") else { fatalError("can't open \(path)") }
                var bytes = [UInt8](repeating: 0, count: 1 << 20)
                let count = unsafe fread(&bytes, 1, bytes.count, file)
                unsafe fclose(file)
                fuzz(bytes.span.extracting(0..<count))
            }
        }
    }
#endif

/// What FUZZ_READER stands for: the bytes that lead an input to that reader.
private let chosenReader: [UInt8] = {
    guard let name = unsafe getenv("FUZZ_READER").map({ unsafe String(cString: $0) }) else { return [] }
    guard name.hasPrefix("f:") else { return Array(name.utf8.prefix(1)) }
    return [UInt8(ascii: "f"), numberOfFormat(named: String(name.dropFirst(2)))]
}()

/// Hands the input to the reader that the environment chose, marked or not; or else to the one that its first byte names.
private func fuzz(_ input: borrowing Span<UInt8>) {
    if chosenReader.isEmpty { return fuzzMarked(input) }
    let bytes = input.indices.map { input[$0] }
    let marked = bytes.starts(with: chosenReader) ? bytes : chosenReader + bytes
    fuzzMarked(marked.span)
}

private func fuzzMarked(_ input: borrowing Span<UInt8>) {
    if input.isEmpty { return fuzzMessage(input) }
    let bytes = input.extracting(1..<input.count)
    switch input[0] {
    case UInt8(ascii: "j"): fuzzMessage(bytes)
    case UInt8(ascii: "t"): fuzzTimestamp(bytes)
    case UInt8(ascii: "p"): fuzzTopicPattern(bytes)
    case UInt8(ascii: "r"): fuzzReadingsCSV(bytes)
    case UInt8(ascii: "s"): fuzzSensorTable(bytes)
    case UInt8(ascii: "g"): fuzzSensorPoints(bytes)
    case UInt8(ascii: "f"): fuzzFormats(bytes)
    case UInt8(ascii: "n"): fuzzNeighbours(bytes)
    case UInt8(ascii: "w"): _ = try? WardMap(geoJSON: bytes)
    case UInt8(ascii: "u"): fuzzForm(bytes, "application/x-www-form-urlencoded")
    case UInt8(ascii: "m"): fuzzForm(bytes, "multipart/form-data; boundary=XyZ")
    case UInt8(ascii: "x"): fuzzDocument(bytes)
    case UInt8(ascii: "i"): fuzzPhoto(bytes)
    case UInt8(ascii: "e"): fuzzEvents(bytes)
    case UInt8(ascii: "c"): fuzzConfiguration(bytes)
    default: fuzzMessage(input)  // a payload as it is: a corpus of messages needs no mark
    }
}
