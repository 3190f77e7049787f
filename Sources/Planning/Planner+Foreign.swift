import Jobs
package import Prompts
import Support

// Versions that something else made: in MLflow's page or editor, by its optimizer, or by a notebook.
extension Planner {
    /// Whether a run may replace what something else made, so that who made which version has to be found out.
    func mayReplaceForeign(
        _ observed: ObservedPrompt, _ desired: DesiredPrompt, of state: DesiredState
    ) -> Bool {
        guard let newest = observed.newest else { return false }
        let differs = !desired.content.differences(from: newest.content).isEmpty
        let movesAlias = desired.aliases.contains { alias in
            observed.aliases[alias].map { $0 != newest.number } ?? false
        }
        guard differs || movesAlias else { return false }
        return state.isForeign(newest, of: desired) ? differs : movesAlias
    }

    /// Finds the versions that something else made and that the run would replace. Where the job's own is the newest,
    /// and aliases point to it, nothing has to be read for that.
    func addForeign(
        to prompts: inout [PlannedPrompt], _ observed: [String: ObservedPrompt], of state: DesiredState,
        in registry: any PromptRegistry
    ) async throws(RegistryError) {
        let positions = Dictionary(
            state.prompts.indices.lazy.filter { observed[state.prompts[$0].fullName] != nil }
                .map { (state.prompts[$0].fullName, $0) }
        ) { first, _ in first }
        let suspects = prompts.indices.compactMap { index -> (prompt: Int, desired: Int)? in
            let name = prompts[index].prompt.name
            guard prompts[index].problem == nil, let position = positions[name],
                let observed = observed[name],
                mayReplaceForeign(observed, state.prompts[position], of: state)
            else { return nil }
            return (index, position)
        }
        guard !suspects.isEmpty else { return }
        let before = prompts
        let found = try await concurrentMap(suspects, limit: 8) {
            (suspect) async throws(RegistryError) -> [ForeignVersion] in
            let planned = before[suspect.prompt]
            guard let prompt = observed[planned.prompt.name] else { return [] }
            do throws(RegistryError) {
                return try await foreign(
                    planned, prompt, state.prompts[suspect.desired], of: state, in: registry)
            } catch {
                throw error.about(planned.prompt.name)
            }
        }
        for (suspect, versions) in zip(suspects, found) {
            let newest = observed[prompts[suspect.prompt].prompt.name]?.newest?.number
            prompts[suspect.prompt].replaces(versions, newest: newest, for: state.job)
        }
    }

    /// The versions of one prompt that something else made and that the run would replace, the newest first.
    private func foreign(
        _ planned: PlannedPrompt, _ observed: ObservedPrompt, _ desired: DesiredPrompt,
        of state: DesiredState, in registry: any PromptRegistry
    ) async throws(RegistryError) -> [ForeignVersion] {
        guard let newest = observed.newest else { return [] }
        let name = planned.prompt.name
        let moved = Dictionary(
            grouping: planned.aliases.filter { $0.action == .move }, by: \.previousVersion)
        let numbers = moved.keys.compactMap(\.self).filter { $0 != newest.number }
        let isForeign = state.isForeign(newest, of: desired)
        var versions = [newest]
        if !isForeign {
            for number in numbers {
                let version = try await readable { () async throws(RegistryError) in
                    try await registry.version(number, of: name)
                }
                versions += version.map { [$0] } ?? []
            }
        }
        // The number of the last own version is known to nobody, and neither is whose tags were copied.
        if isForeign || versions.dropFirst().contains(where: \.mayBeCopied) {
            let all = try await readable { () async throws(RegistryError) in
                try await registry.versions(of: name)
            }
            versions = all.map { KnownVersions($0, aliases: observed.aliases).all } ?? versions
        }
        return replaced(
            among: versions, newest, desired, aliases: moved.mapValues { $0.map(\.alias) }, of: state)
    }

