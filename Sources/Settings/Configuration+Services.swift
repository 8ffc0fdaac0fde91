package import Open311

extension Configuration {
    /// One item of `services`: changes one of the standard services, or adds one.
    package struct ServiceEntry: Sendable, Equatable {
        /// GeoReport's `service_code`. Key `code`, required.
        package var code: ServiceCode = .waterLeak
        /// Keys `name`, `description`, `group` and `agency`, as in GeoReport; nil: as it is, and for a new service its code or
        /// nothing.
        package var name: String?
        package var description: String?
        package var group: String?
        package var agency: String?
        /// Comma-separated. Key `keywords`.
        package var keywords: String?
        /// How a posted request gets its number. Key `type`.
        package var handling: Service.Handling?
        /// How soon a request is dealt with, in hours by severity 1 to 4. Key `promise`.
        package var promiseHours: [Double]?
        /// What the public sees. Key `visibility`.
        package var visibility: Visibility?
        /// To how many metres positions are told, with `visibility: coarse`. Key `coarse_metres`.
        package var coarseMetres = 250.0
        /// What a report is asked for. Key `attributes`.
        package var attributes: [Question] = []

        package enum Visibility: String, Sendable, CaseIterable { case open, pseudonymous, coarse, hidden }

        static let keys: [Key<Self>] = [
            .scalar("code", \.code, .serviceCode),
            .optional("name", \.name, .text),
            .optional("description", \.description, .text),
            .optional("group", \.group, .text),
            .optional("agency", \.agency, .text),
            .optional("keywords", \.keywords, .text),
            .optional("type", \.handling, .word(Service.Handling.allCases) { $0.rawValue }),
            .optional("promise", \.promiseHours, .promise),
            .optional("visibility", \.visibility, .word(Visibility.allCases) { $0.rawValue }),
            .scalar("coarse_metres", \.coarseMetres, .number(10...100_000)),
            .list("attributes", \.attributes, Question.keys) { Question() },
        ]
    }

    /// One question of a service. One item of its `attributes`; they are asked in the file's order.
    package struct Question: Sendable, Equatable {
        /// As in `attribute[code]`. Key `code`, required.
        package var code = ""
        /// Key `datatype`.
        package var datatype = ServiceAttribute.Datatype.string
        /// Key `required`.
        package var isRequired = false
        /// The question. Key `description`.
        package var description: String?
        /// How to write the answer. Key `datatype_description`.
        package var hint: String?
        /// What lists offer: `s = Small, l = Large`. Key `values`.
        package var values: [ServiceAttribute.Choice] = []

        static let keys: [Key<Self>] = [
            .scalar("code", \.code, .name),
            .scalar("datatype", \.datatype, .word(ServiceAttribute.Datatype.allCases) { $0.rawValue }),
            .scalar("required", \.isRequired, .flag),
            .optional("description", \.description, .text),
            .optional("datatype_description", \.hint, .text),
            .scalar("values", \.values, .choices),
        ]
    }

    /// The standard services, changed and added to as the file says: the changed ones stay in their places.
    package var serviceCatalog: ServiceCatalog {
        var services = ServiceCatalog.standard.services
        for entry in self.services {
            if let place = services.firstIndex(where: { $0.code == entry.code }) {
                services[place] = entry.changing(services[place])
            } else {
                services.append(entry.changing(Service(code: entry.code, name: entry.code.rawValue)))
            }
        }
        // A fault tells where its sensor stands. Unless the file says otherwise, faults keep back what any service does that
        // sensors file into; of the traffic sensors' siting, nothing would be left otherwise.
        let isSaid = self.services.contains { $0.code == .sensorFault && $0.visibility != nil }
        if !isSaid, let fault = services.firstIndex(where: { $0.code == .sensorFault }) {
            let ofSensors = services.filter { ServiceCode.standard.contains($0.code) && $0.code != .sensorFault }
            services[fault].visibility = ofSensors.map(\.visibility).max() ?? .open
        }
        return ServiceCatalog(services)
    }

