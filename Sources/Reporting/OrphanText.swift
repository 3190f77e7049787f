import Planning
import Support

/// Prompts that left their job.
enum OrphanText {
    /// A line for each, and what to do about them. If the plan removes their aliases, they are among its prompts.
    static func lines(_ orphans: [OrphanedPrompt], _ plan: PlanCounts) -> [String] {
        guard !orphans.isEmpty, plan.aliasRemovals == 0 else { return [] }
        var lines = [
            "The job no longer names \(Quantity.of(orphans.count, "prompt")) that it registered earlier:"
        ]
        lines += orphans.map { orphan in
            let aliases = orphan.aliases.sorted { $0.key < $1.key }
                .map { "\($0.key.escapedForTerminal) at v\($0.value)" }
            let rest = aliases.isEmpty ? "none of the job's aliases" : aliases.joined(separator: ", ")
            return "    \(orphan.fullName.escapedForTerminal): \(rest)"
        }
        if orphans.contains(where: { !$0.aliases.isEmpty }) {
            lines.append("    help: --prune removes the job's aliases from them and deletes no version")
        }
        return lines
    }
}
