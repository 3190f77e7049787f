import Support
import Execution
import Jobs
import Planning
import Prompts
import RemoteRegistry

/// What commands have in common that change prompts as a batch: a registry is opened, signals are taken, a plan is
/// made and shown or carried out, and whatever happens ends in a report and an exit code.
struct BatchFrame {
    let settings: BatchSettings
    let console: Console
    let environment: [String: String]

    /// What is to be done.
    struct Work: Sendable {
        /// What it is.
        let operation: Operation
        /// The path of the spec that a report names when it cannot be used; nil without a job.
        let specPath: String?
        /// Reads all that is local.
        let prepare: @Sendable () throws(ExitCode) -> PreparedBatch
        /// Asks the registry what there is, and plans; it writes nothing.
        let plan: @Sendable (PreparedBatch, any PromptRegistry) async throws(RegistryError) -> Plan
        /// Refuses a registry before it is held, which may make it.
        var check: @Sendable (any PromptRegistry) throws(RegistryError) -> Void = { _ in }
    }

    /// What there is to work with.
    private struct Context {
        let batch: PreparedBatch
        let registry: any PromptRegistry
        let deadline: RunDeadline
        let session: RunSession
        let provenance: Provenance
        let builder: ReportBuilder
    }

    /// What came of the work.
    private struct Outcome<Value> {
        let report: RunReport
        let plan: Plan
        let value: Value
    }

    // MARK: Two ways to do it

    /// Does it, or shows what it would do where the command line wants a dry run.
    ///
    /// - Parameter work: What is to be done.
    /// - Returns: How the program ends.
    func run(_ work: Work) async -> ExitCode {
        do throws(ExitCode) {
            guard settings.isDryRun else { return try await carryOut(work) }
            _ = try await preview(work, mode: .dryRun)
            return .done
        } catch {
            return error
        }
    }

    /// Plans, shows the plan, and writes its report; nothing is written to the registry.
    ///
    /// - Parameters:
    ///   - work: What is to be done.
    ///   - mode: Whether it is a plan or a dry run.
    /// - Returns: What was planned for, and the plan.
    /// - Throws: `ExitCode`, after the reason was reported; also when the plan could not be carried out.
    func preview(
        _ work: Work, mode: RunReport.Mode
    ) async throws(ExitCode) -> (batch: PreparedBatch, plan: Plan) {
        let (batch, plan) = try await perform(work, mode: mode) { context async throws(RegistryError) in
            let (batch, registry) = (context.batch, context.registry)
            let plan = try await context.session.read { () async throws(RegistryError) in
                try await work.plan(batch, registry)
            }
            let report = context.builder.report(of: plan, mode: mode, requests: registry.requestCount)
            return Outcome(report: report, plan: plan, value: (batch, plan))
        }
        if let refusal = ExitCode(refusalOf: plan) { throw refusal }
        return (batch, plan)
    }

    /// Plans and does it.
    ///
    /// - Parameter work: What is to be done.
    /// - Returns: How the program ends.
    /// - Throws: `ExitCode`, after the reason was reported.
    private func carryOut(_ work: Work) async throws(ExitCode) -> ExitCode {
        let progress = ProgressLine(isShown: settings.showsProgress && console.isInteractive)
        return try await perform(work, mode: .run) { context async throws(RegistryError) in
            let interruption = context.session.interruption
            let runner = Runner(
                registry: context.registry, concurrency: settings.concurrency, failFast: settings.failFast,
                provenance: context.provenance, author: ProcessEnvironment.author(environment),
                interruption: interruption
            ) { [deadline = context.deadline] event in
                // What is half done is cleared up, even when the time for the run is over.
                if case .clearingUp = event { deadline.extend(to: .seconds(60)) }
                progress.update(event)
            }
            let (batch, registry) = (context.batch, context.registry)
            try work.check(registry)
            let (plan, outcome) = try await context.session.run(runner, progress: progress) {
                () async throws(RegistryError) in try await work.plan(batch, registry)
            }
            let report = context.builder.report(
                of: plan, outcome, interrupted: interruption.signal != nil, requests: registry.requestCount)
            return Outcome(
                report: report, plan: plan, value: ExitCode(refusalOf: plan) ?? ExitCode(outcome))
        }
    }

