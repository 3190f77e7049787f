import Jobs
import Planning
import Prompts
import Support

// What other jobs and clients did to a prompt since the plan was made. A server has no lock that would keep them out.
extension Runner {
    /// Changes a prompt in place; the experiments that others linked it to since the plan was made stay linked.
    func update(_ name: String, _ changes: MetadataChanges) async throws(RegistryError) {
        let key = ReservedTag.experimentIDs
        var changes = changes
        let wanted = ExperimentTag.experiments(in: changes.promptTags.removeValue(forKey: key) ?? nil)
        var kept: [String] = []
        // What is set the job says again and again; what is removed is lost.
        if (Array(changes.promptTags.values) + changes.versionTags.values).contains(nil) {
            kept = try await registry.observe([name])[name].map { changes.keepOthers(of: $0) } ?? []
        }
        if !changes.isEmpty { try await registry.update(name, changes) }
        try await link(name, to: wanted)
        guard kept.isEmpty else {
            throw RegistryError(
                .conflict,
                "something else changed \(kept.count == 1 ? "the tag" : "tags") \(kept.map { "'\($0)'" }.listed(5)) since the plan was made",
                hint:
                    "the job no longer names what it would have removed, so that was left; remove it where it is not wanted"
            )
        }
    }

    /// Links a prompt to experiments, besides those that others have linked it to.
    private func link(_ name: String, to wanted: [String]) async throws(RegistryError) {
        let key = ReservedTag.experimentIDs
        var attempts = 0
        while !wanted.isEmpty {
            let present = try await registry.reread(name).tags[key]
            let linked = ExperimentTag.adding(wanted, to: present)
            if linked == present { return }
            do throws(RegistryError) {
                return try await registry.replaceTag(key, of: name, from: present, to: linked)
            } catch {
                attempts += 1
                guard error.code == .conflict, attempts < AliasMover.longestDispute else { throw error }
            }
        }
    }

    /// Makes sure that no job has registered a prompt that had none and is to become this job's.
    func checkTakeover(of planned: PlannedPrompt, _ plan: Plan) async throws(RegistryError) {
        guard planned.exists, planned.adopts != true, !registry.keepsRunsApart,
            planned.changes.promptTags[ProvenanceTag.job] != nil
        else { return }
        try await checkOwner(of: try await registry.reread(planned.prompt.name), planned, plan)
    }

    /// Makes sure that a prompt is no other job's by now, unless the plan may adopt it.
    ///
    /// - Parameters:
    ///   - current: The prompt as it is now.
    ///   - planned: The plan for it.
    ///   - plan: The whole plan.
    /// - Throws: `RegistryError`, with `.otherJob` as where the other job had been first.
    func checkOwner(
        of current: ObservedPrompt, _ planned: PlannedPrompt, _ plan: Plan
    ) async throws(RegistryError) {
        guard plan.operation == .run, let job = plan.job, planned.adopts != true else { return }
        var owner = current.tags[ProvenanceTag.job] ?? current.newest?.tags[ProvenanceTag.job]
        if owner == nil, current.newest == nil {
            // The prompt may be read without its versions, which tell it, too.
            owner = try await registry.versions(of: current.name).first?.tags[ProvenanceTag.job]
        }
        guard let owner, owner != job else { return }
        throw Planner.belongs(to: owner, not: job)
    }

    /// Fails where another job registered a version since the plan, or something else did that the job refuses to replace.
    /// Others are noted as the plan would have noted them.
    func checkOthers(
        above base: Int, _ outcome: inout PromptOutcome, _ plan: Plan
    ) async throws(RegistryError) {
        guard plan.operation == .run, let job = plan.job else { return }
        let planned = outcome.planned
        let name = planned.prompt.name
        let all = KnownVersions(try await registry.versions(of: name), aliases: [:]).all
        let versions = all.filter { $0.number > base }
        // What comes over from another name keeps the job that made it.
        let makers = versions.filter { $0.tags[ProvenanceTag.movedFrom] == nil }
            .compactMap { $0.tags[ProvenanceTag.job] }
        if planned.adopts != true, let other = makers.first(where: { $0 != job }) {
            throw Planner.belongs(to: other, not: job)
        }
        let foreign = versions.filter { $0.maker(of: name, for: job).isForeign }
        if plan.onForeign == .refuse, let newest = foreign.first {
            throw RegistryError(
                .foreignVersion, "v\(newest.number) was made elsewhere while this run was at work",
                hint:
                    "promptreg pull takes it into the job's files; --overwrite-foreign replaces it this once"
            )
        }
        guard let made = outcome.version ?? outcome.earlierVersions.last else { return }
        let replaced = foreign.filter { version in
            version.number < made && !planned.version.content.differences(from: version.content).isEmpty
        }
        outcome.planned.foreign.insert(
            contentsOf: replaced.map { version in
                let own = all.first { other in
                    other.number < version.number && !other.maker(of: name, for: job).isForeign
                }
                return ForeignVersion(
                    version, by: version.maker(of: name, for: job), after: own, aliases: [],
                    wish: plan.onForeign)
            }, at: 0)
    }
}

extension PlannedPrompt {
    /// What is not as the run set or found it.
    ///
    /// - Parameter current: The prompt after the run.
    /// - Returns: The error, with `.conflict`; nil where all is so.
    func problem(with current: ObservedPrompt) -> RegistryError? {
        if let setting = changes.missing(in: current) {
            return RegistryError(
                .conflict, "\(setting) of '\(prompt.name)' is not as this run set it",
                hint:
                    "something else changed it at the same time, or the server did not keep it; run it again"
            )
        }
        // The job that had the prompt before may have pruned it since the plan was made.
        guard previousJob != nil else { return nil }
        let lost = aliases.first { $0.action == .unchanged && current.aliases[$0.alias] == nil }
        return lost.map { AliasMover.movedElsewhere($0, to: nil) }
    }
}
