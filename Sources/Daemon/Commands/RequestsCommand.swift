public import ArgumentParser
internal import Open311

/// `sluice requests`: what has been filed.
struct RequestsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "List and show service requests.",
        discussion: """
            Asks the daemon that holds the data directory; where none runs it reads the store itself.

            Examples:
              sluice requests list --status open
              sluice requests list --service water-leak --json
              sluice requests show 12 --data /var/lib/sluice
            """,
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List requests, newest first.",
            discussion: "Example:\n  sluice requests list --status open --service bin-full --limit 20")

        @OptionGroup var data: DataOptions

        @Option(help: "open, closed or all.")
        var status = StatusFilter.open

        @Option(help: "Only this service: water-leak, traffic-anomaly, bin-full or sensor-fault. May be repeated.")
        var service: [ServiceCode] = []

        @Option(help: "At most so many.")
        var limit = 50

        @Flag(help: "GeoReport JSON for machines.")
        var json = false

        func validate() throws {
            try check("--limit", limit, in: 1...100_000)
        }

        func run() async throws {
            try await Failure.report {
                let wanted = LocalCommands.RequestsWanted(
                    statuses: status.statuses, services: service.isEmpty ? nil : service, limit: limit)
                let found = try await data.look("requests.list", wanted, for: LocalCommands.RequestsFound.self)
                let requests = found.requests
                if json {
                    let document = GeoReportDocument.requests(requests, updates: [:])
                    Terminal.say(String(decoding: document.encoded(as: .json), as: UTF8.self))
                    return
                }
                for request in requests { Terminal.say(RequestLine(request).text) }
                let total = found.total
                let shown = requests.count < total ? "the newest \(requests.count) of \(total)" : "\(total)"
                Terminal.complain(
                    "\(shown) \(status == .all ? "" : "\(status.rawValue) ")request\(total == 1 ? "" : "s")")
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one request whole, with its history.", discussion: "Example:\n  sluice requests show 12")

        @OptionGroup var data: DataOptions

        @Argument(help: "The request's id.")
        var id: Int64

        @Flag(help: "GeoReport JSON for machines, with extended attributes and notes.")
        var json = false

        func run() async throws {
            try await Failure.report {
                let found = try await data.look(
                    "requests.show", LocalCommands.Numbered(id: id), for: LocalCommands.RequestFound.self)
                let (request, updates) = (found.request, found.updates)
                if json {
                    let document = GeoReportDocument.requests([request], updates: [id: updates])
                    Terminal.say(String(decoding: document.encoded(as: .json), as: UTF8.self))
                } else {
                    Terminal.say(RequestPage(request, updates: updates).text)
                }
            }
        }
    }

    enum StatusFilter: String, ExpressibleByArgument, CaseIterable {
        case open, closed, all

        var statuses: [ServiceRequest.Status]? {
            switch self {
            case .open: [.open]
            case .closed: [.closed]
            case .all: nil
            }
        }
    }
}

extension ServiceCode: ExpressibleByArgument {}
