import Execution
import Jobs
import Planning
import Prompts
import Support

extension BatchRunner {
    /// Warns of what other jobs and clients did while the run was at work, and the plan could not tell.
    func tellOfOthers(_ outcome: RunOutcome, _ plan: Plan) {
        let replaced = zip(plan.prompts, outcome.prompts).flatMap { planned, prompt in
            prompt.planned.foreign.filter { !planned.foreign.contains($0) }.map { (planned.name, $0) }
        }
        JobRun.warnOfReplaced(replaced, context.console)
        let left = Dictionary(grouping: outcome.prompts.filter { $0.leftTo != nil }) { $0.leftTo ?? "" }
        for (job, prompts) in left.sorted(by: { $0.key < $1.key }) {
            let owner = job.isEmpty ? "of no job" : "of job '\(job)'"
            context.console.warning(
                "\(owner) by now, and not pruned: \(prompts.map(\.planned.name).listed(10))")
        }
    }
}