    // MARK: What they share

    private func perform<Value>(
        _ work: Work, mode: RunReport.Mode,
        _ body: (Context) async throws(RegistryError) -> Outcome<Value>
    ) async throws(ExitCode) -> Value {
        var builder = ReportBuilder(toolVersion: toolVersion)
        var delivery = ReportDelivery(settings: settings, console: console, environment: environment)
        try delivery.checkFiles()
        let batch: PreparedBatch
        do throws(ExitCode) {
            batch = try work.prepare()
        } catch {
            // A report of an earlier run must not be taken for one of this.
            delivery.deliver(
                refusal: builder.report(
                    ofUnfit: work.specPath, operation: work.operation, mode: mode,
                    error: RegistryError(refusing: work.specPath, error)))
            throw error
        }
        let interruption = Interruption()
        let signals = SignalWatch(interruption, console)
        defer { signals.cancel() }
        builder.provenance = await interruption.cancelling { [console] in
            guard let job = batch.job else { return await GitRepository.provenanceOfCurrentFolder() }
            return job.provenance ? await GitRepository.provenance(of: job, console) : .none
        }
        delivery.specPath = batch.job.map { builder.provenance.path(of: $0.specPath) }
        let provenance = builder.provenance
        let answer = await Result<Outcome<Value>, RegistryError>(of: { () async throws(RegistryError) in
            let (registry, deadline) = try settings.registry.open(
                batch.address, console: console, environment: environment)
            builder.registry = registry
            let session = RunSession(console: console, registry: registry, interruption: interruption)
            return try await body(
                Context(
                    batch: batch, registry: registry, deadline: deadline, session: session,
                    provenance: provenance, builder: builder))
        })
        switch answer {
        case .success(let outcome):
            try delivery.deliver(outcome.report, plan: outcome.plan)
            if let signal = interruption.signal, mode == .run { throw ExitCode(signal: signal) }
            return outcome.value
        case .failure(var error):
            if interruption.signal != nil { error.message = "stopped: \(error.message)" }
            console.error(error.message, hint: error.hint)
            let report = builder.report(
                notBegun: batch.batch,
                registry: builder.registry?.location ?? RegistryLocation(batch.address.description),
                error: error, mode: mode, interrupted: interruption.signal != nil)
            try delivery.deliver(report, plan: nil)
            throw interruption.signal.map(ExitCode.init(signal:)) ?? ExitCode(error)
        }
    }
}

extension RegistryError {
    /// Why nothing was done, after all that is wrong with the job or the command line was told.
    fileprivate init(refusing specPath: String?, _ code: ExitCode) {
        guard let specPath, code != .usage else {
            self.init(.invalidValue, "the command line or the environment is wrong; nothing was written")
            return
        }
        self.init(
            .invalidValue, "the job '\(specPath)' or one of its templates is wrong; nothing was written",
            hint: "run promptreg validate \(specPath)")
    }
}

/// All that is local to a batch: read and checked before any registry is asked.
struct PreparedBatch: Sendable {
    /// The prompts.
    let batch: Batch
    /// The job with its selected prompts; nil where prompts are named without one.
    let job: DesiredState?
    /// The job with all its prompts.
    let wholeJob: DesiredState?
    /// Where the registry is.
    let address: RegistryAddress

    /// A job's prompts.
    init(_ operation: Operation, _ job: PreparedJob) {
        batch = Batch(operation, of: job.desired)
        self.job = job.desired
        wholeJob = job.whole
        address = job.address
    }

    /// Prompts that are named without a job.
    init(_ batch: Batch, at address: RegistryAddress) {
        self.batch = batch
        job = nil
        wholeJob = nil
        self.address = address
    }
}
