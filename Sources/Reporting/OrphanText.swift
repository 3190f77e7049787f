import Support
import Planning

/// What is said of prompts that left their job.
enum OrphanText {
    /// A line for each, and what to do about them; none where there are no such prompts.
    ///
    /// - Parameters:
    ///   - orphans: The prompts.
    ///   - arePruned: Whether they lose the job's aliases, and are among the prompts for that.
    /// - Returns: The lines.
    static func lines(_ orphans: [OrphanedPrompt], arePruned: Bool) -> [String] {
        guard !orphans.isEmpty, !arePruned else { return [] }
        let count = Quantity.of(orphans.count, "prompt")
        var lines = ["The job registered \(count) that it names no more:"]
        lines += orphans.map { orphan in
            let aliases = orphan.aliases.sorted { $0.key < $1.key }
                .map { "\($0.key.escapedForTerminal) at v\($0.value)" }
            let rest = aliases.isEmpty ? "none of its aliases is left" : aliases.joined(separator: ", ")
            return "    \(orphan.fullName.escapedForTerminal): \(rest)"
        }
        if orphans.contains(where: { !$0.aliases.isEmpty }) {
            lines.append("    help: --prune takes the job's aliases off them and deletes no version")
        }
        return lines
    }
}
