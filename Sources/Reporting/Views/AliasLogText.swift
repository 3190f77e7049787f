package import Prompts

/// The journal of a prompt's alias moves on a terminal.
package struct AliasLogText: Sendable {
    private let style: ANSIStyle

    /// A renderer.
    ///
    /// - Parameter color: Whether to use ANSI colours.
    package init(color: Bool) { style = ANSIStyle(isOn: color) }

    /// The journal as text.
    ///
    /// - Parameter log: The journal.
    /// - Returns: A line for each move below the titles, the newest first; empty when there are none.
    package func render(_ log: AliasLog) -> String {
        guard !log.entries.isEmpty else { return "" }
        let rows = log.entries.map { entry -> [TextTable.Cell] in
            [
                .init(entry.at), .init(entry.alias),
                .init("\(VersionPhrase.number(entry.from)) → \(VersionPhrase.number(entry.to))"),
                .init(entry.by ?? ""), .init(String((entry.commit ?? "").prefix(8)), .yellow),
                .init(entry.job ?? ""),
            ]
        }
        let lines = TextTable.lines(["AT", "ALIAS", "MOVE", "BY", "COMMIT", "JOB"], rows, style)
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }
}
