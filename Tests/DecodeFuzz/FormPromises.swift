import Open311

/// A city that asks everything that can be asked.
private let catalog = ServiceCatalog(
    ServiceCatalog.standard.services + [
        Service(
            code: ServiceCode(rawValue: "all")!, name: "All",
            attributes: ServiceAttribute.Datatype.allCases.enumerated().map { index, datatype in
                ServiceAttribute(
                    code: datatype.rawValue, datatype: datatype, isRequired: index == 0, order: index + 1,
                    description: "?", values: datatype.isList ? [.init(key: "a", name: "A")] : [])
            })
    ])

/// What somebody posts: refused with a short reason, or taken within its bounds.
func fuzzForm(_ input: borrowing Span<UInt8>, _ type: String) {
    let body = input.indices.map { input[$0] }
    do throws(GeoReportError) {
        let form = try SubmittedForm(body: body, contentType: type)
        precondition(form.texts.count + form.files.count <= SubmittedForm.mostParts, "too many parts")
        precondition(form.files.count <= SubmittedForm.mostFiles, "too many files")
        for (name, value) in form.texts {
            precondition(name.utf8.count <= SubmittedForm.longestName, "a long name")
            precondition(value.utf8.count <= SubmittedForm.longestText, "a long text")
        }
        for file in form.files { checkPhoto(file.bytes) }
        do throws(GeoReportError) {
            let report = try PostedReport(form, catalog: catalog)
            let submission = report.submission
            precondition(catalog[submission.service] != nil, "an unknown service")
            precondition((submission.latitude == nil) == (submission.longitude == nil), "half a position")
            precondition(submission.latitude.map { (-90...90).contains($0) } ?? true, "beyond the poles")
            let length = submission.description.unicodeScalars.count
            precondition(length <= RequestSubmission.longestDescription, "a long description")
            checkIsForPeople(submission.description)
            for text in [report.reporter?.email, report.reporter?.firstName, submission.address] {
                if let text { checkIsForPeople(text) }
            }
        } catch { check(error) }
        do throws(GeoReportError) {
            let update = try UpdateSubmission(form, hasPhoto: !form.files.isEmpty, nowMs: 1_795_293_245_678)
            precondition(update.requestID > 0 && update.duplicateOf != update.requestID, "of no request")
            precondition(update.madeAtMs.map { $0 <= 1_795_293_245_678 } ?? true, "made in the future")
            checkIsForPeople(update.text)
        } catch { check(error) }
    } catch { check(error) }
}

/// A refusal is the client's fault, short, and holds nothing that a log or a terminal would stumble over.
private func check(_ error: GeoReportError) {
    precondition([400, 404, 413].contains(error.code), "\(error.code) for a form")
    precondition(error.description.utf8.count < 1000, "an answer grows with the question")
}

private func checkIsForPeople(_ text: String) {
    for scalar in text.unicodeScalars {
        let isControl = scalar.value < 0x20 && scalar.value != 0x09 && scalar.value != 0x0A
        precondition(!isControl && scalar.value != 0xFFFE && scalar.value != 0xFFFF, "a control character")
    }
}

/// Whatever stands in a request, its documents are well-formed, and hold only what their format can.
func fuzzDocument(_ input: borrowing Span<UInt8>) {
    let text = String(decoding: input.indices.map { input[$0] }, as: UTF8.self)
    var request = ServiceRequest(id: 1, service: .waterLeak, incidentKey: text, requestedAtMs: .max)
    (request.title, request.description, request.statusNotes) = (text, text, text)
    (request.address, request.ward, request.mediaURL, request.detector) = (text, text, text, text)
    request.attributes = [SubmittedAttribute(code: text, values: [text, ""])]
    request.observed = .nan
    (request.latitude, request.longitude) = (.nan, .infinity)
    let update = RequestUpdate(requestID: 1, number: 1, atMs: .min, status: .open, text: text)
    let document = GeoReportDocument.requests([request], updates: [1: [update]])
    checkXML(document.encoded(as: .xml))
    checkJSON(document.encoded(as: .json))
    checkXML(GeoReportDocument.errors([GeoReportError(code: 400, text)]).encoded(as: .xml))
}

/// Elements are closed in order, and no character is one that XML 1.0 can't hold.
private func checkXML(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { preconditionFailure("XML that is not UTF-8") }
    var open: [Substring] = []
    var rest = text[...]
    precondition(rest.hasPrefix("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"), "no declaration")
    rest = rest.drop { $0 != "\n" }
    while let mark = rest.unicodeScalars.firstIndex(where: { $0 == "<" || $0 == "&" }) {
        checkCharacters(rest[..<mark])
        rest = rest[mark...]
        if rest.unicodeScalars.first == "&" {
            let isKnown = ["&amp;", "&lt;", "&gt;", "&#13;"].contains { rest.utf8.starts(with: $0.utf8) }
            precondition(isKnown, "an entity that nobody knows")
            rest = rest[rest.unicodeScalars.index(after: mark)...]
            continue
        }
        // Of scalars: with a combining mark behind it, the bracket would be part of another character.
        guard let end = rest.unicodeScalars.firstIndex(of: ">") else { preconditionFailure("a tag without an end") }
        let tag = rest[rest.unicodeScalars.index(after: mark)..<end]
        rest = rest[rest.unicodeScalars.index(after: end)...]
        if tag.hasPrefix("/") {
            precondition(open.popLast() == tag.dropFirst(), "\(tag) closes another")
        } else if !tag.hasSuffix("/") {
            precondition(tag.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) }, "a tag's name")
            open.append(tag)
        }
    }
    checkCharacters(rest)
    precondition(open.isEmpty, "an element stays open")
}

private func checkCharacters(_ text: Substring) {
    for scalar in text.unicodeScalars {
        switch scalar.value {
        case 0x09, 0x0A, 0x20...0xFFFD, 0x1_0000...: break
        default: preconditionFailure("a character that XML can't hold: \(scalar.value)")
        }
    }
}

/// Strings are closed, brackets balance, control characters are escaped.
private func checkJSON(_ bytes: [UInt8]) {
    precondition(String(validating: bytes, as: UTF8.self) != nil, "JSON that is not UTF-8")
    var open: [UInt8] = []
    var (isText, isEscaped) = (false, false)
    for byte in bytes {
        precondition(byte >= 0x20, "a control character")
        if isText {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isText = false
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): isText = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): open.append(byte + 2)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): precondition(open.popLast() == byte, "brackets cross")
        default: break
        }
    }
    precondition(!isText && open.isEmpty, "JSON stays open")
}

func fuzzPhoto(_ input: borrowing Span<UInt8>) { checkPhoto(input.indices.map { input[$0] }) }

/// What is kept of a photo is one, of the same sort, hardly longer, and has nothing more to lose.
private func checkPhoto(_ bytes: [UInt8]) {
    guard let photo = Photo(bytes: bytes), let cleaned = photo.withoutMetadata() else { return }
    precondition(cleaned.format == photo.format && cleaned.bytes.count <= bytes.count + 64, "it has grown")
    precondition(cleaned.withoutMetadata() == cleaned, "something was left")
}
