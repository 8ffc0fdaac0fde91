import Open311

/// The page that says what the exports hold.
struct ExportPage {
    private let view: PublicView
    private let baseURL: String

    init(_ view: PublicView, baseURL: String) { (self.view, self.baseURL) = (view, baseURL) }

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Open data: service requests</title>
        <link rel="icon" href="/assets/icon.svg">
        <link rel="stylesheet" href="/assets/styles/base.css">
        <link rel="stylesheet" href="/assets/styles/parts.css">
        </head>
        <body>
        <main>
        <p><a href="/">Sluice</a></p>
        <h1>Open data: service requests</h1>
        <p>Every public request since the beginning, as it stands now, or as it was known at any moment since.</p>
        <ul>
        \(formats)
        </ul>
        <p>Put <code>.gz</code> behind a name for a compressed file. The oldest come first; there is no limit on rows. Times are
        UTC. What is not known is empty, or <code>null</code>.</p>
        <h2>Parameters</h2>
        <div class="table" role="region" aria-label="Parameters" tabindex="0">
        <table>
        <thead><tr><th scope="col">Parameter</th><th scope="col">Meaning</th></tr></thead>
        <tbody>
        \(parameters)
        </tbody>
        </table>
        </div>
        <p>For example, the open requests of one service as they were known at the beginning of November:</p>
        <p><code>curl '\(escaped(baseURL))/export/requests.csv?status=open&amp;service_code=\(exampleService)&amp;as_of=2026-11-01T00:00:00Z'</code></p>
        <h2>Columns</h2>
        <p>Names and meanings stay as they are; new columns are added at the end.</p>
        <div class="table" role="region" aria-label="Columns" tabindex="0">
        <table>
        <thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
        <tbody>
        \(columns)
        </tbody>
        </table>
        </div>
        <h2>Notes</h2>
        <ul>
        <li>CSV is RFC 4180 in UTF-8. A text that a spreadsheet would take for a formula (it begins with <code>=</code>,
        <code>+</code>, <code>-</code> or <code>@</code>) has an apostrophe in front.</li>
        <li>GeoJSON is RFC 7946: longitude comes first. Requests without a position have no geometry.</li>
        <li>With <code>as_of</code> each request is as its last public change up to that moment left it; those raised later are
        not there. The same question gets the same answer, whenever it is asked.</li>
        <li>Without it, a request that changes while you download is there once, as it is when its turn comes.</li>
        <li>Services that are sensitive are exported as they are shown: with coarser positions, or not at all.</li>
        </ul>
        </main>
        </body>
        </html>

        """
    }

    private var formats: String {
        ExportFormat.allCases.map { format in
            let name = "requests.\(format.rawValue)"
            return "<li><a href=\"/export/\(name)\">\(name)</a></li>"
        }.joined(separator: "\n")
    }

    private var parameters: String {
        Self.parameters.map { "<tr><th scope=\"row\"><code>\($0)</code></th><td>\($1)</td></tr>" }
            .joined(separator: "\n")
    }

    private var columns: String {
        ExportColumn.allCases.map { column in
            "<tr><th scope=\"row\"><code>\(column.rawValue)</code></th><td>\(column.type)</td><td>\(column.meaning)</td></tr>"
        }.joined(separator: "\n")
    }

    private var exampleService: String { view.catalog.published.first?.code.rawValue ?? "water-leak" }

    private static let parameters: [(String, String)] = [
        ("service_code", "Codes of services, separated by commas."),
        ("status", "open, closed."),
        ("start_date, end_date", "When they were raised, both ends included: 2026-11-01T00:00:00Z."),
        ("updated_after, updated_before", "When they last changed, both ends included."),
        ("bbox", "west,south,east,north in degrees."),
        ("lat, long, radius", "Within so many metres of a point."),
        ("ward", "Names of wards, separated by commas."),
        ("severity", "At least so grave, 1 to 4."),
        ("service_request_id", "Numbers of requests, separated by commas; then other filters count for nothing."),
        ("as_of", "What was known at this moment."),
    ]

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("'", with: "&#39;")
    }
}
