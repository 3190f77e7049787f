import FoundationEssentials
package import Planning
package import Prompts
import Support

/// Makes the report of a run from the outcomes of its prompts.
package struct ReportBuilder: Sendable {
    /// What git knows about the job's files; it is asked after the run started.
    package var provenance = Provenance.none
    /// Why the run is made against the job's policy; nil where that allows it.
    package var policyOverride: String?
    /// The registry, once it is open, for the pages of prompts and the number of requests.
    package var registry: (any PromptRegistry)?
    private let toolVersion: String
    private let otherRequests: @Sendable () -> Int
    private let startedAt = Date()
    private let start = ContinuousClock.now

    /// A builder for a run that starts now.
    ///
    /// - Parameters:
    ///   - toolVersion: The version of this program.
    ///   - otherRequests: How many requests were sent to other registries.
    package init(toolVersion: String, otherRequests: @escaping @Sendable () -> Int = { 0 }) {
        self.toolVersion = toolVersion
        self.otherRequests = otherRequests
    }

    /// The report of a plan that is not carried out.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - mode: Whether it was a plan or a dry run.
    /// - Returns: The report: prompts without changes are ok, the others were not run.
    package func report(of plan: Plan, mode: RunReport.Mode) -> RunReport {
        // Asked once: it looks at every prompt.
        let isRefused = plan.isRefused
        let outcomes = plan.prompts.lazy.map { planned in
            var outcome = PromptOutcome(refusing: planned)
            if planned.action == .unchanged, !isRefused { outcome.status = .ok }
            return outcome
        }
        return report(of: plan, outcomes, mode: mode, RunVerdict(plan))
    }

    /// The report of a run.
    ///
    /// - Parameters:
    ///   - plan: What was to be done.
    ///   - outcome: What was done.
    ///   - verdict: How it ended.
    /// - Returns: The report.
    package func report(of plan: Plan, _ outcome: RunOutcome, _ verdict: RunVerdict) -> RunReport {
        report(of: plan, outcome.prompts, error: outcome.error, mode: .run, verdict)
    }

    /// The report of a run that ended before there was a plan.
    ///
    /// - Parameters:
    ///   - batch: What was to be done.
    ///   - location: Where the registry is.
    ///   - isElsewhere: Whether that is another registry than the target's.
    ///   - error: Why there is no plan.
    ///   - mode: What kind of run it was.
    ///   - verdict: How it ended.
    /// - Returns: The report. The prompt that the error is about failed; the others were not run, and have no action
    ///   as nothing was planned.
    package func report(
        notBegun batch: Batch, registry location: RegistryLocation, isElsewhere: Bool = false,
        error: RegistryError, mode: RunReport.Mode,
        _ verdict: RunVerdict
    ) -> RunReport {
        var plan = Plan(
            operation: batch.operation, job: batch.job, target: batch.target, registry: location,
            onError: batch.onError, prompts: [])
        plan.isElsewhere = isElsewhere
        var report = report(of: plan, [], error: error, mode: mode, verdict)
        report.prompts = batch.prompts.map { self.report(ofUnplanned: $0, error: error) }
        report.summary.total = report.prompts.count
        report.summary.failed = report.prompts.count { $0.status == .failed }
        report.summary.notRun = report.summary.total - report.summary.failed
        if report.summary.failed > 0 { report.error = nil }
        return report
    }

    /// The report of a run whose job or command line is wrong.
    ///
    /// - Parameters:
    ///   - specPath: The spec's path; nil without a job.
    ///   - job: The job's name; nil takes the file's.
    ///   - operation: What was to be done.
    ///   - mode: What kind of run it was.
    ///   - error: What is wrong.
    /// - Returns: The report, without prompts.
    package func report(
        ofInvalid specPath: String?, job: String?, operation: Operation, mode: RunReport.Mode,
        error: RegistryError
    ) -> RunReport {
        let file = specPath?.split(separator: "/").last
        let name = file?.split(separator: ".").first.map(String.init) ?? specPath
        let plan = Plan(operation: operation, job: job ?? name, registry: RegistryLocation(""), prompts: [])
        return report(of: plan, [], error: error, mode: mode, .invalidInput)
    }

    private func report(
        of plan: Plan, _ outcomes: some Collection<PromptOutcome>, error: RegistryError? = nil,
        mode: RunReport.Mode,
        _ verdict: RunVerdict
    ) -> RunReport {
        RunReport(
            tool: RunReport.Tool(version: toolVersion), job: plan.job, target: plan.target,
            registry: plan.registry.address, registryOverridden: plan.isElsewhere ?? false,
            workspace: plan.registry.workspace, command: plan.operation,
            mode: mode, onError: plan.onError, status: verdict.status, refused: plan.isRefused,
            startedAt: startedAt.timestamp, finishedAt: Date().timestamp,
            elapsedMs: (ContinuousClock.now - start).milliseconds,
            requests: (registry?.requestCount ?? 0) + otherRequests(),
            git: git,
            policyOverride: policyOverride, gateOverride: plan.gateOverride, plan: plan.counts,
            summary: Self.summary(of: outcomes, mode: mode),
            prompts: outcomes.map(report(of:)), orphans: plan.orphans, error: error)
    }

    private var git: RunReport.Git? {
        provenance.commit.map { commit in
            RunReport.Git(
                commit: commit, dirty: provenance.isDirty, branch: provenance.branch,
                repository: provenance.repository,
                url: provenance.repository.map { Revision.page(of: commit, in: $0) })
        }
    }

    private func report(ofUnplanned subject: PromptSubject, error: RegistryError) -> PromptReport {
        let hasFailed = error.prompt == subject.fullName
        return PromptReport(
            name: subject.name, fullName: subject.fullName, status: hasFailed ? .failed : .notRun,
            differences: [], aliases: [], template: subject.source.map(template),
            specLine: subject.source?.specLine, error: hasFailed ? error : nil, elapsedMs: 0)
    }

    private func template(_ source: TemplateSource) -> PromptReport.Template {
        PromptReport.Template(
            path: source.path.map(provenance.path), characters: source.characters,
            variables: source.variables)
    }

    private func report(of outcome: PromptOutcome) -> PromptReport {
        let planned = outcome.planned
        return PromptReport(
            name: planned.name, fullName: planned.prompt.name,
            uri: outcome.version.map { "prompts:/\(planned.prompt.name)/\($0)" }, url: page(of: outcome),
            action: planned.action,
            status: outcome.status, version: outcome.version, previousVersion: planned.previousVersion,
            targetVersion: planned.expectedVersion, differences: planned.differences,
            aliases: planned.aliases.enumerated().map { position, alias in
                AliasReport(
                    alias: alias.alias, action: alias.action, status: outcome.aliases[position],
                    version: outcome.place(at: position),
                    previousVersion: alias.previousVersion,
                    targetVersion: planned.expectedVersion(of: alias),
                    setByAnotherRun: outcome.isSetByAnotherRun(at: position))
            },
            template: template(planned.source),
            specLine: planned.source.specLine, duplicatesRemoved: outcome.removedVersions,
            drift: planned.drift, previousJob: planned.previousJob,
            takenFromNobody: planned.isTakenFromNobody,
            foreign: planned.foreign.map(ForeignReport.init),
            madeByAnotherRun: outcome.isMadeByAnotherRun, gates: planned.gates, error: outcome.error,
            elapsedMs: outcome.elapsed.milliseconds)
    }

    /// The page that shows the newest version that there is.
    private func page(of outcome: PromptOutcome) -> String? {
        let planned = outcome.planned
        guard let version = outcome.version ?? planned.previousVersion else { return nil }
        let experiments = planned.prompt.tags[ReservedTag.experimentIDs]?.split(separator: ",")
        return registry?.page(
            of: planned.prompt.name, version: version, experiment: experiments?.first.map(String.init))
    }

    private static func summary(
        of outcomes: some Collection<PromptOutcome>, mode: RunReport.Mode
    ) -> RunReport.Summary {
        var summary = RunReport.Summary()
        summary.total = outcomes.count
        summary.duplicatesRemoved = outcomes.reduce(0) { $0 + $1.removedVersions.count }
        for outcome in outcomes {
            switch (outcome.status, outcome.planned.action) {
            case (.failed, _): summary.failed += 1
            case (.ok, _) where outcome.isMadeByAnotherRun: summary.unchanged += 1
            case (.notRun, _): summary.notRun += 1
            case (.ok, .create): summary.created += 1
            case (.ok, .update): summary.updated += 1
            case (.ok, .retag): summary.retagged += 1
            case (.ok, .unchanged): summary.unchanged += 1
            }
            for (position, alias) in outcome.planned.aliases.enumerated() where alias.action != .unchanged {
                let status = outcome.aliases[position]
                if outcome.isSetByAnotherRun(at: position) {
                    summary.aliasesSetByAnotherRun = (summary.aliasesSetByAnotherRun ?? 0) + 1
                    continue
                }
                if status == .ok, alias.action == .remove { summary.aliasesRemoved += 1 }
                if status == .ok, alias.action != .remove { summary.aliasesSet += 1 }
                if status == .held, mode == .run { summary.aliasesHeld += 1 }
            }
        }
        return summary
    }
}
