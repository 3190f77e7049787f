import Execution
import Planning
import Prompts
import Support

/// Words for versions, their variables and their aliases.
enum VersionPhrase {
    /// A line about variables that come and go, such as `variables: +region -zone`; none if they stay.
    static func variables(added: [String], removed: [String], _ style: TextStyle) -> [String] {
        let changes =
            added.map { style("+" + $0.escapedForTerminal, .green) }
            + removed.map { style("-" + $0.escapedForTerminal, .red) }
        return changes.isEmpty ? [] : ["variables: " + changes.joined(separator: " ")]
    }

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

    /// The versions before and after a run that is only planned. The registry numbers new versions.
    static func plannedStep(_ action: PromptAction, from previous: Int?, to expected: Int?) -> String {
        let step = step(from: previous, to: expected)
        return action.makesVersion ? step + " (expected)" : step
    }

    /// What became of versions that were registered twice, such as ` (duplicate v3 deleted)`; empty when there are none.
    static func duplicates(_ versions: [Int], _ fate: String) -> String {
        guard !versions.isEmpty else { return "" }
        let noun = versions.count == 1 ? "duplicate" : "duplicates"
        return " (\(noun) \(versions.map { "v\($0)" }.joined(separator: ", ")) \(fate))"
    }

    /// Where an alias goes: `set to v2`, `v1 → v2`, or `v2` when it stays.
    static func place(_ action: AliasAction, from old: Int?, to new: Int?) -> String {
        switch action {
        case .set: new.map { "set to v\($0)" } ?? "set"
        case .move: step(from: old, to: new)
        case .unchanged: number(new ?? old)
        case .remove: old.map { "removed from v\($0)" } ?? "removed"
        }
    }

    /// Which settings something else changed, such as ` (temperature: 0.2 → 0.9)`; empty where that is not known.
    static func edits(_ edits: [SettingChange]?) -> String {
        guard let edits, !edits.isEmpty else { return "" }
        let changes = edits.map { "\($0.key): \($0.from ?? "none") → \($0.to ?? "none")" }
        return " (\(changes.listed(10)))"
    }

    /// An alias that something else moved before, such as `production had been moved from v2 to v1 by something else`.
    static func drift(_ drift: AliasDrift) -> String {
        let (alias, left, place) = (drift.alias, number(drift.left), number(drift.place))
        if drift.isUndone {
            // Nothing tells which of the two it was.
            if drift.left == nil { return "\(alias) had been set to \(place) again, or never removed" }
            let back =
                drift.place == nil ? "removed from \(left) again" : "moved back from \(left) to \(place)"
            return "\(alias) had been \(back), or never got there"
        }
        let change =
            drift.place == nil
            ? "removed from \(left)"
            : drift.left == nil ? "set to \(place)" : "moved from \(left) to \(place)"
        return "\(alias) had been \(change) by something else"
    }

    /// Aliases in a table, those that something else moved with a mark: what it did is told below the table.
    ///
    /// - Parameters:
    ///   - aliases: What each alias does, by its name.
    ///   - drift: What something else did to them, or to others of the prompt.
    /// - Returns: The texts, followed by those of the other aliases.
    static func marking(_ aliases: [(name: String, text: String)], _ drift: [AliasDrift]) -> [String] {
        let (moved, known) = (Set(drift.map(\.alias)), Set(aliases.map(\.name)))
        let others = drift.filter { !known.contains($0.alias) }.map { drift in
            (
                name: drift.alias,
                text: "\(drift.alias) \(drift.place == nil ? "removed" : number(drift.place))"
            )
        }
        return (aliases + others).map { $0.text + (moved.contains($0.name) ? " (drifted)" : "") }
    }

    /// What would become of an alias, such as `production v1 → v2`.
    static func planned(_ alias: AliasReport) -> String {
        "\(alias.alias) \(place(alias.action, from: alias.previousVersion, to: alias.targetVersion))"
    }

    /// What became of an alias, such as `production v1 → v2` or `staging held at v1`.
    static func outcome(_ alias: AliasReport) -> String {
        switch alias.status {
        case .ok:
            "\(alias.alias) \(place(alias.action, from: alias.previousVersion, to: alias.version))"
                + (alias.setByAnotherRun == true ? " by a run at the same time" : "")
        case .held: "\(alias.alias) held" + (alias.previousVersion.map { " at v\($0)" } ?? "")
        case .failed: "\(alias.alias) failed"
        case .restored:
            alias.alias + (alias.previousVersion.map { " restored to v\($0)" } ?? " removed again")
        }
    }
}

extension [String] {
    /// The texts on a line, safe for a terminal.
    var escapedList: String { map(\.escapedForTerminal).joined(separator: ", ") }
}
