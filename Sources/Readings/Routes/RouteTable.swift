/// The routes, in the order in which they are tried: where several match a topic, the first wins.
public struct RouteTable: Sendable, Equatable {
    public let routes: [Route]

    public init(_ routes: [Route]) { self.routes = routes }

    /// The MQTT topic filters to subscribe to, each once, in order. Filters may overlap; subscribe to all.
    /// Those of Sparkplug belong to connections of their own: ``sparkplugFilters``.
    public var filters: [String] {
        var filters: [String] = []
        for route in routes where route.format != .sparkplug && !filters.contains(route.topic.filter) {
            filters.append(route.topic.filter)
        }
        return filters
    }

    /// What a Sparkplug host application subscribes to: everything of the groups that routes read, because births, deaths
    /// and numbers concern a whole edge node.
    public var sparkplugFilters: [String] {
        var filters: [String] = []
        for route in routes where route.format == .sparkplug {
            let levels = route.topic.filter.split(separator: "/", omittingEmptySubsequences: false)
            let filter = "spBv1.0/\(levels.count > 1 ? levels[1] : "+")/#"
            if !filters.contains(filter) { filters.append(filter) }
        }
        return filters
    }

    /// Every problem of every route, and names that occur twice. Each begins with the route's name.
    public func problems() -> [String] {
        var found = routes.flatMap { route in route.problems().map { "\(route.name): \($0)" } }
        for (index, route) in routes.enumerated() where routes[..<index].contains(where: { $0.name == route.name }) {
            found.append("\(route.name): is the name of two routes")
        }
        return found
    }

    /// The first route whose pattern matches, and where the pattern's levels stand. Allocates nothing.
    public func firstMatch(_ topic: borrowing Span<UInt8>, captures: inout TopicCaptures) -> Int? {
        for index in routes.indices where routes[index].topic.matches(topic, captures: &captures) { return index }
        return nil
    }
}
