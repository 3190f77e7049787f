import FoundationEssentials
import JobSpec
import PromptRegistry
import Registration

/// `promptreg plan`: shows what a run would do, and may save it.
struct PlanCommand {
    let settings: RunSettings
    let console: Console
    let environment: [String: String]

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        do throws(ExitCode) {
            let request = try RunRequest(settings, console: console)
            let frame = JobFrame(settings: settings, console: console, environment: environment, mode: .plan)
            let (job, plan) = try await frame.preview(request)
            try save(plan, request, job)
            return settings.hasDetailedExitCode && plan.hasChanges ? .changesPending : .done
        } catch {
            return error
        }
    }

    /// Saves the plan where `--out` says.
    private func save(_ plan: Plan, _ request: RunRequest, _ job: PreparedJob) throws(ExitCode) {
        guard let path = settings.outFile else { return }
        let saved = SavedPlan(
            toolVersion: toolVersion,
            request: SavedPlan.Request(
                specPath: request.specPath, inputs: request.inputs, variables: job.desired.variables,
                target: job.desired.target, select: request.select, registry: job.address.description,
                force: request.force, message: request.message), plan: plan)
        do {
            try WholeFile.write(try saved.data(), to: path)
        } catch {
            console.error("the plan cannot be saved: \(error.reason)")
            throw ExitCode.failed
        }
        console.note("Saved the plan to \(path); promptreg run --plan \(path) does exactly that.")
    }
}

extension JobFrame {
    /// Plans, shows the plan, and writes its report; nothing is written to the registry.
    ///
    /// - Parameter request: What is to be planned; a saved plan has to hold still.
    /// - Returns: The job and its plan.
    /// - Throws: `ExitCode`, after the reason was reported.
    func preview(_ request: RunRequest) async throws(ExitCode) -> (PreparedJob, Plan) {
        try await perform(request) { context async throws(RegistryError) in
            let plan = try await context.session.plan(context.job.desired, planner: request.planner)
            try request.saved?.check(plan)
            let report = context.builder.report(of: plan, mode: mode, requests: context.registry.requestCount)
            return Outcome(report: report, plan: plan, value: (context.job, plan))
        }
    }
}
