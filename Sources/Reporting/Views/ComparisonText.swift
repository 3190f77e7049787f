import Planning
import Prompts
import Support
package import Views

/// What differs between versions, or between a job's files and what is registered, on a terminal.
package struct ComparisonText: Sendable {
    private let style: ANSIStyle

    /// A renderer.
    ///
    /// - Parameter color: Whether to use ANSI colours.
    package init(color: Bool) { style = ANSIStyle(isOn: color) }

    /// The differences as text.
    ///
    /// - Parameter report: What was compared.
    /// - Returns: A unified diff for each pair that differs, with the variables that come and go. For versions, empty
    ///   where they are the same; a job's differences have a line for each prompt above and their numbers below.
    package func render(_ report: ComparisonReport) -> String {
        let differing = report.prompts.filter { !$0.difference.isEmpty }
        var blocks = differing.map { lines(of: $0, isInJob: report.job != nil) }
        if let job = report.job {
            blocks.insert(
                [JobHeader.line(title: job, registry: report.registry, target: report.target, style)], at: 0)
            let new = differing.count { $0.old == nil }
            let same = report.prompts.count - differing.count
            blocks.append([
                style(
                    "Diff: \(new) not registered, \(differing.count - new) changed, \(same) the same", .bold)
            ])
        }
        return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
            .withoutWorkflowCommands
    }

    private func lines(of prompt: PromptComparison, isInJob: Bool) -> [String] {
        var lines = isInJob ? [heading(of: prompt)] : []
        if let old = prompt.old?.content.kind, old != prompt.new.content.kind {
            lines.append("kind: \(old.rawValue) → \(prompt.new.content.kind.rawValue)")
        }
        let difference = prompt.difference
        // A file is named by its path; of a job's prompt it is plain whose version it is compared with.
        let old = isInJob ? prompt.old?.version.map { "v\($0)" } : prompt.old?.name
        lines += UnifiedDiff(difference.parts, from: old ?? "/dev/null", to: prompt.new.name).text(style)
        let variables = VariablesLine(added: difference.addedVariables, removed: difference.removedVariables)
        return lines + [variables.text(style)].compactMap(\.self)
    }

    private func heading(of prompt: PromptComparison) -> String {
        let action: PromptAction = prompt.old == nil ? .create : .update
        let name = style((prompt.nameInJob ?? prompt.fullName).escapedForTerminal, .bold)
        let version = prompt.old?.version.map { "v\($0)" } ?? "not registered"
        return
            "\(style(action.sign, action.look)) \(name) (\(prompt.fullName.escapedForTerminal)): \(version)"
    }
}
