public import Detection
public import IssueStorage
public import Open311
public import Telemetry

/// What the site is made of, besides its own files: each part that is missing leaves its places out or read-only.
public struct SiteParts: Sendable {
    /// Where requests are read.
    public var source: any RequestSource
    /// What the pages read beside requests: sensors and their history; nil: they say that there are none.
    public var pages: (any PageSource)?
    /// The city's services, and what the public sees of their requests.
    public var view: PublicView
    /// Takes what is posted; nil: nothing can be posted.
    public var desk: (any CivicDesk)?
    /// Where assets are read; nil: there are none.
    public var assets: (any AssetSource)?

    /// Why requests exist; nil: nobody can ask.
    public var evidence: EvidenceParts?
    /// The store behind `source`, for measures, hotspots and exports; nil: these places are left out.
    public var store: IssueReader?
    /// What the city has set itself; asked for each time, because it may change.
    public var goals: @Sendable () -> [Goal]
    /// Whether a rule is switched on.
    public var isLookedFor: @Sendable (Rule) -> Bool

    /// What the daemon says and decides; nil: nobody can follow it.
    public var log: (any LogSource)?
    /// How the daemon does, as JSON; nil: nobody can ask.
    public var figures: (@Sendable () async throws -> String)?

    /// ``HTTPConfiguration/proxies``: they call from this machine for others.
    var proxies: Set<String> = []

    public init(
        source: any RequestSource, pages: (any PageSource)? = nil, view: PublicView = .standard,
        desk: (any CivicDesk)? = nil, assets: (any AssetSource)? = nil, evidence: EvidenceParts? = nil,
        store: IssueReader? = nil, goals: @escaping @Sendable () -> [Goal] = { Goal.standard },
        isLookedFor: @escaping @Sendable (Rule) -> Bool = { _ in true },
        log: (any LogSource)? = nil, figures: (@Sendable () async throws -> String)? = nil
    ) {
        self.source = source
        self.pages = pages
        self.view = view
        self.desk = desk
        self.assets = assets
        self.evidence = evidence
        self.store = store
        self.goals = goals
        self.isLookedFor = isLookedFor
        self.log = log
        self.figures = figures
    }
}
