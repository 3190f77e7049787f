import ArgumentParsing
import Execution
import FoundationEssentials
import Jobs
import Planning
import Prompts

/// `promptreg plan`: shows what a run would do, and may save it.
struct PlanCommand: WaitingCommand {
    static let usage = Command.plan

    let settings: RunSettings
    let console: Console
    let environment: [String: String]

    init(_ input: CommandInput) throws(UsageError) {
        settings = try RunSettings(input.parsed, environment: input.environment)
        console = input.console
        environment = input.environment
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        do throws(ExitCode) {
            let request = try RunRequest(settings, console: console)
            let frame = BatchFrame(settings: settings.batch, console: console, environment: environment)
            let work = request.work(console: console, environment: environment, showsOrphans: true)
            let (batch, plan) = try await frame.preview(work, mode: .plan)
            try save(plan, request, batch)
            return settings.hasDetailedExitCode && plan.hasChanges ? .changesPending : .done
        } catch {
            return error
        }
    }

    /// Saves the plan where `--out` says.
    private func save(_ plan: Plan, _ request: RunRequest, _ batch: PreparedBatch) throws(ExitCode) {
        guard let path = settings.batch.outFile else { return }
        let saved = SavedPlan(
            toolVersion: toolVersion,
            request: SavedPlan.Request(
                specPath: request.specPath, inputs: request.inputs, variables: batch.job?.variables ?? [:],
                target: batch.job?.target, select: request.select, registry: batch.address.description,
                force: request.force, message: request.message, prune: request.prune), plan: plan)
        do {
            try WholeFile.write(try saved.data(), to: path)
        } catch {
            console.error("the plan cannot be saved: \(error.reason)")
            throw ExitCode.failed
        }
        console.note("Saved the plan to \(path); promptreg run --plan \(path) does exactly that.")
    }
}
