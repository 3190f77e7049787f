import Evidence
import Support
import Tracing

/// Words for the figures of traces.
enum TraceWording {
    /// The mark of a difference that may be chance.
    static let mark = "(?)"
    /// What the mark means.
    static let legend =
        "\(mark) may be chance: too few traces, or too little difference (p ≥ \(fixed(Significance.level, 2)) in Fisher's "
        + "exact test for error rates, and in Welch's t-test for means)"

    /// A table's titles.
    static let titles = [
        "VERSION", "ALIASES", "TRACES", "ERRORS", "MEAN", "P50", "P95", "TOKENS IN", "OUT", "COST",
        "FEEDBACK",
    ]

    /// The fields of a version's row.
    static func fields(_ version: TraceComparison.Version) -> [String] {
        let figures = version.figures
        return [
            "v\(version.number)", version.aliases.joined(separator: ", "), Quantity.grouped(figures.traces),
            figures.errorRate.map(share) ?? "", figures.latency.map { time($0.mean) } ?? "",
            figures.latencyP50.map(time) ?? "", figures.latencyP95.map(time) ?? "",
            figures.inputTokens.map { count($0.mean) } ?? "",
            figures.outputTokens.map { count($0.mean) } ?? "", figures.cost.map { money($0.mean) } ?? "",
            figures.feedback.sorted { $0.key < $1.key }.map(feedback).joined(separator: ", "),
        ]
    }

    /// The versions that are worth a row: those with traces, with aliases, and the one compared with.
    static func shown(_ prompt: TraceComparison.Prompt) -> [TraceComparison.Version] {
        prompt.versions.filter { $0.figures.traces > 0 || !$0.aliases.isEmpty || $0.number == prompt.base }
    }

    private static func feedback(_ name: String, _ given: TraceFigures.Feedback) -> String {
        let mean = given.numbers.map { " \(fixed($0.mean, 2))" } ?? ""
        return "\(name)\(mean) (\(Quantity.grouped(given.count)))"
    }

    // MARK: Differences

    /// How a version differs from the one compared with, such as `28.0 % faster`; none where nothing does.
    static func differences(_ version: TraceComparison.Version) -> [String] {
        guard let difference = version.difference else { return [] }
        var words: [String] = []
        if let rate = difference.errorRate, rate.value != rate.base {
            words.append("errors \(share(rate.value)) after \(share(rate.base))" + doubt(rate))
        }
        words += [
            change(difference.latency, "faster", "slower"),
            change(difference.inputTokens, "fewer input tokens", "more input tokens"),
            change(difference.outputTokens, "fewer output tokens", "more output tokens"),
            change(difference.cost, "cheaper", "dearer"),
        ].compactMap(\.self)
        words += difference.feedback.sorted { $0.key < $1.key }.filter { $0.value.value != $0.value.base }.map
        {
            "\($0.key) \(fixed($0.value.value, 2)) after \(fixed($0.value.base, 2))" + doubt($0.value)
        }
        return words
    }

    private static func change(_ difference: FigureDifference?, _ less: String, _ more: String) -> String? {
        guard let difference, let percent = difference.percent, percent != 0 else { return nil }
        return "\(fixed(abs(percent), 1)) % \(percent < 0 ? less : more)" + doubt(difference)
    }

    private static func doubt(_ difference: FigureDifference) -> String {
        difference.isSignificant ? "" : " \(mark)"
    }

    // MARK: Numbers

    /// A share such as `2.5 %`.
    static func share(_ share: Double) -> String { fixed(share * 100, 1) + " %" }

    /// A time in milliseconds, such as `1.8 s`.
    static func time(_ milliseconds: Double) -> String {
        milliseconds < 1_000 ? fixed(milliseconds, 0) + " ms" : fixed(milliseconds / 1_000, 2) + " s"
    }

    /// A mean of whole numbers.
    static func count(_ number: Double) -> String { fixed(number, 1) }

    /// An amount of dollars, with as many digits as small ones need.
    static func money(_ dollars: Double) -> String { "$" + fixed(dollars, abs(dollars) < 1 ? 5 : 2) }

    /// A number with so many digits after the point.
    static func fixed(_ number: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        guard number.isFinite, abs(number) * scale < 1e15 else { return "\(number)" }
        let scaled = Int((abs(number) * scale).rounded())
        let sign = number < 0 && scaled != 0 ? "-" : ""
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int(scale))
        if digits == 0 { return sign + Quantity.grouped(whole) }
        let text = String(rest)
        return sign + Quantity.grouped(whole) + "." + String(repeating: "0", count: digits - text.count)
            + text
    }
}
