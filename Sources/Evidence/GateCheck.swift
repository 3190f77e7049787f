package import Jobs
package import Planning
package import Prompts
import Support
package import Tracing

/// Looks at what gates ask for, of the versions that are promoted.
package struct GateCheck: Sendable {
    private let openReader: @Sendable () throws(RegistryError) -> any TraceReader
    private let registry: any PromptRegistry
    private let experiments: [TraceExperiment]
    /// The present, in milliseconds since 1970.
    private let now: Int
    private let tell: @Sendable (String) -> Void

    /// A prompt whose alias moves.
    private struct Move {
        let name: String
        let promoted: Int
        /// The version that the alias has now.
        let base: Int?
        let gates: [Gate]
    }

    /// What is known of a moved prompt.
    private struct Known {
        /// What traces say, by how old they may be.
        var comparisons: [Int?: TraceComparison] = [:]
        var tags: [String: [String: String]] = [:]
        /// Those of each run; nil for one that does not exist.
        var metrics: [String: [String: Double]?] = [:]
    }

    /// A check.
    ///
    /// - Parameters:
    ///   - openReader: Opens what reads traces and runs; not called where no gate asks for any.
    ///   - registry: Where the versions are.
    ///   - experiments: The experiments to look in; empty: those that `TraceEvidence` finds.
    ///   - now: The present, in milliseconds since 1970.
    ///   - tell: Told where traces were looked for, and what is to be known about them.
    package init(
        _ openReader: @escaping @Sendable () throws(RegistryError) -> any TraceReader,
        _ registry: any PromptRegistry, in experiments: [TraceExperiment], now: Int,
        tell: @escaping @Sendable (String) -> Void
    ) {
        (self.openReader, self.registry) = (openReader, registry)
        (self.experiments, self.now, self.tell) = (experiments, now, tell)
    }

    /// Checks the prompts of a plan whose alias moves.
    ///
    /// - Parameters:
    ///   - plan: The plan of a promotion.
    ///   - gates: The gates by the full name of the prompt.
    /// - Returns: What they found, by the full name of the prompt.
    /// - Throws: `RegistryError` when something cannot be read.
    package func findings(
        for plan: Plan, _ gates: [String: [Gate]]
    ) async throws(RegistryError) -> [String: [GateFinding]] {
        let moves = plan.prompts.compactMap { prompt -> Move? in
            guard let alias = prompt.aliases.first, alias.action != .unchanged,
                let promoted = prompt.expectedVersion(of: alias), let gates = gates[prompt.prompt.name]
            else { return nil }
            return Move(
                name: prompt.prompt.name, promoted: promoted, base: alias.previousVersion, gates: gates)
        }
        var known = Known()
        try await readTraces(of: moves, &known)
        try await readTags(of: moves, &known)
        try await readMetrics(of: moves, &known)
        return Dictionary(moves.map { move in (move.name, move.gates.map { finding($0, move, known) }) }) {
            first, _ in
            first
        }
    }

    // MARK: - Reading

    private func readTraces(of moves: [Move], _ known: inout Known) async throws(RegistryError) {
        let ages = Set(moves.flatMap(\.gates).filter(\.subject.isOfTraces).map(\.age))
        guard !ages.isEmpty else { return }
        let reader = try openReader()
        let prompts = try await registry.observe(moves.map(\.name))
        var told: Set<String> = []
        for age in ages {
            let concerned = moves.filter { move in
                move.gates.contains { $0.subject.isOfTraces && $0.age == age }
            }
            let subjects = concerned.compactMap { move in
                prompts[move.name].map { prompt in
                    TraceEvidence.Subject(
                        prompt, versions: [move.promoted] + (move.base.map { [$0] } ?? []), base: move.base)
                }
            }
            let window = TraceWindow(since: age.map { now - $0 }, until: now + 1)
            let comparison = try await TraceEvidence(reader, window: window).compare(
                subjects, in: experiments, of: registry.location)
            known.comparisons[age] = comparison
            for note in [comparison.whereLooked] + comparison.notes where told.insert(note).inserted {
                tell(note)
            }
        }
    }

    private func readTags(of moves: [Move], _ known: inout Known) async throws(RegistryError) {
        for move in moves where move.gates.contains(where: \.isOfTag) {
            known.tags[move.name] = try await registry.version(move.promoted, of: move.name).tags
        }
    }

    private func readMetrics(of moves: [Move], _ known: inout Known) async throws(RegistryError) {
        for case .metric(let run, _) in moves.flatMap(\.gates).map(\.subject) where known.metrics[run] == nil
        {
            known.metrics.updateValue(try await openReader().metrics(ofRun: run), forKey: run)
        }
    }

    // MARK: - Comparing

    private func finding(_ gate: Gate, _ move: Move, _ known: Known) -> GateFinding {
        switch gate.subject {
        case .tag(let key):
            guard let value = known.tags[move.name]?[key] else {
                return .init(gate: gate.text, status: .noData, evidence: "v\(move.promoted) has no such tag")
            }
            let isEqual = .text(value) == gate.limit
            return .init(
                gate: gate.text, status: isEqual == (gate.comparison == .equal) ? .passed : .failed,
                evidence: "v\(move.promoted) has '\(value.prefix(60))'")
        case .metric(let run, let name):
            let lack: String
            switch known.metrics[run].flatMap(\.self) {
            case nil: lack = "there is no such run"
            case let metrics?:
                if let value = metrics[name], !value.isNaN {
                    return judged(gate, value, base: nil, { _ in "\(value)" })
                }
                lack = metrics[name] == nil ? "the run has no such metric" : "the metric is not a number"
            }
            return .init(gate: gate.text, status: .noData, evidence: lack)
        default:
            let comparison = known.comparisons[gate.age]
            let versions = comparison?.prompts.first { $0.name == move.name }?.versions
            var finding = finding(gate, move, versions ?? [])
            finding.experiments = comparison?.experiments
            return finding
        }
    }

    private func finding(
        _ gate: Gate, _ move: Move, _ versions: [TraceComparison.Version]
    ) -> GateFinding {
        let figures = versions.first { $0.number == move.promoted }?.figures ?? TraceFigures()
        guard let value = gate.subject.value(in: figures) else {
            let lack =
                figures.traces == 0 ? "has no traces" : "has \(figures.traces.text("trace")), and none tells"
            return .init(gate: gate.text, status: .noData, evidence: "v\(move.promoted) \(lack)")
        }
        let base = versions.first { $0.number == move.base }.flatMap { gate.subject.value(in: $0.figures) }
        if case .change = gate.limit, base == nil {
            let lack =
                move.base.map { "v\($0) has no traces that tell" } ?? "there is no version to compare with"
            return .init(
                gate: gate.text, status: .noData, evidence: "\(gate.subject.text(value)), and \(lack)",
                figures: .init(value: value, count: gate.subject.count(in: figures)))
        }
        let count = gate.subject.count(in: figures)
        var judged = judged(
            gate, value, base: base, { gate.subject.text(value, from: $0) },
            among: count.map { gate.subject.sample($0, of: figures.traces) } ?? "")
        judged.figures?.count = count
        return judged
    }

    /// Judges a value; its text has to tell it from the limit.
    private func judged(
        _ gate: Gate, _ value: Double, base: Double?, _ text: (Double?) -> String, among sample: String = ""
    ) -> GateFinding {
        let limit: Double
        var figures = GateFinding.Figures(value: value)
        var evidence: String
        var isKnown = true
        switch gate.limit {
        case .number(let number):
            limit = number
            evidence = text(number)
        case .change(let change):
            let base = base ?? 0
            limit = base + abs(base) * change
            figures.base = base
            evidence = "\(text(base)) after \(gate.subject.text(base, from: value))"
            if base == 0 {
                // Nothing is a percentage of nothing, but that there still is nothing is no change.
                isKnown = value == 0 && gate.comparison.holds(0, change)
                if !isKnown { evidence += ", which no percentage can be told of" }
            } else {
                evidence += " (\(FigureText.change((value - base) / abs(base), from: change)))"
            }
        case .text: (limit, evidence) = (.nan, text(nil))
        }
        let status: GateFinding.Status = gate.comparison.holds(value, limit) ? .passed : .failed
        figures.limit = isKnown && !limit.isNaN ? limit : nil
        return .init(
            gate: gate.text, status: isKnown ? status : .noData, evidence: evidence + sample, figures: figures
        )
    }
}

