import Prompts
import Support

// Prompts that were not the job's until now.
extension Plan {
    /// That prompts become the job's, as a sentence without its full stop.
    ///
    /// - Parameters:
    ///   - prompts: The prompts.
    ///   - owner: The job that had them; nil for none.
    /// - Returns: The sentence.
    package func takeover(of prompts: [PlannedPrompt], from owner: String?) -> String {
        let before = owner.map { "job '\($0)'" } ?? "no job"
        let names = prompts.map(\.name).listed(10)
        return "registered by \(before) until now, and by '\(job ?? "")' from now on: \(names)"
    }

    /// The same of prompts that no job registered; nil where there are none.
    package var takenFromNobody: String? {
        let taken = operation == .run ? prompts.filter(\.isTakenFromNobody) : []
        return taken.isEmpty ? nil : takeover(of: taken, from: nil)
    }

    /// The aliases of such prompts that no job set either, and that the run moves, such as `a production (v2 → v3)`.
    package var aliasesOfNoJob: [String] {
        guard operation == .run else { return [] }
        return prompts.filter(\.isTakenFromNobody).flatMap { prompt in
            prompt.aliases.filter { $0.action == .move && $0.lastMove?.job == nil }.map { alias in
                let places = [alias.previousVersion, prompt.expectedVersion(of: alias)].compactMap(\.self)
                return "\(prompt.name) \(alias.alias) (\(places.map { "v\($0)" }.joined(separator: " → ")))"
            }
        }
    }
}

extension PlannedPrompt {
    /// Whether a run makes it the job's, while it was in the registry and no job's until now.
    package var isTakenFromNobody: Bool {
        exists && problem == nil && previousJob == nil && changes.promptTags[ProvenanceTag.job] ?? nil != nil
    }
}
