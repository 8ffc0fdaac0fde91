/// Reads `attribute[code]=value` and `attribute[code][]=value`, and checks the answers against the questions.
struct AttributeReader {
    private var given: [String: [String]] = [:]

    init(_ form: SubmittedForm) {
        for (name, value) in form.texts where !value.isEmpty {
            guard let code = Self.code(in: name) else { continue }
            given[code, default: []].append(value)
        }
    }

    /// The answers to a service's questions, in their order.
    func answers(to service: Service) throws(GeoReportError) -> [SubmittedAttribute] {
        var answers: [SubmittedAttribute] = []
        for question in service.attributes.sorted(by: { $0.order < $1.order }) where question.isVariable {
            let values = given[question.code] ?? []
            guard !values.isEmpty else {
                if question.isRequired {
                    throw GeoReportError(
                        code: 400, "attribute[\(question.code)]: is missing; \(service.code) asks for it")
                }
                continue
            }
            try check(values, question)
            answers.append(SubmittedAttribute(code: question.code, values: values))
        }
        return answers
    }

    private func check(_ values: [String], _ question: ServiceAttribute) throws(GeoReportError) {
        let name = "attribute[\(question.code)]"
        guard values.count == 1 || question.datatype == .multiValueList else {
            throw GeoReportError(code: 400, "\(name): takes one value, found \(values.count)")
        }
        guard values.count <= max(1, question.values.count) else {
            throw GeoReportError(code: 400, "\(name): takes each of its values once")
        }
        for value in values {
            switch question.datatype {
            case .string: try bound(value, name, longest: 255)
            case .text: try bound(value, name, longest: RequestSubmission.longestDescription)
            case .number:
                guard PlainNumber.read(value) != nil else {
                    throw .badParameter(name, "must be a number, like 12.5", found: value)
                }
            case .datetime:
                guard W3CDateTime(value) != nil else {
                    throw .badParameter(
                        name, "must be a date and time with its zone, like 2026-11-21T20:34:05Z", found: value)
                }
            case .singleValueList, .multiValueList:
                guard question.values.contains(where: { $0.key == value }) else {
                    let keys = question.values.map(\.key).joined(separator: ", ")
                    throw .badParameter(name, "must be of \(keys)", found: value)
                }
            }
        }
    }

    private func bound(_ value: String, _ name: String, longest: Int) throws(GeoReportError) {
        _ = try FormReader.checked(value, name, longest: longest)
    }

    /// `flow` in `attribute[flow]` and in `attribute[flow][]`.
    private static func code(in name: String) -> String? {
        let prefix = "attribute["
        guard name.hasPrefix(prefix) else { return nil }
        var rest = name.dropFirst(prefix.count)
        if rest.hasSuffix("][]") { rest = rest.dropLast(2) }
        guard rest.hasSuffix("]") else { return nil }
        return String(rest.dropLast())
    }
}