extension Gate {
    fileprivate var isOfTag: Bool { if case .tag = subject { true } else { false } }
}

extension Gate.Comparison {
    /// Whether a value compares so with a limit. What rounding does to a product of both does not count.
    fileprivate func holds(_ value: Double, _ limit: Double) -> Bool {
        let isEqual = abs(value - limit) <= 1e-12 * max(abs(value), abs(limit))
        switch self {
        case .atMost: return value < limit || isEqual
        case .atLeast: return value > limit || isEqual
        case .less: return value < limit && !isEqual
        case .more: return value > limit && !isEqual
        case .equal: return isEqual
        case .unequal: return !isEqual
        }
    }
}

extension Gate.Subject {
    /// The value among the figures of a version; nil where they do not tell.
    fileprivate func value(in figures: TraceFigures) -> Double? {
        switch self {
        case .errors: figures.errorRate
        case .latencyMean: figures.latency?.mean
        case .latencyP50: figures.latencyP50
        case .latencyP95: figures.latencyP95
        case .cost: figures.cost?.mean
        case .tokens: figures.totalTokens?.mean
        case .inputTokens: figures.inputTokens?.mean
        case .outputTokens: figures.outputTokens?.mean
        case .traces: Double(figures.traces)
        case .feedback(let name): figures.feedback[name]?.numbers?.mean
        case .tag, .metric: nil
        }
    }

    /// How many values that rests on; nil where it is counted, and not measured.
    fileprivate func count(in figures: TraceFigures) -> Int? {
        switch self {
        case .errors: figures.traces
        case .latencyMean, .latencyP50, .latencyP95: figures.latency?.count
        case .cost: figures.cost?.count
        case .tokens: figures.totalTokens?.count
        case .inputTokens: figures.inputTokens?.count
        case .outputTokens: figures.outputTokens?.count
        case .feedback(let name): figures.feedback[name]?.numbers?.count
        case .traces, .tag, .metric: nil
        }
    }

    /// A value for people, told from another one.
    fileprivate func text(_ value: Double, from other: Double? = nil) -> String {
        switch self {
        case .errors: FigureText.share(value, from: other)
        case .latencyMean, .latencyP50, .latencyP95: FigureText.time(value, from: other)
        case .cost: FigureText.money(value, from: other)
        case .tokens, .inputTokens, .outputTokens: FigureText.count(value, from: other)
        case .traces: value.fixed(0)
        case .feedback: FigureText.number(value, digits: 3, from: other)
        case .tag, .metric: "\(value)"
        }
    }

    /// What a figure rests on: not every trace tells it, and feedback may be given more than once of a trace.
    fileprivate func sample(_ count: Int, of all: Int) -> String {
        if case .feedback = self { return " in \(count.text("assessment")) of \(all.text("trace"))" }
        return " in " + (count == all ? "" : "\(count) of ") + all.text("trace")
    }
}

extension Int {
    /// A number of things.
    fileprivate func text(_ thing: String) -> String { "\(self) \(thing)\(self == 1 ? "" : "s")" }
}
