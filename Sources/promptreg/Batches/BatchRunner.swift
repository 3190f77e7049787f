import Execution
import HTTP
import Jobs
import Planning
import Prompts
import Support

/// What is local to a batch: read and checked before any registry is asked.
struct PreparedBatch: Sendable {
    /// The prompts.
    let batch: Batch
    /// The job; nil where prompts are named without one.
    let job: PreparedJob?
    /// Where the registry is.
    let address: RegistryAddress
    /// Where the names of prompts were looked up; nil where a job or a report names them.
    var place: Place?
    /// The job whose policy counts though none of its prompts is named; nil where that of `anyJob` does.
    var ruler: DesiredState?

    /// The job in which the prompts are, or whose names they have.
    var anyJob: DesiredState? { job?.desired ?? place?.job }

    /// The job that has all prompts which are named without it; nil where none has.
    var jobOfNames: String? {
        guard let job = place?.job else { return nil }
        let names = Set(job.prompts.map(\.fullName))
        return batch.prompts.allSatisfy { names.contains($0.fullName) } ? job.job : nil
    }

    /// The prompts of a job.
    init(_ operation: Operation, _ job: PreparedJob) {
        batch = Batch(operation, of: job.desired)
        self.job = job
        address = job.address
    }

    /// Prompts that are named without a job.
    init(_ batch: Batch, at address: RegistryAddress, ruledBy ruler: DesiredState? = nil) {
        self.ruler = ruler
        self.batch = batch
        job = nil
        self.address = address
    }

    /// Prompts that are named on the command line.
    init(_ batch: Batch, at place: Place) {
        self.init(batch, at: place.address)
        self.place = place
    }
}

/// A batch of prompts to be changed: how it is prepared and planned.
struct BatchWork: Sendable {
    /// What is to be done.
    let operation: Operation
    /// The spec's path, for the report of a job that cannot be used; nil without a job.
    var specPath: String?
    /// Whether a warning is as bad as an error.
    var isStrict = false
    /// Reads and checks everything local.
    let prepare: @Sendable () throws(CommandFailure) -> PreparedBatch
    /// Asks the registry what there is, and plans; it writes nothing.
    let plan: @Sendable (PreparedBatch, any PromptRegistry) async throws(RegistryError) -> Plan
    /// How many requests were sent to other registries than the one that is changed.
    var otherRequests: @Sendable () -> Int = { 0 }
    /// Refuses a registry before it is locked, which may create it.
    var check: @Sendable (any PromptRegistry) throws(RegistryError) -> Void = { _ in }
}

/// Plans a batch, shows the plan or carries it out, and always ends with a report.
struct BatchRunner {
    let options: BatchOptions
    let remote: RegistryOptions
    let context: CommandContext
    /// Where the plan will be saved; checked before any work is done.
    var outFile: String?

    /// What the work goes on with once the registry is open.
    struct Session {
        let batch: PreparedBatch
        let registry: any PromptRegistry
        let deadline: RunDeadline
        let interruption: Interruption
        let builder: ReportBuilder
    }

    /// What came of the work.
    private struct Outcome<Value> {
        let report: RunReport
        let plan: Plan
        let value: Value
    }

    // MARK: Two ways to do it

    /// Carries the work out, or shows what it would do where a dry run is wanted.
    ///
    /// - Parameter work: What is to be done.
    /// - Returns: How the program ends.
    /// - Throws: `CommandFailure`, after the report was delivered.
    func run(_ work: BatchWork) async throws(CommandFailure) -> ExitCode {
        guard options.isDryRun else { return try await carryOut(work) }
        _ = try await preview(work, mode: .dryRun)
        return .done
    }

    /// Plans, shows the plan, and delivers its report; nothing is written to the registry.
    ///
    /// - Parameters:
    ///   - work: What is to be done.
    ///   - mode: Whether it is a plan or a dry run.
    /// - Returns: What was planned for, and the plan.
    /// - Throws: `CommandFailure`, after the report was delivered; also when the plan is refused.
    func preview(
        _ work: BatchWork, mode: RunReport.Mode
    ) async throws(CommandFailure) -> (batch: PreparedBatch, plan: Plan) {
        let (batch, plan, lock) = try await perform(work, mode: mode) { session async throws(RegistryError) in
            let plan = try await self.plan(work, session, isPreview: true)
            if work.operation == .run { await warnOfMissingExperiments(session.batch) }
            try checkWarnings(plan, work)
            let report = session.builder.report(of: plan, mode: mode)
            let lock = plan.isRefused ? nil : await lockText(plan, nil, session)
            return Outcome(report: report, plan: plan, value: (session.batch, plan, lock))
        }
        if plan.isRefused { throw CommandFailure(ExitCode(RunVerdict(plan))) }
        try write(lock: lock)
        return (batch, plan)
    }

