import Jobs
import Prompts
import Support
package import Views

/// An imported job on a terminal.
package enum ImportText {
    /// The job as text.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - folder: Where it was written, as the user wrote it.
    ///   - style: How to write it.
    /// - Returns: A line for each prompt and what was written; empty if nothing was.
    package static func render(_ job: JobImport, folder: String, _ style: TextStyle) -> String {
        let entries = job.export.entries
        guard !entries.isEmpty else { return "" }
        let rows = entries.map { entry -> [TextTable.Cell] in
            [
                .init(entry.name),
                .init(VersionPhrase.number(job.prompts[entry.prompt.fullName]?.version.number)),
                .init(entry.prompt.aliases.listed(20)), .init(entry.path),
            ]
        }
        let templates = Quantity.of(entries.count, "template")
        return [
            ["\(job.registry) → \(folder)".escapedForTerminal],
            TextTable.lines(rows, under: ["NAME", "VERSION", "ALIASES", "FILE"], style),
            ["Wrote \(templates) and \(job.export.specPath) to \(folder)".escapedForTerminal],
        ].text
    }
}
