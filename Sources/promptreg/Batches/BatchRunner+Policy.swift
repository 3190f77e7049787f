import Execution
import Jobs
import Planning
import Prompts

// Who may write where, as a job says.
extension BatchRunner {
    /// What the job's policy demands in vain.
    func violations(
        _ batch: PreparedBatch, _ git: GitRepository, _ provenance: Provenance
    ) async -> [String] {
        let operation = batch.batch.operation
        guard let job = batch.anyJob ?? batch.ruler,
            job.policies.contains(where: { $0.target != nil || $0.policy.demandsAnything(of: operation) })
        else { return [] }
        var isDirty = provenance.isDirty
        if isDirty == false, let folder = job.searchedFolder,
            job.policies.contains(where: \.policy.needsCleanFiles)
        {
            isDirty = await git.lacksPrompt(in: folder)
        }
        let namesRemote = CISystem.here(context.environment)?.remoteBranch != nil
        let origin = RunOrigin(
            environment: context.environment,
            checkedOut: await git.branch(in: job.specFolder) ?? provenance.branch,
            remotes: namesRemote ? await git.remotes(in: job.specFolder) : [], isDirty: isDirty)
        return job.violations(operation, from: origin)
    }

    /// A job with its templates, whose files count, too: where only prompts are named, they were not read.
    func whole(_ job: DesiredState) -> DesiredState {
        guard job.prompts.contains(where: \.template.text.isEmpty) else { return job }
        let inputs = JobInputs(
            target: job.target, variables: job.variables, environment: context.environment)
        return LoadedJob(path: job.specPath, inputs: inputs).state ?? job
    }

    /// Refuses to go on where there were warnings, and none are allowed.
    func checkWarnings(_ plan: Plan, _ work: BatchWork) throws(RegistryError) {
        guard work.isStrict, !plan.isRefused, context.console.hasWarned else { return }
        throw RegistryError(.warnings, CommandFailure.warnings)
    }

    /// Refuses to write against the job's policy.
    ///
    /// - Parameters:
    ///   - violations: What it demands in vain.
    ///   - mode: What is not carried out is only warned of.
    /// - Returns: Why it does not count; nil where it is not violated, or nothing is written.
    /// - Throws: `RegistryError`.
    func heed(_ violations: [String], _ mode: RunReport.Mode) throws(RegistryError) -> String? {
        guard !violations.isEmpty else { return nil }
        let demands = violations.joined(separator: "; ")
        guard mode == .run else {
            let isOverridden = options.policyOverride != nil
            context.console.warning(
                "the job's policy would \(isOverridden ? "be overridden" : "refuse to write"): \(demands)",
                isFault: false)
            return nil
        }
        guard let reason = options.policyOverride else {
            throw RegistryError(
                .refusedByPolicy, "the job's policy refuses to write: \(demands)",
                hint: "--override-policy REASON writes all the same, and records why")
        }
        context.console.warning("the job's policy is overridden: \(demands)", isFault: false)
        return reason
    }
}
