import Planning
import Prompts

// A prompt that a job prunes may be another job's since the plan was made. Its aliases are that job's by then, and stay.
extension AliasMover {
    /// Whether a prompt is no longer this job's. Where runs are kept apart, none can take it in between.
    private func isTaken(_ current: ObservedPrompt) -> Bool {
        plan.operation == .run && !registry.keepsRunsApart && current.tags[ProvenanceTag.job] != plan.job
    }

    /// Leaves the aliases of a prompt that was to lose them, if it is no longer this job's.
    func leaveIfTaken(_ current: ObservedPrompt, _ outcome: inout PromptOutcome) {
        for position in outcome.removals where isTaken(current) {
            guard let place = current.aliases[outcome.planned.aliases[position].alias] else { continue }
            outcome.leave(position, at: place, to: current)
        }
    }

    /// Points aliases that were just removed back, if another job took the prompt over at that moment.
    ///
    /// - Parameters:
    ///   - outcome: The prompt.
    ///   - current: What the registry has after the removal.
    /// - Throws: `RegistryError` when an alias cannot be pointed back.
    func giveBackIfTaken(
        _ outcome: inout PromptOutcome, _ current: ObservedPrompt
    ) async throws(RegistryError) {
        let removed = outcome.removals.filter {
            outcome.movedAliases.contains(outcome.planned.aliases[$0].alias)
        }
        guard isTaken(current), !removed.isEmpty else { return }
        for position in removed {
            let alias = outcome.planned.aliases[position]
            guard let place = current.aliases[alias.alias] ?? alias.previousVersion else { continue }
            if current.aliases[alias.alias] == nil {
                try await registry.moveAlias(alias.alias, of: current.name, from: nil, to: place)
            }
            outcome.movedAliases.remove(alias.alias)
            outcome.leave(position, at: place, to: current)
        }
        _ = await correctJournal(to: [], &outcome)
    }
}

extension PromptOutcome {
    /// The positions of the aliases that are to be removed.
    fileprivate var removals: [Int] {
        planned.aliases.indices.filter { planned.aliases[$0].action == .remove }
    }

    /// Notes that an alias stays where it is, as its prompt has another owner.
    fileprivate mutating func leave(_ position: Int, at place: Int, to owner: ObservedPrompt) {
        planned.aliases[position].action = .unchanged
        planned.aliases[position].previousVersion = place
        planned.aliases[position].goal = .version(place)
        aliases[position] = .ok
        leftTo = owner.tags[ProvenanceTag.job] ?? ""
    }
}
