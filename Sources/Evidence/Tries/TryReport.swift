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
        /// Why the answer is not whole; nil where it is.
        package var shortfall: String?
        /// The model that was asked.
        package var model = ""
        /// Why there is no answer where that says nothing of the version: the credentials, the address or the model's name are
        /// wrong. Nil where it may say something.
        package var refusal: RegistryError?

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

        /// How many calls were not answered.
        package var unanswered: Int { attempts.count { $0.failure != nil } }

        /// In how many of how many of these calls a check fails.
        fileprivate static func failures(
            of check: Int, in attempts: [Attempt]
        ) -> (hits: Int, count: Int) {
            (attempts.count { !$0.checks[check].isPassed }, attempts.count)
        }
    }

    /// How the version that is tried did in a case.
    package enum Outcome: String, Hashable, Sendable {
        /// All of its answers pass.
        case passed
        /// It fails more often than the version compared with, and not by chance.
        case regression
        /// It fails, and so does the version compared with, or there is none.
        case failed
        /// It passes, and the version compared with did not answer, so that nothing was compared.
        case unanswered
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

        /// Whether the version that is tried fails where the one compared with does not, or one of both gets no answer: then
        /// they were not compared. Where there is nothing to compare with, every check counts.
        package var isFailure: Bool {
            isRegression || unanswered > 0 || base == nil && candidate.passed < candidate.attempts.count
        }

        /// How many calls were not answered.
        package var unanswered: Int { candidate.unanswered + (base?.unanswered ?? 0) }

        /// Whether the version that is tried fails a check more often than the one compared with, which passes it every time,
        /// or so much more often that it is no chance. A call of the latter without an answer says nothing of it.
        package var isRegression: Bool {
            let known = (base?.attempts ?? []).filter { $0.failure == nil }
            return one.checks.indices.contains { index in
                let failing = Side.failures(of: index, in: candidate.attempts)
                let before = Side.failures(of: index, in: known)
                guard failing.hits > 0, before.count > 0 else { return false }
                return before.hits == 0
                    || Significance.ofMore(failing, than: before).map { $0 < Significance.level } ?? false
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

        /// Whether every call was made and answered, and every answer of the version that is tried passes.
        package var isPassed: Bool { outcome == .passed }

        /// How the version that is tried did.
        package var outcome: Outcome {
            if candidate.attempts.isEmpty && base?.attempts.isEmpty ?? true { return .notRun }
            if isRegression { return .regression }
            if candidate.passed < candidate.attempts.count { return .failed }
            if unanswered > 0 { return .unanswered }
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
    /// Why no call can be answered: every model was asked in vain, for a reason that says nothing of any version. Nil
    /// where some may be.
    package var refusal: RegistryError? {
        let attempts = cases.lazy.flatMap { $0.candidate.attempts + ($0.base?.attempts ?? []) }
        var refused: Set<String> = []
        var reason: RegistryError?
        for attempt in attempts {
            guard let refusal = attempt.refusal else { return nil }
            refused.insert(attempt.model)
            reason = refusal
        }
        return refused.count < models.count ? nil : reason
    }
    /// How many calls were not answered.
    package var unanswered: Int { cases.reduce(0) { $0 + $1.unanswered } }

    /// What is to be known about the answers, as sentences without their full stops.
    package var notes: [String] {
        let attempts = cases.flatMap { [$0.candidate, $0.base].compactMap(\.self) }.flatMap(\.attempts)
        var counts: [String: Int] = [:]
        for reason in attempts.compactMap(\.shortfall) { counts[reason, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { reason, count in
            "\(count) of \(attempts.count) answers \(count == 1 ? "is" : "are") not whole: \(reason)"
        }
    }

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
        (comparison.toolVersion, comparison.notes) = (toolVersion, notes)
        comparison.countsCalls = true
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
