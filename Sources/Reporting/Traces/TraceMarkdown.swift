package import Evidence
import Prompts
import Support
import Tracing

/// What traces say as Markdown, for reviews and GitHub's step summary.
package enum TraceMarkdown {
    // GitHub refuses a step's summary of more than 1 MiB.
    private static let room = SizeBudget(bytes: 700_000)

    /// The comparison as Markdown, ended by a newline.
    ///
    /// - Parameter comparison: The comparison.
    /// - Returns: The text, less than 1 MiB.
    package static func render(_ comparison: TraceComparison) -> String {
        let facts =
            ["Registry \(MarkdownText.code(comparison.registry.description))"]
            + (comparison.experiments.isEmpty
                ? [] : ["experiments \(MarkdownText.code(comparison.experiments.joined(separator: ", ")))"])
            + (Moment(comparison.window.since).map { ["since \($0.text)"] } ?? [])
            + (Moment(comparison.window.until).map { ["until \($0.text)"] } ?? [])
        let titles = TraceWording.capitalizedTitles(comparison)
        let tables = room.prefix(of: comparison.prompts.lazy.map { table($0, under: titles) })
        let rest = comparison.prompts.count - tables.count
        let isDoubted = tables.contains { $0.contains(TraceWording.mark) }
        let blocks =
            ["## promptreg: traces", facts.joined(separator: " · ")] + tables
            + [
                rest > 0 ? "\(Quantity.of(rest, "more prompt")) not listed here." : "",
                isDoubted ? MarkdownText.prose(TraceWording.legend(comparison)) : "",
                comparison.notes.map { "- " + MarkdownText.prose($0) }.joined(separator: "\n"),
            ]
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private static func table(_ prompt: TraceComparison.Prompt, under titles: [String]) -> String {
        let rows = TraceWording.shown(prompt).map { row(TraceWording.fields($0).map(MarkdownText.prose)) }
        let differences = TraceWording.comparisons(prompt).map {
            "- \($0.versions)" + MarkdownText.prose($0.words)
        }
        let table = [row(titles), "|" + String(repeating: "---|", count: titles.count)] + rows
        return
            (["### \(MarkdownText.code(prompt.name))", ""] + table
            + (differences.isEmpty ? [] : [""] + differences)).joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
