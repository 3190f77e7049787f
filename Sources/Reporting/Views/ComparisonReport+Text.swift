import Planning
import Prompts
import Support
package import Views

extension ComparisonReport: Presentable {
    package func blocks(_ style: TextStyle) -> [[String]] {
        let differing = prompts.filter { !$0.difference.isEmpty }
        let diffs = differing.map { $0.lines(style, isInJob: job != nil) }
        guard let job else { return diffs }
        let new = differing.count { $0.old == nil }
        let same = prompts.count - differing.count
        let counts = "Diff: \(new) not registered, \(differing.count - new) changed, \(same) the same"
        let header = style.header(job, registry, target: target, isElsewhere: isElsewhere)
        return [[header]] + diffs + [[style(counts, .bold)]]
    }
}

extension PromptComparison {
    /// A unified diff, below the prompt's name if it is one of a job, with the variables that are added and removed.
    fileprivate func lines(_ style: TextStyle, isInJob: Bool) -> [String] {
        var lines = isInJob ? [heading(style)] : []
        if let old = old?.content.kind, old != new.content.kind {
            lines.append("kind: \(old.rawValue) → \(new.content.kind.rawValue)")
        }
        // The heading of a job's prompt names it, so that the version's number is enough.
        let oldName = isInJob ? old?.version.map { "v\($0)" } : old?.name
        lines += UnifiedDiff(difference.parts, from: oldName, to: new.name, madeOf: new.parts).text(style)
        return lines
            + VersionPhrase.variables(
                added: difference.addedVariables, removed: difference.removedVariables, style)
    }

    private func heading(_ style: TextStyle) -> String {
        let action: PromptAction = old == nil ? .create : .update
        let name = style((nameInJob ?? fullName).escapedForTerminal, .bold)
        let version = old?.version.map { "v\($0)" } ?? "not registered"
        return "\(style(action.sign, action.look)) \(name) (\(fullName.escapedForTerminal)): \(version)"
    }
}
