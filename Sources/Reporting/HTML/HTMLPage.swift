/// A self-contained HTML page: it loads nothing, runs no script, and works offline, in light and dark, and on paper.
///
/// Every command that writes such a page makes it by one call, of parts in which all text is escaped:
///
///     HTMLPage(
///         title: "promptreg: traces of health_monitor", facts: [("Registry", .code(address))],
///         sections: [
///             .init("Numbers", [.counts([("120", "traces")]), .table(caption: "…", columns: […], rows: […])]),
///             .init("Latency", [HTMLChart(.lines, title: "…", unit: "ms", axis: "Version", labels: […], series: […]).html]),
///         ]
///     ).document
package struct HTMLPage: Sendable {
    /// A part of a page under a heading of its own.
    package struct Section: Sendable {
        /// The heading.
        package var heading: String
        /// What is below it.
        package var content: [HTML]

        /// A section; one without content is left out.
        package init(_ heading: String, _ content: [HTML]) {
            self.heading = heading
            self.content = content
        }
    }

    /// How something went, as a word at the top.
    package enum Verdict: Sendable {
        /// It went well, as the word says.
        case good(String)
        /// It did not, as the word says.
        case bad(String)
        /// Neither of both, as the word says.
        case fair(String)
    }

    /// What every page of this program begins with.
    package static let start = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="generator" content="promptreg">

        """

    private let title: String
    private let verdict: Verdict?
    private let facts: [(name: String, value: HTML)]
    private let sections: [Section]

    /// A page.
    ///
    /// - Parameters:
    ///   - title: The title, also the first heading.
    ///   - verdict: How what the page tells of went; nil says nothing.
    ///   - facts: What it is about, each with a name.
    ///   - sections: The content; the numbers come first.
    package init(
        title: String, verdict: Verdict? = nil, facts: [(name: String, value: HTML)] = [],
        sections: [Section]
    ) {
        self.title = title
        self.verdict = verdict
        self.facts = facts
        self.sections = sections.filter { !$0.content.isEmpty }
    }

    /// The page, ended by a newline.
    package var document: String {
        let head = [
            HTML.void("meta", ["http-equiv": "Content-Security-Policy", "content": HTMLStyle.policy]),
            HTML.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            HTML.void("meta", ["name": "color-scheme", "content": "light dark"]),
            HTML.void("meta", ["name": "referrer", "content": "no-referrer"]),
            HTML.element("title", HTML(title)),
        ]
        let style = "<style>\(HTMLStyle.sheet)</style>"
        let lines = head.map(\.source) + [style, "</head>", "<body>", header.source, main.source]
        return Self.start + (lines + ["</body>", "</html>"]).joined(separator: "\n") + "\n"
    }

    private var header: HTML {
        let badge =
            switch verdict {
            case .good(let word): [HTML(" "), HTML.element("span", ["class": "badge good"], HTML(word))]
            case .bad(let word): [HTML(" "), HTML.element("span", ["class": "badge bad"], HTML(word))]
            case .fair(let word): [HTML(" "), HTML.element("span", ["class": "badge"], HTML(word))]
            case nil: [HTML]()
            }
        let list = facts.map { fact in
            HTML.element("div", .element("dt", HTML(fact.name)), .element("dd", fact.value))
        }
        return .element(
            "header", [.element("h1", [HTML(title)] + badge)] + (list.isEmpty ? [] : [.element("dl", list)]))
    }

    private var main: HTML {
        .element(
            "main",
            sections.enumerated().map { number, section in
                let id = "section-\(number + 1)"
                let heading = HTML.element("h2", ["id": id], HTML(section.heading))
                return .element("section", ["aria-labelledby": id], [heading] + section.content)
            })
    }
}
