package import Evidence
import Prompts
import Support
import Tracing

/// What traces say as a page for reviewers.
package enum TraceHTML {
    // A browser shows a page of some megabytes at once.
    private static let room = SizeBudget(pieces: 500, bytes: 3_000_000)

    /// The comparison as HTML, ended by a newline.
    ///
    /// - Parameter comparison: The comparison.
    /// - Returns: The page.
    package static func render(_ comparison: TraceComparison) -> String {
        HTMLPage(
            title: "promptreg: traces", facts: facts(of: comparison), sections: sections(of: comparison)
        ).document
    }

    /// A section for each prompt, and one with notes.
    static func sections(of comparison: TraceComparison) -> [HTMLPage.Section] {
        var room = room
        let titles = TraceWording.capitalizedTitles(comparison)
        let sections = comparison.prompts.map { section($0, under: titles) }.prefix { section in
            room.takes(bytes: section.content.reduce(0) { $0 + $1.source.utf8.count })
        }
        let rest = comparison.prompts.count - sections.count
        let more =
            rest > 0 ? [HTML.element("p", HTML("\(Quantity.of(rest, "more prompt")) not listed here."))] : []
        return sections + [.init("Notes", more + notes(of: comparison))]
    }

    private static func facts(of comparison: TraceComparison) -> [(name: String, value: HTML)] {
        var facts: [(name: String, value: HTML)] = [("Registry", .code(comparison.registry.description))]
        if !comparison.experiments.isEmpty {
            facts.append(("Experiments", .code(comparison.experiments.joined(separator: ", "))))
        }
        if let since = Moment(comparison.window.since) { facts.append(("Since", time(since))) }
        if let until = Moment(comparison.window.until) { facts.append(("Until", time(until))) }
        return facts + [("promptreg", HTML(comparison.toolVersion))]
    }

    private static func time(_ moment: Moment) -> HTML {
        .element("time", ["datetime": moment.text], HTML(moment.text))
    }

    private static func notes(of comparison: TraceComparison) -> [HTML] {
        let notes =
            comparison.notes
            + (comparison.prompts.contains(where: isDoubted) ? [TraceWording.legend(comparison)] : [])
        return notes.isEmpty ? [] : [.element("ul", notes.map { .element("li", HTML($0)) })]
    }

    private static func isDoubted(_ prompt: TraceComparison.Prompt) -> Bool {
        prompt.versions.contains { TraceWording.differences($0).contains { $0.contains(TraceWording.mark) } }
    }

    private static func section(
        _ prompt: TraceComparison.Prompt, under titles: [String]
    ) -> HTMLPage.Section {
        let shown = TraceWording.shown(prompt)
        let differences = TraceWording.comparisons(prompt).map {
            HTML.element("li", HTML($0.versions + $0.words))
        }
        let table = HTML.table(
            caption: "Versions of \(prompt.name)",
            columns: titles,
            rows: shown.map { TraceWording.fields($0).map { HTML($0) } })
        return HTMLPage.Section(
            prompt.name,
            [table] + (differences.isEmpty ? [] : [.element("ul", differences)]) + charts(of: prompt)
                + histories(of: prompt))
    }

    /// Charts of the versions that have traces, the oldest first.
    private static func charts(of prompt: TraceComparison.Prompt) -> [HTML] {
        let versions = Array(prompt.versions.filter { $0.figures.traces > 0 }.reversed())
        guard !versions.isEmpty else { return [] }
        func chart(
            _ title: String, _ unit: String, _ series: [(String, (TraceFigures) -> Double?)]
        ) -> HTML? {
            let drawn = series.map { name, value in
                HTMLChart.Series(name, versions.map { value($0.figures) })
            }
            guard drawn.contains(where: { $0.values.contains { $0 != nil } }) else { return nil }
            return HTMLChart(
                .bars, title: "\(title) of \(prompt.name)", unit: unit, axis: "Version",
                labels: versions.map { "v\($0.number)" }, series: drawn
            ).html
        }
        return [
            chart(
                "Latency", "ms",
                [("mean", { $0.latency?.mean }), ("p50", \.latencyP50), ("p95", \.latencyP95)]),
            chart(
                "Tokens", "mean",
                [("input", { $0.inputTokens?.mean }), ("output", { $0.outputTokens?.mean })]),
            chart("Cost", "mean, in dollars", [("cost", { $0.cost?.mean })]),
        ].compactMap(\.self)
    }

    /// The most versions whose figures are drawn over time: as many as have looks of their own.
    private static let mostLines = 6

    /// Charts of the newest versions over time; none where all traces are of one period.
    private static func histories(of prompt: TraceComparison.Prompt) -> [HTML] {
        let versions = prompt.versions.filter { $0.figures.traces > 0 }.prefix(mostLines).reversed()
        let (starts, periods) = TraceHistory.aligned(versions.map(\.figures.history))
        guard starts.count > 1 else { return [] }
        let labels = starts.map { label($0, after: starts[1] - starts[0]) }
        func chart(_ title: String, _ unit: String, _ mean: (TraceHistory.Period) -> Double?) -> HTML? {
            let series = zip(versions, periods).map { version, periods in
                HTMLChart.Series("v\(version.number)", periods.map { $0.flatMap(mean) })
            }
            guard series.contains(where: { $0.values.contains { $0 != nil } }) else { return nil }
            return HTMLChart(
                .lines, title: "\(title) of \(prompt.name) over time", unit: unit, axis: "From (UTC)",
                labels: labels, series: series
            ).html
        }
        return [
            chart("Latency", "mean, ms", \.latency.value), chart("Tokens", "mean", \.tokens.value),
            chart("Cost", "mean, in dollars", \.cost.value),
        ].compactMap(\.self)
    }

    /// When a period begins: as much of it as tells it from the next one, so many milliseconds later.
    private static func label(_ start: Int, after length: Int) -> String {
        guard let text = Moment(start)?.text else { return "\(start)" }
        if length >= 86_400_000 { return String(text.prefix(10)) }
        return String(text.dropFirst(5).prefix(length < 60_000 ? 14 : 11)).replacing("T", with: " ")
    }
}
