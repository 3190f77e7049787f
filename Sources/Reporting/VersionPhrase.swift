import Execution
import Planning

/// Words for versions and for where aliases point.
enum VersionPhrase {
    /// A version's number; `none` where there is no version.
    static func number(_ version: Int?) -> String { version.map { "v\($0)" } ?? "none" }

    /// The versions before and after, such as `v1 → v2`; one alone when nothing moved, empty when there is none.
    static func step(from old: Int?, to new: Int?) -> String {
        switch (old, new) {
        case (let old?, let new?) where old != new: "v\(old) → v\(new)"
        case (_, let new?): "v\(new)"
        case (let old?, nil): "v\(old)"
        case (nil, nil): ""
        }
    }

    /// The versions before and after a run that is only planned.
    static func plannedStep(_ prompt: PlannedPrompt) -> String {
        plannedStep(prompt.action, from: prompt.previousVersion, to: prompt.expectedVersion)
    }

    /// The versions before and after a run that is only planned. The registry gives the number of a new one.
    static func plannedStep(_ action: PromptAction, from previous: Int?, to expected: Int?) -> String {
        let step = step(from: previous, to: expected)
        return action.makesVersion ? step + " (expected)" : step
    }

    /// Where an alias goes to: `set to v2`, `v1 → v2`, or `v2` when it stays.
    static func place(_ action: AliasAction, from old: Int?, to new: Int?) -> String {
        switch action {
        case .set: new.map { "set to v\($0)" } ?? "set"
        case .move: step(from: old, to: new)
        case .unchanged: number(new ?? old)
        case .remove: old.map { "removed from v\($0)" } ?? "removed"
        }
    }

    /// Where an alias would go to.
    static func planned(_ alias: AliasReport) -> String {
        place(alias.action, from: alias.previousVersion, to: alias.targetVersion)
    }

    /// What became of an alias, such as `production v1 → v2` or `staging held at v1`.
    static func outcome(_ alias: AliasReport) -> String {
        switch alias.status {
        case .ok: "\(alias.alias) \(place(alias.action, from: alias.previousVersion, to: alias.version))"
        case .held: "\(alias.alias) held" + (alias.previousVersion.map { " at v\($0)" } ?? "")
        case .failed: "\(alias.alias) failed"
        case .restored:
            alias.alias + (alias.previousVersion.map { " restored to v\($0)" } ?? " removed again")
        }
    }
}
