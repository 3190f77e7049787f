import Prompts
package import Views

/// A list of prompts on a terminal.
package struct PromptListText: Sendable {
    private let style: ANSIStyle
    private let now: Int

    /// A renderer.
    ///
    /// - Parameters:
    ///   - color: Whether to use ANSI colours.
    ///   - now: The present, in milliseconds since 1970.
    package init(color: Bool, now: Int) {
        style = ANSIStyle(isOn: color)
        self.now = now
    }

    /// The list as text.
    ///
    /// - Parameter listing: The prompts.
    /// - Returns: A line for each prompt below the titles; a job's list has a line for the job above. Empty when there
    ///   are no prompts.
    package func render(_ listing: PromptListing) -> String {
        guard !listing.entries.isEmpty else { return "" }
        var lines: [String] = []
        if let job = listing.job {
            lines = [
                JobHeader.line(title: job, registry: listing.registry, target: listing.target, style), "",
            ]
        }
        lines += TextTable.lines(
            ["NAME", "VERSION", "ALIASES", "AGE", "VARIABLES"], listing.entries.map(row), style)
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }

    private func row(_ entry: PromptListing.Entry) -> [TextTable.Cell] {
        guard let prompt = entry.prompt else { return [.init(entry.name), .init("not registered", .dim)] }
        let aliases = prompt.aliases.sorted { $0.key < $1.key }.map { "\($0.key) v\($0.value)" }
        return [
            .init(entry.name), .init(VersionPhrase.number(entry.version?.number)),
            .init(aliases.joined(separator: ", ")),
            .init(Moment(entry.version?.createdAt)?.age(at: now) ?? ""),
            .init((entry.version?.content.variables ?? []).joined(separator: ", ")),
        ]
    }
}
