import FoundationEssentials
import Glibc
import Jobs
import Planning
import Prompts

/// What is to be planned: what the flags ask for, or what a saved plan was made for.
struct RunRequest {
    /// The spec's path.
    let specPath: String
    /// What is passed to the job.
    let inputs: JobInputs
    /// The names and patterns of the prompts to take; empty takes all.
    let select: [String]
    /// The registry's address that was passed.
    let registry: String?
    /// Whether every prompt gets a new version.
    let force: Bool
    /// The commit message of new versions.
    let message: String?
    /// Whether prompts that left the job lose its aliases.
    let prune: Bool
    /// The plan that has to hold still; nil when any will do.
    let saved: SavedPlan?

    /// What makes the plan.
    var planner: Planner { Planner(force: force, message: message) }

    /// Reads what is asked for.
    ///
    /// - Parameters:
    ///   - settings: The flags.
    ///   - console: Where a saved plan that cannot be used is reported.
    /// - Throws: `ExitCode`, after the reason was reported.
    init(_ settings: RunSettings, console: Console) throws(ExitCode) {
        guard let planFile = settings.planFile else {
            specPath = settings.specPath ?? ""
            inputs = settings.inputs
            select = settings.batch.select
            registry = settings.batch.registry.address
            force = settings.force
            message = settings.message
            prune = settings.prune
            saved = nil
            return
        }
        let saved = try Self.read(planFile, console: console)
        if settings.specPath == nil, access(saved.request.specPath, F_OK) != 0 {
            console.error(
                "the job '\(saved.request.specPath)' of the saved plan is not here",
                hint: "run it where the plan was made, or name the job: run JOB --plan \(planFile)")
            throw ExitCode.invalidInput
        }
        specPath = settings.specPath ?? saved.request.specPath
        inputs = saved.request.inputs
        select = saved.request.select
        registry = saved.request.registry
        force = saved.request.force
        message = saved.request.message
        prune = saved.request.prune
        self.saved = saved
    }

    private static func read(_ path: String, console: Console) throws(ExitCode) -> SavedPlan {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            console.error("the saved plan '\(path)' cannot be read: \(error.reason)")
            throw ExitCode.invalidInput
        }
        do throws(SavedPlanError) {
            return try SavedPlan(data: data)
        } catch {
            switch error {
            case .notAPlan: console.error("'\(path)' is no saved plan", hint: "make one with plan --out FILE")
            case .otherVersion(let version):
                console.error(
                    "the saved plan '\(path)' has version \(version); this promptreg reads version "
                        + "\(SavedPlan.currentVersion)", hint: "plan again")
            }
            throw ExitCode.invalidInput
        }
    }
}

extension RunRequest {
    /// What a frame is to do for it.
    ///
    /// - Parameters:
    ///   - console: Where findings are reported.
    ///   - environment: The environment variables.
    ///   - showsOrphans: Whether to look for prompts that left the job, though they are not to be pruned.
    /// - Returns: The work.
    func work(console: Console, environment: [String: String], showsOrphans: Bool) -> BatchFrame.Work {
        let planning = JobPlanning(request: self, console: console, showsOrphans: showsOrphans)
        return BatchFrame.Work(
            operation: .run, specPath: specPath,
            prepare: { () throws(ExitCode) in
                let preparation = JobPreparation(console: console, environment: environment)
                return PreparedBatch(.run, try preparation.prepare(self))
            }, plan: planning.plan,
            check: { [saved] registry throws(RegistryError) in try saved?.check(registry: registry.location) }
        )
    }
}

extension JobPreparation {
    /// Reads the job of a request; the exit code says what is wrong after it was reported.
    func prepare(_ request: RunRequest) throws(ExitCode) -> PreparedJob {
        try prepare(
            path: request.specPath, inputs: request.inputs, select: request.select, registry: request.registry
        )
    }
}