    private func warnOfMissingExperiments(_ batch: PreparedBatch) async {
        guard let ids = batch.job?.desired.experiments, !ids.isEmpty,
            let reader = try? remote.traceReader(batch.address, context)
        else { return }
        for id in await reader.missing(of: ids) {
            context.console.warning("there is no experiment \(id), to which the job ties its prompts")
        }
    }

    private func carryOut(_ work: BatchWork) async throws(CommandFailure) -> ExitCode {
        let showsProgress = !options.hidesProgress && !context.console.isQuiet
        let progress = ProgressLine(isShown: showsProgress && context.console.isInteractive)
        let (code, made, lock) = try await perform(work, mode: .run) { session async throws(RegistryError) in
            let (registry, deadline) = (session.registry, session.deadline)
            let runner = Runner(
                registry: registry, concurrency: options.concurrency, failFast: options.failFast,
                provenance: session.builder.provenance,
                author: ProcessEnvironment.author(context.environment),
                policyOverride: session.builder.policyOverride, job: session.batch.jobOfNames,
                interruption: session.interruption
            ) { event in
                // Cleanup may exceed the deadline.
                if case .cleaningUp = event { deadline.extend(to: .seconds(60)) }
                // Whoever stops a run waits for that.
                if case .movingAliasesBack(let count) = event, count > 0, session.interruption.signal != nil {
                    context.console.note("moving \(count) \(count == 1 ? "alias" : "aliases") back")
                }
                progress.update(event)
            }
            try work.check(registry)
            let isNew = session.batch.address.isAbsentFolder
            let (plan, outcome) = try await run(runner, work, session, progress)
            let verdict = RunVerdict(plan, outcome, signal: session.interruption.signal)
            let report = session.builder.report(of: plan, outcome, verdict)
            let made = isNew && !session.batch.address.isAbsentFolder ? registry.location : nil
            let code = ExitCode(verdict)
            let lock = code == .done ? await lockText(plan, outcome, session) : nil
            return Outcome(report: report, plan: plan, value: (code, made, lock))
        }
        // Whoever expected it to be there already knows now that it was not.
        if let made {
            context.console.note("made a new registry: \(made)")
            if CISystem.here(context.environment) != nil {
                context.console.warning(
                    "that is a folder of a machine of the CI system, which is gone after the job, unless something keeps it: "
                        + "--target or MLFLOW_REGISTRY_URI names a registry on a server")
            }
        }
        try write(lock: lock)
        return code
    }

    /// Locks the registry, plans, and does what the plan says.
    private func run(
        _ runner: Runner, _ work: BatchWork, _ session: Session, _ progress: ProgressLine
    ) async throws(RegistryError) -> (plan: Plan, outcome: RunOutcome) {
        let (registry, console) = (session.registry, context.console)
        // Locking a registry makes it where there is none, which has to be for something.
        var early: Plan?
        if session.batch.address.isAbsentFolder {
            let plan = try await self.plan(work, session, isPreview: false)
            if plan.isRefused || !plan.hasChanges { return (plan, await runner.run(plan)) }
            early = plan
        }
        try await lock(session)
        let plan: Plan
        do throws(RegistryError) {
            if let early, try await registry.names(matching: PromptQuery()).isEmpty {
                plan = early
            } else {
                plan = try await self.plan(work, session, isPreview: false)
            }
        } catch {
            // Nothing was written, so unlocking can only fail for the reason that is thrown.
            _ = await Result<Void, RegistryError>(of: registry.endRun)
            throw error
        }
        progress.begin(total: plan.prompts.count { $0.action != .unchanged })
        var outcome = await runner.run(plan)
        progress.end()
        tellOfOthers(outcome, plan)
        if work.operation == .run, outcome.error == nil, session.interruption.signal == nil {
            await JobExperiments(session.batch.job?.desired)?.showPrompts(of: registry, console)
        }
        do throws(RegistryError) {
            try await registry.endRun()
        } catch {
            outcome.error = outcome.error ?? error
        }
        return (plan, outcome)
    }

