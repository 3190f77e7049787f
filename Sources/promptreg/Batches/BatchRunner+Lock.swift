import Execution
import Jobs
import Planning
import Prompts
import Support

extension BatchRunner {
    /// The text of the lock file, if one is to be written.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - outcome: What was done; nil where the plan is only shown, and the versions are those that it expects.
    ///   - session: Where the registry is.
    /// - Returns: The text, or why the versions cannot be read; nil where no lock file is wanted.
    func lockText(
        _ plan: Plan, _ outcome: RunOutcome?, _ session: Session
    ) async -> Result<String, RegistryError>? {
        guard let path = options.lockFile, let job = session.batch.job?.desired else { return nil }
        let names = Set(job.prompts.map(\.fullName))
        var prompts: [LockedPrompt] = []
        var registered: [PromptToLock] = []
        for (index, planned) in plan.prompts.enumerated() where names.contains(planned.prompt.name) {
            if outcome == nil, planned.action.makesVersion {
                prompts.append(expected(planned, job: job.job, plan, session.builder.provenance))
            } else {
                registered.append(
                    PromptToLock(
                        name: planned.name, fullName: planned.prompt.name,
                        version: outcome?.prompts[index].version ?? planned.previousVersion))
            }
        }
        let (made, read, registry) = (prompts, registered, session.registry)
        return await session.interruption.cancelling {
            await Result<String, RegistryError>(of: { () async throws(RegistryError) in
                let lock = PromptLock(
                    job: job.job, target: job.target, registry: registry.location,
                    prompts: made + (try await registry.lock(read)))
                return LockFile.text(lock, at: path, session.batch.address)
            })
        }
    }

    /// A prompt at the version that a run is expected to make.
    private func expected(
        _ planned: PlannedPrompt, job: String, _ plan: Plan, _ provenance: Provenance
    ) -> LockedPrompt {
        let tags = plan.provenance ? provenance.tags(of: planned.source, job: job) : [:]
        return LockedPrompt(
            name: planned.name, fullName: planned.prompt.name, number: planned.expectedVersion ?? 1,
            content: planned.version.content, commit: tags[ProvenanceTag.commit],
            isDirty: tags[ProvenanceTag.dirty] == "true")
    }

    /// Writes the lock file, if one is wanted.
    ///
    /// - Parameter lock: Its text; nil where not every version is there.
    /// - Throws: `CommandFailure`.
    func write(lock: Result<String, RegistryError>?) throws(CommandFailure) {
        guard let path = options.lockFile else { return }
        guard let lock else {
            return context.console.note("'\(path)' is not written, as not everything was registered")
        }
        let text: String
        do throws(RegistryError) {
            text = try lock.get()
        } catch {
            throw CommandFailure(error)
        }
        try context.console.write(text, to: path, replacing: options.replacesFiles ? .anything : .lock)
        context.console.note("wrote the lock file \(path)")
    }
}