    /// The versions of one prompt that something else made and that another content would replace, the newest first.
    ///
    /// - Parameters:
    ///   - versions: Those that are known.
    ///   - newest: The newest one.
    ///   - desired: The prompt, by the name that it has there.
    ///   - aliases: The aliases that would move, by the versions that they point to.
    ///   - state: The job.
    /// - Returns: The versions.
    func replaced(
        among versions: [PromptVersion], _ newest: PromptVersion, _ desired: DesiredPrompt,
        aliases: [Int?: [String]], of state: DesiredState
    ) -> [ForeignVersion] {
        let isForeign = state.isForeign(newest, of: desired)
        let versions = versions.filter {
            isForeign || $0.number == newest.number || aliases[$0.number] != nil
        }
        let replaced = versions.filter { version in
            let isReplaced = version.number == newest.number ? isForeign : aliases[version.number] != nil
            return isReplaced && state.isForeign(version, of: desired)
                && !desired.content.differences(from: version.content).isEmpty
        }
        let own = versions.filter { !state.isForeign($0, of: desired) }.sorted { $0.number > $1.number }
        return replaced.sorted { $0.number > $1.number }.map { version in
            let previous = own.first { $0.number < version.number } ?? own.first
            var foreign = ForeignVersion(
                version, by: version.maker(of: desired.fullName, for: state.job), after: previous,
                aliases: aliases[version.number, default: []],
                wish: request.overwritesForeign ? .overwrite : state.onForeign)
            guard foreign.isEdited else { return foreign }
            let candidates = [desired.content, previous?.content].compactMap(\.self)
            let before = version.contentBeforeEdit(of: desired.fullName, for: state.job, among: candidates)
            foreign.edits = before.map { version.content.settingChanges(from: $0) }
            return foreign
        }
    }

    /// What could be read; nil where it is damaged or gone, which is no reason to refuse a run.
    private func readable<Value>(
        _ read: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value? {
        do throws(RegistryError) {
            return try await read()
        } catch {
            guard error.code == .corrupt || error.code == .notFound else { throw error }
            return nil
        }
    }

    // MARK: Taking over

    /// Makes an existing prompt this job's, so that the job that named it before does not prune it. That of another job
    /// has to be adopted, and so has one that no job registered and that stays as it is.
    func takeOver(
        _ planned: inout PlannedPrompt, _ observed: ObservedPrompt, for state: DesiredState, adopts: Bool
    ) {
        let owner = observed.owner
        guard owner != state.job else { return }
        if let owner {
            let changes = planned.action != .unchanged || planned.aliases.contains { $0.action != .unchanged }
            guard state.provenance || changes else { return }
            planned.previousJob = owner
            if !adopts { planned.problem = Self.belongs(to: owner, not: state.job) }
        }
        guard state.provenance else { return }
        // What no job registered passes to the one that registers it next, or that adopts it as it is.
        if owner == nil, !planned.action.makesVersion, !adopts { return }
        if owner != nil || !planned.action.makesVersion {
            planned.differences.append(.job)
            if planned.action == .unchanged { planned.action = .retag }
        }
        planned.changes.promptTags[ProvenanceTag.job] = state.job
    }

    /// Why a job does not get a prompt that another one registered.
    package static func belongs(to owner: String, not job: String) -> RegistryError {
        .belongs(
            to: owner, not: "'\(job)'",
            hint: "--adopt, or adopt: true in the job or the prompt, makes it this job's")
    }

    /// Notes that the job has in its files what something else registered, so that a later run may replace it. That is
    /// no difference: it says nothing of the prompt.
    func accept(_ planned: inout PlannedPrompt, _ observed: ObservedPrompt, for state: DesiredState) {
        let owner = planned.changes.promptTags[ProvenanceTag.job] ?? observed.tags[ProvenanceTag.job]
        guard state.provenance, owner == state.job, !planned.action.makesVersion,
            let newest = observed.newest, newest.maker(of: planned.prompt.name, for: state.job).isForeign
        else { return }
        let key = VersionKey(
            newest.content.normalized, of: planned.prompt.name, job: nil, base: newest.number)
        planned.changes.version = newest.number
        planned.changes.versionTags[ProvenanceTag.accepted] = key.text
    }
}

extension RegistryError {
    /// Another job registered a prompt.
    static func belongs(to owner: String, not taker: String, hint: String) -> RegistryError {
        RegistryError(
            .otherJob, "the job '\(owner)' registered this prompt, so that \(taker) does not take it over",
            hint: hint)
    }
}

extension PlannedPrompt {
    /// Notes the versions that something else made and that a run of a job would replace.
    mutating func replaces(_ versions: [ForeignVersion], newest: Int?, for job: String) {
        foreign = versions
        problem = versions.first { $0.answer == .refuse }?.refusal(of: job, newest: newest)
    }
}

extension DesiredState {
    /// Whether no job has what a version holds in its files, and neither has this one since a pull.
    fileprivate func isForeign(_ version: PromptVersion, of prompt: DesiredPrompt) -> Bool {
        version.maker(of: prompt.fullName, for: job).isForeign && !hasPulled(version, of: prompt)
    }
}