    /// Plans; an interruption cancels it.
    private func plan(
        _ work: BatchWork, _ session: Session, isPreview: Bool
    ) async throws(RegistryError) -> Plan {
        let (batch, registry, console) = (session.batch, session.registry, context.console)
        let plan = try await session.interruption.cancelling {
            await Result<Plan, RegistryError>(of: { () async throws(RegistryError) in
                var plan = try await work.plan(batch, registry)
                if batch.anyJob?.isElsewhere == true { plan.isElsewhere = true }
                for warning in try await plan.review(in: registry, isPreview: isPreview) {
                    console.warning(warning, isUrgent: work.isStrict)
                }
                return plan
            })
        }.get()
        try checkWarnings(plan, work)
        return plan
    }

    // MARK: What they share

    private func perform<Value>(
        _ work: BatchWork, mode: RunReport.Mode,
        _ body: (Session) async throws(RegistryError) -> Outcome<Value>
    ) async throws(CommandFailure) -> Value {
        var builder = ReportBuilder(toolVersion: toolVersion, otherRequests: work.otherRequests)
        let stated = try options.revision.stated(in: context.environment)
        var delivery = ReportDelivery(options: options, outFile: outFile, context: context)
        try delivery.checkFiles()
        let batch: PreparedBatch
        do throws(CommandFailure) {
            batch = try work.prepare()
        } catch {
            // A report of an earlier run must not be taken for one of this.
            let job = work.specPath.flatMap { path in
                // Whatever is wrong with its templates, the job may have a name.
                LoadedJob(
                    path: path, inputs: JobInputs(environment: context.environment), readsTemplates: false
                ).state?.job
            }
            let report = builder.report(
                ofInvalid: work.specPath, job: job, operation: work.operation, mode: mode,
                error: RegistryError(refusing: work.specPath, error))
            throw delivery.deliver(report, of: error, isPrepared: false)
        }
        let interruption = Interruption()
        let signals = SignalWatch(interruption, context.console)
        defer { signals.cancel() }
        let system = Revision(ofSystemIn: context.environment)
        let git = GitRepository(
            environment: context.environment, console: context.console, timeLimit: remote.timeout,
            hasOtherSource: (stated.commit ?? system.commit) != nil)
        var provenance = await interruption.cancelling {
            guard let job = batch.anyJob.map(whole) else { return await git.provenanceOfCurrentFolder() }
            return job.provenance || job.policies.contains(where: \.policy.needsCleanFiles)
                ? await git.provenance(of: job) : .none
        }
        provenance.complete(stated, system)
        if batch.anyJob?.provenance != false { builder.provenance = provenance }
        delivery.specPath = batch.job.map { builder.provenance.path(of: $0.desired.specPath) }
        let violations = await violations(batch, git, provenance)
        let answer = await Result<Outcome<Value>, RegistryError>(of: { () async throws(RegistryError) in
            builder.policyOverride = try heed(violations, mode)
            // What registers versions makes a registry where there is none.
            if !batch.batch.operation.registersVersions { try batch.address.checkPresence() }
            let (registry, deadline) = try remote.open(batch.address, context)
            builder.registry = registry
            interruption.whenRequested(deadline.interrupt)
            return try await body(
                Session(
                    batch: batch, registry: registry, deadline: deadline, interruption: interruption,
                    builder: builder))
        })
        switch answer {
        case .success(let outcome):
            try delivery.deliver(outcome.report, plan: outcome.plan)
            return outcome.value
        case .failure(var error):
            let verdict = RunVerdict(error, signal: interruption.signal)
            if verdict.status == .interrupted { error.message = "stopped: \(error.message)" }
            let report = builder.report(
                notBegun: batch.batch,
                registry: builder.registry?.location ?? RegistryLocation(batch.address.description),
                isElsewhere: batch.anyJob?.isElsewhere ?? false, error: error, mode: mode, verdict)
            throw delivery.deliver(report, of: CommandFailure(error, ExitCode(verdict)), isPrepared: true)
        }
    }
}
