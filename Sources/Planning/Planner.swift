package import Jobs
package import Prompts
import Support

/// Compares what a job wants with what the registry has. It never writes.
package struct Planner: Sendable {
    private let request: RunRequest

    /// A planner.
    ///
    /// - Parameter request: What the run was asked for.
    package init(_ request: RunRequest = RunRequest()) { self.request = request }

    /// The plan that turns the one into the other.
    ///
    /// - Parameters:
    ///   - desired: What the job wants.
    ///   - observed: What the registry has, by full name.
    ///   - registry: Where the registry is, for people.
    /// - Returns: The plan.
    package func plan(
        _ desired: DesiredState, observed: [String: ObservedPrompt], registry: RegistryLocation
    ) -> Plan {
        var plan = emptyPlan(desired, registry: registry)
        plan.prompts = desired.prompts.map { self.plan($0, observed: observed[$0.fullName], of: desired) }
        return plan
    }

    /// Reads a registry and makes the plan, so many prompts at a time that what the registry has, and the plan does
    /// not need, is never all in memory.
    ///
    /// - Parameters:
    ///   - desired: What the job wants.
    ///   - registry: The registry, which is read only.
    /// - Returns: The plan.
    /// - Throws: `RegistryError` when it cannot be read, or when a name belongs to something else.
    package func plan(
        _ desired: DesiredState, in registry: any PromptRegistry
    ) async throws(RegistryError) -> Plan {
        var plan = emptyPlan(desired, registry: registry.location)
        plan.prompts.reserveCapacity(desired.prompts.count)
        for start in stride(from: 0, to: desired.prompts.count, by: registry.observedAtOnce) {
            let part = desired.prompts[start...].prefix(registry.observedAtOnce)
            let observed = try await registry.observe(part.map(\.fullName))
            plan.prompts += part.map { self.plan($0, observed: observed[$0.fullName], of: desired) }
        }
        return plan
    }

    private func emptyPlan(_ desired: DesiredState, registry: RegistryLocation) -> Plan {
        Plan(
            operation: .run, job: desired.job, target: desired.target, registry: registry,
            onError: desired.onError, provenance: desired.provenance, prompts: [])
    }

    private func plan(
        _ desired: DesiredPrompt, observed: ObservedPrompt?, of state: DesiredState
    ) -> PlannedPrompt {
        var versionTags = desired.tags
        if state.provenance, !desired.tags.isEmpty {
            versionTags[ProvenanceTag.managedTags] = desired.tags.keys.sorted().joined(separator: ",")
        }
        var promptTags = desired.tags
        if state.provenance { promptTags[ProvenanceTag.job] = state.job }
        if !desired.experiments.isEmpty {
            promptTags[ReservedTag.experimentIDs] = experimentTag(desired.experiments, existing: nil)
        }
        let newest = observed?.newest
        var planned = PlannedPrompt(
            name: desired.name,
            prompt: PromptDraft(name: desired.fullName, description: desired.description, tags: promptTags),
            version: VersionDraft(content: desired.content, description: request.message, tags: versionTags),
            action: .create, differences: [], exists: observed != nil, previousVersion: newest?.number,
            previousContent: nil, changes: MetadataChanges(), aliases: [],
            source: TemplateSource(desired, specPath: state.specPath))
        if let observed {
            decide(&planned, desired, observed)
            if state.provenance { takeOver(&planned, from: observed.tags[ProvenanceTag.job], by: state.job) }
            planned.aliasLog = observed.tags[AliasLog.tag]
        }
        planned.aliases = desired.aliases.map { alias in
            plan(alias, observed: observed, makesVersion: planned.action.makesVersion)
        }
        return planned
    }

    /// Lets a prompt belong to the job that names it now: the one that did before must not prune it. Like all
    /// provenance that is no difference, so that a prompt may have nothing else to be done.
    private func takeOver(_ planned: inout PlannedPrompt, from other: String?, by job: String) {
        guard other != job, other != nil || planned.action.makesVersion else { return }
        planned.changes.promptTags[ProvenanceTag.job] = job
    }

    /// Fills in what happens to a prompt that the registry knows.
    private func decide(
        _ planned: inout PlannedPrompt, _ desired: DesiredPrompt, _ observed: ObservedPrompt
    ) {
        var differences: [Difference] = []
        if let newest = observed.newest {
            differences = planned.version.content.differences(from: newest.content)
            if differences.isEmpty, request.force { differences = [.forced] }
            planned.action = differences.isEmpty ? .unchanged : .update
        }
        if !differences.isEmpty, let newest = observed.newest {
            planned.previousContent = newest.content
            planned.previousContentVersion = newest.number
            planned.source.previousVariables = newest.content.variables
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

    /// What has to change in place; the version's tags only when no new version brings them.
    ///
    /// Tags that this job never set are somebody else's and stay. Those that it set once and names no more go.
    private func metadataChanges(
        _ planned: PlannedPrompt, _ desired: DesiredPrompt, _ observed: ObservedPrompt,
        inPlace newest: PromptVersion?
    ) -> MetadataChanges {
        var changes = MetadataChanges()
        if let description = desired.description, !description.isIdentical(to: observed.description ?? "") {
            changes.description = description
        }
        let managed = observed.newest?.tags[ProvenanceTag.managedTags]?.split(separator: ",").map(String.init)
        let dropped = (managed ?? []).filter { desired.tags[$0] == nil }
        for (key, value) in desired.tags where observed.tags[key]?.isIdentical(to: value) != true {
            changes.promptTags[key] = value
        }
        for key in dropped where observed.tags[key] != nil {
            changes.promptTags.updateValue(nil, forKey: key)
        }
        if !desired.experiments.isEmpty {
            let existing = observed.tags[ReservedTag.experimentIDs]
            let tag = experimentTag(desired.experiments, existing: existing)
            if tag != existing { changes.promptTags[ReservedTag.experimentIDs] = tag }
        }
        guard let newest else { return changes }
        for (key, value) in desired.tags where newest.tags[key]?.isIdentical(to: value) != true {
            changes.versionTags[key] = value
        }
        for key in dropped where newest.tags[key] != nil { changes.versionTags.updateValue(nil, forKey: key) }
        if !changes.versionTags.isEmpty {
            let list = planned.version.tags[ProvenanceTag.managedTags]
            if list != newest.tags[ProvenanceTag.managedTags], list != nil || managed != nil {
                changes.versionTags.updateValue(list, forKey: ProvenanceTag.managedTags)
            }
            changes.version = newest.number
        }
        return changes
    }

    private func plan(_ alias: String, observed: ObservedPrompt?, makesVersion: Bool) -> PlannedAlias {
        guard let current = observed?.aliases[alias] else {
            return PlannedAlias(alias: alias, action: .set, previousVersion: nil)
        }
        let stays = !makesVersion && current == observed?.newest?.number
        return PlannedAlias(alias: alias, action: stays ? .unchanged : .move, previousVersion: current)
    }

    /// The experiments' tag: those that show the prompt already, then those that the job adds.
    private func experimentTag(_ wanted: [String], existing: String?) -> String {
        let old = (existing ?? "").split(separator: ",").map(String.init)
        let added = wanted.filter { !old.contains($0) }
        guard !added.isEmpty || existing == nil else { return existing ?? "" }
        return "," + (old + added).joined(separator: ",") + ","
    }
}

extension PromptAction {
    /// Whether it makes a version.
    package var makesVersion: Bool { self == .create || self == .update }
}
