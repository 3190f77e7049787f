package import Jobs
package import Prompts
package import Tracing

/// What a try found: how two versions of each prompt answered the same cases.
package struct TryReport: Sendable {
    /// One answer.
    package struct Attempt: Sendable {
        /// The answer; nil where there is none.
        package var output: String?
        /// Why there is none.
        package var failure: String?
        /// How it did in the checks, in their order.
        package var checks: [CheckResult]
        /// What it took.
        package var run: TraceRun
        /// The trace that recorded it; nil where none does.
        package var traceID: String?

        /// An answer.
        package init(
            output: String?, failure: String?, checks: [CheckResult], run: TraceRun, traceID: String?
        ) {
            (self.output, self.failure, self.checks) = (output, failure, checks)
            (self.run, self.traceID) = (run, traceID)
        }

        /// Whether it passed.
        package var isPassed: Bool { failure == nil && checks.allSatisfy(\.isPassed) }
    }

    /// The answers of one version to a case.
    package struct Side: Sendable {
        /// The version.
        package var version: Int
        /// The answers, one a repetition.
        package var attempts: [Attempt] = []

        /// A version without answers yet.
        package init(version: Int) { self.version = version }

        /// How many answers passed.
        package var passed: Int { attempts.count(where: \.isPassed) }
    }

    /// A case with its answers.
    package struct Case: Sendable {
        /// The case.
        package var one: TryCase
        /// The prompt's full name.
        package var prompt: String
        /// The answers of the version that is tried.
        package var candidate: Side
        /// Those of the version that it is compared with; nil where there is none.
        package var base: Side?

        /// A case without answers yet.
        package init(_ one: TryCase, prompt: String, candidate: Side, base: Side?) {
            (self.one, self.prompt, self.candidate, self.base) = (one, prompt, candidate, base)
        }

        /// The numbers of the checks that fail, where the version compared with passes them every time; all that fail
        /// where there is none.
        package var regressions: [Int] {
            one.checks.indices.filter { index in
                candidate.attempts.contains { !$0.checks[index].isPassed }
                    && base?.attempts.allSatisfy { $0.checks[index].isPassed } ?? true
            }
        }

        /// Whether the version that is tried fails where the one compared with does not, or gets no answer: where neither
        /// does, nothing was tried.
        package var isFailure: Bool {
            !regressions.isEmpty || candidate.attempts.contains { $0.failure != nil }
        }

        /// Whether it is worse than the version compared with.
        package var isRegression: Bool { isFailure && base != nil }

        /// Whether the version that is tried has answers, and every one passes.
        package var isPassed: Bool {
            !candidate.attempts.isEmpty && candidate.passed == candidate.attempts.count
        }
    }

    /// Where the prompts are.
    package var registry: RegistryLocation
    /// The version of the program that tried them.
    package var toolVersion: String
    /// The cases with their answers.
    package var cases: [Case]
    /// How many calls of models were planned, and how many were made.
    package var (planned, made) = (0, 0)
    /// What they cost, in dollars; nil where that is not known.
    package var cost: Double?
    /// Why not all of them were made; nil where they were.
    package var stop: String?
    /// Whether every check has to pass, whatever the version compared with does.
    package var isStrict = false

    /// A report.
    package init(registry: RegistryLocation, toolVersion: String, cases: [Case]) {
        (self.registry, self.toolVersion, self.cases) = (registry, toolVersion, cases)
    }

    /// Whether the version that is tried does not suffice.
    package var hasFailed: Bool {
        stop != nil || cases.contains { isStrict ? !$0.isPassed : $0.isFailure }
    }

    /// The figures of both versions of each prompt.
    package func comparison(aliases: [String: [Int: [String]]], until time: Int) -> TraceComparison {
        var comparison = TraceComparison(registry: registry, window: TraceWindow(until: time))
        comparison.toolVersion = toolVersion
        var names: [String] = []
        for one in cases where !names.contains(one.prompt) { names.append(one.prompt) }
        comparison.prompts = names.map { name in
            let own = cases.filter { $0.prompt == name }
            let candidate = TraceFigures(of: own.flatMap { $0.candidate.attempts.map(\.run) })
            let base = own.first?.base.map { side in
                (side.version, TraceFigures(of: own.flatMap { ($0.base?.attempts ?? []).map(\.run) }))
            }
            let row = { (number: Int, figures: TraceFigures, difference: TraceDifference?) in
                TraceComparison.Version(
                    number: number, aliases: aliases[name]?[number] ?? [], figures: figures,
                    difference: difference)
            }
            let first = own.first.map {
                row($0.candidate.version, candidate, base.map { TraceDifference(of: candidate, to: $0.1) })
            }
            return TraceComparison.Prompt(
                name: name, base: base?.0,
                versions: [first, base.map { row($0.0, $0.1, nil) }].compactMap(\.self))
        }
        return comparison
    }
}
