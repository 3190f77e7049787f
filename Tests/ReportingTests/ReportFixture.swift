import Prompts
import Testing

@testable import Execution
@testable import Jobs
@testable import Planning
@testable import Reporting

/// Reports for the tests, as the runner's outcomes make them.
enum ReportFixture {
    static let denied = RegistryError(
        .permissionDenied, "CREATE FUNCTION is not granted on schema 'main.agent'",
        hint: "ask the schema's owner for CREATE FUNCTION")
    static let conflict = RegistryError(.conflict, "somebody else moved the alias 'production'")
    static let unreachable = RegistryError(
        .unreachable, "nothing answers at http://127.0.0.1:5000", hint: "start the server")

    /// The report with a name, so that a test's own report shows the name alone.
    static func named(_ name: String) throws -> RunReport {
        let reports = [
            "done": done, "held": held, "continued": continued, "restored": restored,
            "interrupted": interrupted, "not-begun": notBegun, "planned": planned,
            "hostile": HostileFixture.report,
        ]
        return try #require(reports[name])
    }

    /// A run that did all.
    static var done: RunReport {
        var report = report(PlanFixture.all) { outcomes in succeed(&outcomes) }
        report.prompts[0].url = "https://host/#/prompts/main.agent.prompt_orchestrator?promptVersion=1"
        return report
    }

    /// A run of which one prompt failed, so that no alias moved.
    static var held: RunReport {
        report(PlanFixture.all) { outcomes in
            succeed(&outcomes, alias: .held)
            fail(&outcomes[0], denied)
        }
    }

    /// A run whose failed prompt kept no other from moving its aliases.
    static var continued: RunReport {
        var plan = PlanFixture.all
        plan.onError = .continue
        return report(plan) { outcomes in
            succeed(&outcomes)
            fail(&outcomes[1], denied)
        }
    }

    /// A run of which one alias could not be moved, so that those moved before went back.
    static var restored: RunReport {
        report(PlanFixture.all) { outcomes in
            succeed(&outcomes, alias: .held)
            outcomes[0].aliases = [.restored, .restored]
            outcomes[1].status = .failed
            outcomes[1].error = conflict
            outcomes[1].aliases = [.failed, .held]
            outcomes[5].aliases[1] = .restored
        }
    }

    /// A run that a signal ended.
    static var interrupted: RunReport {
        report(PlanFixture.all, signal: 2) { outcomes in
            succeed(&outcomes, alias: .held)
            outcomes[2] = PromptOutcome(notRun: outcomes[2].planned)
            outcomes[3] = PromptOutcome(notRun: outcomes[3].planned)
        }
    }

    /// A run that never began.
    static var notBegun: RunReport {
        var report = report(PlanFixture.plan([]), error: unreachable) { _ in }
        report.summary.total = 8
        report.summary.notRun = 8
        return report
    }

    /// A plan.
    static var planned: RunReport { planned(PlanFixture.all, mode: .plan) }

    static func planned(_ plan: Plan, mode: RunReport.Mode) -> RunReport {
        fixed(builder.report(of: plan, mode: mode))
    }

    static func report(
        _ plan: Plan, signal: Int32? = nil, error: RegistryError? = nil,
        _ change: (inout [PromptOutcome]) -> Void
    ) -> RunReport {
        var outcomes = plan.prompts.map(PromptOutcome.init(notRun:))
        change(&outcomes)
        let outcome = RunOutcome(prompts: outcomes, error: error)
        var report = fixed(builder.report(of: plan, outcome, RunVerdict(plan, outcome, signal: signal)))
        report.requests = 7
        return report
    }

    /// Every prompt is done; aliases that were to move are `alias`.
    static func succeed(_ outcomes: inout [PromptOutcome], alias: AliasStatus = .ok) {
        for index in outcomes.indices {
            let planned = outcomes[index].planned
            outcomes[index].status = .ok
            outcomes[index].version =
                planned.action.makesVersion ? (planned.previousVersion ?? 0) + 1 : planned.previousVersion
            outcomes[index].aliases = planned.aliases.map { $0.action == .unchanged ? .ok : alias }
            if alias == .ok { outcomes[index].movedAliases = Set(planned.aliases.map(\.alias)) }
            outcomes[index].elapsed = .milliseconds(4)
        }
    }

    static func fail(_ outcome: inout PromptOutcome, _ error: RegistryError) {
        let elapsed = outcome.elapsed
        outcome = PromptOutcome(notRun: outcome.planned)
        outcome.status = .failed
        outcome.error = error
        outcome.elapsed = elapsed
    }

    private static var builder: ReportBuilder {
        var builder = ReportBuilder(toolVersion: "1.0.0")
        builder.provenance.commit = "0123456789abcdef0123456789abcdef01234567"
        builder.provenance.changedPaths = ["jobs/health_monitor.yaml"]
        return builder
    }

    /// The report at a time that does not pass.
    private static func fixed(_ report: RunReport) -> RunReport {
        var report = report
        report.startedAt = "2026-01-02T03:04:05.006Z"
        report.finishedAt = "2026-01-02T03:04:05.047Z"
        report.elapsedMs = 41
        return report
    }
}