    func checkServices(in reader: inout ConfigurationReader) {
        for (index, entry) in services.enumerated() {
            let path = "services[\(index)]"
            if !reader.isSet("\(path).code") {
                reader.report("\(path).code", "is missing; each service needs one")
            } else if services[..<index].contains(where: { $0.code == entry.code }) {
                reader.report("\(path).code", "each service stands once; \(entry.code) is taken")
            }
            if ServiceCode.standard.contains(entry.code), entry.handling == .blackbox {
                reader.report("\(path).type", "can't be blackbox for a service that sensors file into")
            }
            entry.checkQuestions(at: "\(path).attributes", in: &reader)
        }
    }
}

extension Configuration.ServiceEntry {
    fileprivate func changing(_ service: Service) -> Service {
        var service = service
        service.name = name ?? service.name
        service.description = description ?? service.description
        service.group = group ?? service.group
        service.agency = agency ?? service.agency
        if let keywords {
            service.keywords = keywords.split(separator: ",").map { String($0.drop { $0 == " " }) }
        }
        service.handling = handling ?? service.handling
        service.promiseHours = promiseHours ?? service.promiseHours
        switch visibility {
        case nil: break
        case .open: service.visibility = .open
        case .pseudonymous: service.visibility = .pseudonymous
        case .coarse: service.visibility = .coarse(metres: coarseMetres)
        case .hidden: service.visibility = .hidden
        }
        if !attributes.isEmpty {
            service.attributes = attributes.enumerated().map { index, question in
                ServiceAttribute(
                    code: question.code, datatype: question.datatype, isRequired: question.isRequired,
                    datatypeDescription: question.hint ?? "", order: index + 1,
                    description: question.description ?? question.code, values: question.values)
            }
        }
        return service
    }

    fileprivate func checkQuestions(at path: String, in reader: inout ConfigurationReader) {
        for (index, question) in attributes.enumerated() {
            let path = "\(path)[\(index)]"
            if !reader.isSet("\(path).code") {
                reader.report("\(path).code", "is missing; each attribute needs one")
            } else if attributes[..<index].contains(where: { $0.code == question.code }) {
                reader.report("\(path).code", "each attribute stands once in a service; \(question.code) is taken")
            }
            // A word that is no datatype, or values that are wrong, have been named already.
            if reader.hasProblem(at: "\(path).datatype") { continue }
            if question.datatype.isList == question.values.isEmpty,
                question.datatype.isList != reader.isSet("\(path).values")
            {
                reader.report(
                    "\(path).values",
                    question.datatype.isList
                        ? "is missing; a \(question.datatype.rawValue) offers some"
                        : "is for lists; a \(question.datatype.rawValue) is written freely")
            }
        }
    }
}

extension Syntax where Value == ServiceCode {
    static let serviceCode = Syntax(
        expected: "1–64 of a–z, 0–9 and -", parse: { ServiceCode(rawValue: $0) }, show: { $0.rawValue })
}

extension Syntax where Value == [Double] {
    /// Four durations, for the severities 1 to 4.
    static let promise = Syntax(
        expected: "four durations for the severities 1 to 4, such as 10d, 3d, 1d, 4h",
        parse: { text in
            let parts = text.split(separator: ",").map { $0.filter { $0 != " " } }
            let hours = parts.compactMap { DurationText.parse($0).map { Double($0.components.seconds) / 3600 } }
            return hours.count == 4 && parts.count == 4 && hours.allSatisfy { $0 > 0 } ? hours : nil
        },
        show: { $0.map { DurationText.string(.seconds(Int64($0 * 3600))) }.joined(separator: ", ") })
}

extension Syntax where Value == [ServiceAttribute.Choice] {
    /// `key = name, key = name`.
    static let choices = Syntax(
        expected: "values with their names, such as s = Small, l = Large; no two alike",
        parse: { text in
            let choices = text.split(separator: ",").map { part in
                let halves = part.split(separator: "=", maxSplits: 1).map { String($0.trimmingSpaces) }
                return ServiceAttribute.Choice(key: halves.first ?? "", name: halves.last ?? "")
            }
            let keys = choices.map(\.key)
            let isRight = !keys.contains("") && Set(keys).count == keys.count && !choices.contains { $0.name.isEmpty }
            return isRight ? choices : nil
        },
        show: { $0.map { "\($0.key) = \($0.name)" }.joined(separator: ", ") })
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        let front = drop { $0 == " " }
        return front.lastIndex { $0 != " " }.map { front[...$0] } ?? ""
    }
}
