import Evidence
import Support
import Tracing

/// Words for the figures of traces.
enum TraceWording {
    /// The mark of a difference that may be chance.
    static let mark = "(?)"
    /// What the mark means.
    static func legend(_ comparison: TraceComparison) -> String {
        "\(mark) may be chance: too few \(counted(comparison)), or too little difference "
            + "(p ≥ \(Significance.level.fixed(2)) in Fisher's exact test for error rates and yes or no, and in Welch's "
            + "t-test for means)"
    }

    /// What is counted of each version.
    private static func counted(_ comparison: TraceComparison) -> String {
        comparison.countsCalls ? "calls" : "traces"
    }

    /// A table's titles.
    static func titles(_ comparison: TraceComparison) -> [String] {
        [
            "VERSION", "ALIASES", counted(comparison).uppercased(), "ERRORS", "MEAN", "P50", "P95",
            "TOKENS IN", "OUT", "COST", "FEEDBACK",
        ]
    }

    /// The fields of a version's row.
    static func fields(_ version: TraceComparison.Version) -> [String] {
        let figures = version.figures
        return [
            "v\(version.number)", version.aliases.listed(20), Quantity.grouped(figures.traces),
            figures.errorRate.map { FigureText.share($0) } ?? "",
            figures.latency.map { FigureText.time($0.mean) } ?? "",
            figures.latencyP50.map { FigureText.time($0) } ?? "",
            figures.latencyP95.map { FigureText.time($0) } ?? "",
            figures.inputTokens.map { FigureText.count($0.mean) } ?? "",
            figures.outputTokens.map { FigureText.count($0.mean) } ?? "",
            figures.cost.map { FigureText.money($0.mean) } ?? "",
            figures.feedback.sorted { $0.key < $1.key }.map(feedback).joined(separator: ", "),
        ]
    }

    /// The versions that are worth a row: those with traces, with aliases, and the one compared with.
    static func shown(_ prompt: TraceComparison.Prompt) -> [TraceComparison.Version] {
        prompt.versions.filter { $0.figures.traces > 0 || !$0.aliases.isEmpty || $0.number == prompt.base }
    }

    private static func feedback(_ name: String, _ given: TraceFigures.Feedback) -> String {
        let mean = given.numbers.map { " \(FigureText.number($0.mean, digits: 2))" } ?? ""
        let numbers = given.numbers.map(\.count) ?? given.count
        let share = numbers == given.count ? "" : "\(Quantity.grouped(numbers)) of "
        return "\(name)\(mean) (\(share)\(Quantity.grouped(given.count)))"
    }

    // MARK: Differences

    /// The titles as words of a sentence are written.
    static func capitalizedTitles(_ comparison: TraceComparison) -> [String] {
        titles(comparison).map { String($0.prefix(1)) + $0.dropFirst().lowercased() }
    }

    /// How the versions that are worth a row differ from the one compared with, such as `v2 against v1: 28.0 % faster`.
    static func comparisons(_ prompt: TraceComparison.Prompt) -> [(versions: String, words: String)] {
        guard let base = prompt.base else { return [] }
        return shown(prompt).compactMap { version in
            let words = differences(version)
            if words.isEmpty { return nil }
            return ("v\(version.number) against v\(base): ", words.joined(separator: ", "))
        }
    }

    /// How a version differs from the one compared with, such as `28.0 % faster`; none where nothing does.
    static func differences(_ version: TraceComparison.Version) -> [String] {
        guard let difference = version.difference else { return [] }
        var words: [String] = []
        if let rate = difference.errorRate, rate.value != rate.base {
            words.append(
                "errors \(FigureText.share(rate.value, from: rate.base)) after "
                    + FigureText.share(rate.base, from: rate.value) + doubt(rate))
        }
        words += [
            change(difference.latency, "faster", "slower"),
            change(difference.inputTokens, "fewer input tokens", "more input tokens"),
            change(difference.outputTokens, "fewer output tokens", "more output tokens"),
            change(difference.cost, "cheaper", "dearer"),
        ].compactMap(\.self)
        words += difference.feedback.sorted { $0.key < $1.key }.filter { $0.value.value != $0.value.base }.map
        {
            let (value, base) = ($0.value.value, $0.value.base)
            return "\($0.key) \(FigureText.number(value, digits: 2, from: base)) after "
                + FigureText.number(base, digits: 2, from: value) + doubt($0.value)
        }
        return words
    }

    private static func change(_ difference: FigureDifference?, _ less: String, _ more: String) -> String? {
        guard let difference, let percent = difference.percent, percent != 0 else { return nil }
        return "\(FigureText.number(abs(percent), digits: 1)) % \(percent < 0 ? less : more)"
            + doubt(difference)
    }

    private static func doubt(_ difference: FigureDifference) -> String {
        difference.isSignificant ? "" : " \(mark)"
    }
}
