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

        /// Whether it was asked, and every answer passes.
        fileprivate var isPassed: Bool { !attempts.isEmpty && passed == attempts.count }
    }

    /// How the version that is tried did in a case.
    package enum Outcome: String, Hashable, Sendable {
        /// All of its answers pass.
        case passed
        /// It fails where the version compared with passes.
        case regression
        /// It fails, and so does the version compared with, or there is none.
        case failed
        /// Not all of the calls were made, and those that were say nothing against it.
        case incomplete
        /// No call was made.
        case notRun = "not_run"
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
        /// How often each version is asked.
        package var repetitions: Int

        /// A case without answers yet.
        package init(_ one: TryCase, prompt: String, candidate: Side, base: Side?, repetitions: Int = 1) {
            (self.one, self.prompt, self.candidate, self.base) = (one, prompt, candidate, base)
            self.repetitions = repetitions
        }

        /// Whether the version that is tried fails where the one compared with does not, or gets no answer: where neither
        /// does, nothing was tried. Where there is nothing to compare with, every check counts.
        package var isFailure: Bool {
            isRegression || candidate.attempts.contains { $0.failure != nil }
                || base == nil && candidate.passed < candidate.attempts.count
        }

        /// Whether the version that is tried fails what the one compared with was asked as well, and passes every time.
        package var isRegression: Bool {
            guard let base, !base.attempts.isEmpty, candidate.passed < candidate.attempts.count else {
                return false
            }
            return base.isPassed
                || one.checks.indices.contains { index in
                    candidate.attempts.contains { !$0.checks[index].isPassed }
                        && base.attempts.allSatisfy { $0.checks[index].isPassed }
                }
        }

        /// Whether traces record it.
        package var hasTraces: Bool {
            [candidate, base].contains { $0?.attempts.contains { $0.traceID != nil } == true }
        }

        /// Whether every call was made.
        package var isComplete: Bool {
            [candidate, base].allSatisfy { $0.map { $0.attempts.count >= repetitions } ?? true }
        }

        /// Whether every call was made, and every answer of the version that is tried passes.
        package var isPassed: Bool { isComplete && candidate.isPassed }

        /// How the version that is tried did.
        package var outcome: Outcome {
            if candidate.attempts.isEmpty && base?.attempts.isEmpty ?? true { return .notRun }
            if isRegression { return .regression }
            if candidate.passed < candidate.attempts.count { return .failed }
            return isComplete ? .passed : .incomplete
        }
    }

    /// Where the prompts are.
    package var registry: RegistryLocation
    /// The version of the program that tried them.
    package var toolVersion: String
    /// The cases with their answers.
    package var cases: [Case]
    /// The job whose prompts were tried.
    package var job = ""
    /// The models that were asked.
    package var models: [String] = []
    /// The ids of the experiments that have the traces.
    package var experiments: [String] = []
    /// When the first call was made, in milliseconds since 1970; nil where none was.
    package var startedAt: Int? {
        let sides = cases.flatMap { [$0.candidate, $0.base].compactMap(\.self) }
        return sides.flatMap { $0.attempts.map(\.run.startedAt) }.min()
    }
    /// How many calls of models were planned, and how many were made.
    package var (planned, made) = (0, 0)
    /// What they cost, in dollars; nil where that is not known.
    package var cost: Double?
    /// Why not all of them were made; nil where they were.
    package var stop: String?
    /// Whether a signal stopped them.
    package var isInterrupted = false
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
        var comparison = TraceComparison(
            registry: registry, experiments: experiments, window: TraceWindow(since: startedAt, until: time))
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
