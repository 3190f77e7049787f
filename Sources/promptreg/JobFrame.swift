import JobSpec
import PromptRegistry
import Registration
import RemoteRegistry

/// What a run and a plan have in common: the job is read, its registry opened, signals are taken, and whatever
/// happens ends in a report and an exit code.
struct JobFrame {
    let settings: RunSettings
    let console: Console
    let environment: [String: String]
    let mode: RunReport.Mode

    /// What there is to work with.
    struct Context {
        /// The job, fit to be planned.
        let job: PreparedJob
        /// The registry.
        let registry: any PromptRegistry
        /// Until when to go on trying.
        let deadline: RunDeadline
        /// One run against it.
        let session: RunSession
        /// What version control knows of the job's files.
        let provenance: Provenance
        /// The report that began with the command.
        let builder: ReportBuilder
    }

    /// What came of the work.
    struct Outcome<Value> {
        /// The report to deliver.
        let report: RunReport
        /// The plan that it is the report of.
        let plan: Plan
        /// What the command goes on with.
        let value: Value
    }

    /// Works on a job, and reports.
    ///
    /// - Parameters:
    ///   - request: What is asked for.
    ///   - work: What to do; an error that it throws has kept everything from being done.
    /// - Returns: What came of it.
    /// - Throws: `ExitCode`, after the reason was reported.
    func perform<Value>(
        _ request: RunRequest, _ work: (Context) async throws(RegistryError) -> Outcome<Value>
    ) async throws(ExitCode) -> Value {
        var builder = ReportBuilder(toolVersion: toolVersion)
        var delivery = ReportDelivery(settings: settings, console: console, environment: environment)
        try delivery.checkFiles()
        let job: PreparedJob
        do throws(ExitCode) {
            job = try JobPreparation(console: console, environment: environment).prepare(request)
        } catch {
            // A report of an earlier run must not be taken for one of this.
            if error == .invalidInput {
                try delivery.deliverFiles(builder.report(ofUnfit: request.specPath, mode: mode), plan: nil)
            }
            throw error
        }
        let interruption = Interruption()
        let signals = SignalWatch { signal in
            let isFirst = interruption.request(signal)
            if isFirst { console.note("stopping once what has begun is done; again to quit at once") }
            return isFirst
        }
        defer { signals.cancel() }
        if job.desired.provenance {
            let console = console
            builder.provenance = await interruption.cancelling {
                await GitRepository.provenance(of: job.desired, console)
            }
        }
        delivery.specPath = builder.provenance.path(of: job.desired.specPath)
        let provenance = builder.provenance
        let answer = await Result<Outcome<Value>, RegistryError>(of: { () async throws(RegistryError) in
            let deadline = RunDeadline(total: settings.timeout)
            let registry = try job.address.open(
                RegistryAccess(
                    environment: environment, deadline: deadline,
                    allowsInsecureHTTP: settings.allowsInsecureHTTP, console: console))
            builder.registry = registry
            console.detail("registry \(registry.address)")
            let session = RunSession(console: console, registry: registry, interruption: interruption)
            return try await work(
                Context(
                    job: job, registry: registry, deadline: deadline, session: session,
                    provenance: provenance, builder: builder))
        })
        switch answer {
        case .success(let outcome):
            try delivery.deliver(outcome.report, plan: outcome.plan)
            if let signal = interruption.signal, mode == .run { throw ExitCode(signal: signal) }
            return outcome.value
        case .failure(let error):
            console.error(error.message, hint: error.hint)
            let report = builder.report(
                notBegun: job.desired, registry: job.address.description, error: error, mode: mode,
                interrupted: interruption.signal != nil)
            try delivery.deliver(report, plan: nil)
            throw interruption.signal.map(ExitCode.init(signal:)) ?? ExitCode(error)
        }
    }
}
