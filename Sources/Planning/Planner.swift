package import Jobs
package import Prompts
import Support

/// Plans a run: compares what a job wants with what the registry has.
package struct Planner: Sendable {
    let request: RunRequest

    /// A planner.
    ///
    /// - Parameter request: What the run was asked for.
    package init(_ request: RunRequest = RunRequest()) { self.request = request }

    /// Plans from what was observed.
    ///
    /// - Parameters:
    ///   - desired: What the job wants.
    ///   - observed: What the registry has, by full name.
    ///   - registry: Where the registry is.
    /// - Returns: The plan.
    package func plan(
        _ desired: DesiredState, observed: [String: ObservedPrompt], registry: RegistryLocation
    ) -> Plan {
        var plan = emptyPlan(desired, registry: registry)
        plan.prompts = desired.prompts.map { self.plan($0, observed: observed[$0.fullName], of: desired) }
        return plan
    }

    /// Reads a registry and plans, a bounded number of prompts at a time.
    ///
    /// - Parameters:
    ///   - desired: What the job wants.
    ///   - registry: The registry; only read.
    /// - Returns: The plan.
    /// - Throws: `RegistryError` when it cannot be read, or when a name belongs to something else.
    package func plan(
        _ desired: DesiredState, in registry: any PromptRegistry
    ) async throws(RegistryError) -> Plan {
        var plan = emptyPlan(desired, registry: registry.location)
        plan.prompts.reserveCapacity(desired.prompts.count)
        for start in stride(from: 0, to: desired.prompts.count, by: registry.observedAtOnce) {
            let part = desired.prompts[start...].prefix(registry.observedAtOnce)
            var observed = try await registry.observe(part.map(\.fullName))
            let suspects = part.filter { observed[$0.fullName]?.needsAllVersions == true }
            let found = try await concurrentMap(Array(suspects), limit: 8) {
                [observed] (desired) async throws(RegistryError) in
                guard let prompt = observed[desired.fullName] else { return nil as (ObservedPrompt, [Int])? }
                return try await registry.withoutRepetitions(prompt)
            }.compactMap(\.self)
            for (prompt, _) in found { observed[prompt.name] = prompt }
            let repetitions = Dictionary(found.map { ($0.0.name, $0.1) }) { first, _ in first }
            var prompts = part.map { prompt in
                var planned = self.plan(prompt, observed: observed[prompt.fullName], of: desired)
                planned.add(repetitions: repetitions[prompt.fullName] ?? [])
                return planned
            }
            try await addForeign(to: &prompts, observed, of: desired, in: registry)
            try await addMoved(to: &prompts, observed, of: desired, in: registry)
            plan.prompts += prompts
        }
        return plan
    }

    private func emptyPlan(_ desired: DesiredState, registry: RegistryLocation) -> Plan {
        var plan = Plan(
            operation: .run, job: desired.job, target: desired.target, registry: registry,
            onError: desired.onError, provenance: desired.provenance, prompts: [])
        plan.onForeign = request.overwritesForeign ? .overwrite : desired.onForeign
        return plan
    }

    /// Plans one prompt of a job.
    func plan(
        _ desired: DesiredPrompt, observed: ObservedPrompt?, of state: DesiredState
    ) -> PlannedPrompt {
        var versionTags = desired.tags
        if state.provenance, !desired.tags.isEmpty {
            versionTags[ProvenanceTag.managedTags] = desired.tags.keys.sorted().joined(separator: ",")
        }
        var promptTags = desired.tags
        if state.provenance { promptTags[ProvenanceTag.job] = state.job }
        if !desired.experiments.isEmpty {
            promptTags[ReservedTag.experimentIDs] = ExperimentTag.adding(desired.experiments, to: nil)
        }
        var planned = PlannedPrompt(
            name: desired.name,
            prompt: PromptDraft(name: desired.fullName, description: desired.description, tags: promptTags),
            version: VersionDraft(content: desired.content, description: request.message, tags: versionTags),
            action: .create, differences: [], exists: observed != nil,
            previousVersion: observed?.newest?.number, previousContent: nil, changes: MetadataChanges(),
            aliases: [], source: TemplateSource(desired, specPath: state.specPath))
        planned.adopts = request.adopts || desired.isAdopted ? true : nil
        let log = AliasLog(continuing: observed?.tags[AliasLog.tag])
        if let observed {
            planned.drift = log.drift(of: observed.aliases)
            compare(&planned, desired, observed)
        }
        planned.aliases = desired.aliases.map { alias in
            plan(alias, observed: observed, makesVersion: planned.action.makesVersion)
        }
        if let observed {
            takeOver(&planned, observed, for: state, adopts: planned.adopts == true)
            accept(&planned, observed, for: state)
            planned.changes.notePrevious(observed)
        }
        planned.noteLastMoves(of: observed)
        planned.noteFirstMoves(to: observed?.newest)
        planned.acceptDrift()
        // Whoever pulled has seen where it is.
        let accepted = planned.aliases.compactMap(\.acceptedDrift)
        planned.drift.removeAll { drift in
            guard let place = drift.place, accepted.contains(drift) else { return false }
            return state.pulled.holds(place, of: desired.fullName, target: state.target)
        }
        return planned
    }

    /// Fills in what happens to an existing prompt.
    private func compare(
        _ planned: inout PlannedPrompt, _ desired: DesiredPrompt, _ observed: ObservedPrompt
    ) {
        var differences: [Difference] = []
        if let newest = observed.newest {
            differences = planned.version.content.differences(from: newest.content)
            if differences.isEmpty, request.force { differences = [.forced] }
            planned.action = differences.isEmpty ? .unchanged : .update
            if !differences.isEmpty {
                planned.previousContent = newest.content
                planned.previousContentVersion = newest.number
                planned.source.previousVariables = newest.content.variables
                planned.source.noteChangedParts(since: newest)
            }
        }
        let changes = metadataChanges(
            planned, desired, observed, inPlace: planned.action == .unchanged ? observed.newest : nil)
        planned.changes = changes
        if desired.description != nil, changes.description != nil { differences.append(.description) }
        if changes.promptTags.keys.contains(where: { $0 != ReservedTag.experimentIDs })
            || !changes.versionTags.isEmpty
        {
            differences.append(.tags)
        }
        if changes.promptTags[ReservedTag.experimentIDs] != nil { differences.append(.experiments) }
        if planned.action == .unchanged, !changes.isEmpty { planned.action = .retag }
        planned.differences = differences
    }

    /// What changes in place; the version's tags only when there is no new version to have them.
    ///
    /// Tags that the job set once and no longer names are removed. Tags that it never set belong to others and stay.
    private func metadataChanges(
        _ planned: PlannedPrompt, _ desired: DesiredPrompt, _ observed: ObservedPrompt,
        inPlace newest: PromptVersion?
    ) -> MetadataChanges {
        let managed = observed.newest?.tags[ProvenanceTag.managedTags]?.split(separator: ",").map(String.init)
        let dropped = (managed ?? []).filter { desired.tags[$0] == nil }
        /// What turns tags into the desired ones.
        func changes(of tags: [String: String]) -> [String: String?] {
            var changes: [String: String?] = [:]
            for (key, value) in desired.tags where tags[key]?.isIdentical(to: value) != true {
                changes[key] = value
            }
            for key in dropped where tags[key] != nil { changes.updateValue(nil, forKey: key) }
            return changes
        }
        var result = MetadataChanges(promptTags: changes(of: observed.tags))
        if let description = desired.description, !description.isIdentical(to: observed.description ?? "") {
            result.description = description
        }
        if !desired.experiments.isEmpty {
            let existing = observed.tags[ReservedTag.experimentIDs]
            let tag = ExperimentTag.adding(desired.experiments, to: existing)
            if tag != existing { result.promptTags[ReservedTag.experimentIDs] = tag }
        }
        guard let newest else { return result }
        result.versionTags = changes(of: newest.tags)
        if !result.versionTags.isEmpty {
            let list = planned.version.tags[ProvenanceTag.managedTags]
            if list != newest.tags[ProvenanceTag.managedTags], list != nil || managed != nil {
                result.versionTags.updateValue(list, forKey: ProvenanceTag.managedTags)
            }
            result.version = newest.number
        }
        return result
    }

    private func plan(_ alias: String, observed: ObservedPrompt?, makesVersion: Bool) -> PlannedAlias {
        guard let current = observed?.aliases[alias] else {
            return PlannedAlias(alias: alias, action: .set, previousVersion: nil)
        }
        let stays = !makesVersion && current == observed?.newest?.number
        return PlannedAlias(alias: alias, action: stays ? .unchanged : .move, previousVersion: current)
    }
}
