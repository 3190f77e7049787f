import Planning
import Support

/// Prompts that left their job.
enum OrphanText {
    /// A line for each, and what to do about them. If the plan removes the job's aliases, only those that keep others.
    static func lines(_ orphans: [OrphanedPrompt], _ plan: PlanCounts) -> [String] {
        let isPruned = plan.aliasRemovals > 0
        let shown = isPruned ? orphans.filter { !($0.otherAliases ?? [:]).isEmpty } : orphans
        guard !shown.isEmpty else { return [] }
        var lines = [
            "The job no longer names \(Quantity.of(shown.count, "prompt")) that it registered earlier"
                + (isPruned ? " and that other aliases still serve:" : ":")
        ]
        lines += shown.map { orphan in
            let aliases =
                (isPruned ? [] : places(orphan.aliases))
                + places(orphan.otherAliases ?? [:]).map { "\($0) (not an alias of the job)" }
            let rest = aliases.isEmpty ? "no alias" : aliases.listed(20)
            return "    \(orphan.fullName.escapedForTerminal): \(rest)"
        }
        // One of those that are new may have been called so before.
        if !isPruned, plan.create > 0 {
            lines.append(
                "    help: a renamed prompt keeps its versions and aliases with moved: {old: new} in the job, before "
                    + "the first run under the new name")
        }
        if !isPruned, orphans.contains(where: { !$0.aliases.isEmpty }) {
            lines.append(
                "    help: --prune removes the job's aliases from them and deletes no version; without it, they are "
                    + "no change")
        }
        return lines
    }

    private static func places(_ aliases: [String: Int]) -> [String] {
        aliases.sorted { $0.key < $1.key }.map { "\($0.key.escapedForTerminal) at v\($0.value)" }
    }
}
