import Jobs
import Prompts
import Support
package import Views

/// A job that was made of what a registry holds, on a terminal.
package struct ImportText: Sendable {
    private let style: ANSIStyle

    /// A renderer.
    ///
    /// - Parameter color: Whether to use ANSI colours.
    package init(color: Bool) { style = ANSIStyle(isOn: color) }

    /// The job as text.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - folder: Where it was written, as the user wrote it.
    /// - Returns: A line for each prompt below the titles, and what was written; empty when nothing was.
    package func render(_ job: JobImport, folder: String) -> String {
        let entries = job.export.entries
        guard !entries.isEmpty else { return "" }
        var lines = ["\(job.registry) → \(folder)".escapedForTerminal, ""]
        lines += TextTable.lines(["NAME", "VERSION", "ALIASES", "FILE"], entries.map { row($0, job) }, style)
        let templates = Quantity.of(entries.count, "template")
        lines += ["", "Wrote \(templates) and \(job.export.specPath) to \(folder)".escapedForTerminal]
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }

    private func row(_ entry: JobExport.Entry, _ job: JobImport) -> [TextTable.Cell] {
        [
            .init(entry.name),
            .init(VersionPhrase.number(job.prompts[entry.prompt.fullName]?.version.number)),
            .init(entry.prompt.aliases.joined(separator: ", ")), .init(entry.path),
        ]
    }
}
