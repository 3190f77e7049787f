import Support

/// What has to be so before a version is promoted, such as `errors <= 1% since 7d`.
package struct Gate: Hashable, Sendable {
    /// What is looked at.
    package enum Subject: Hashable, Sendable {
        /// The share of the version's traces that failed.
        case errors
        /// How long its traces took.
        case latencyMean, latencyP50, latencyP95
        /// What its traces cost, in the mean, in dollars.
        case cost
        /// How many tokens its traces took and gave, in the mean.
        case tokens, inputTokens, outputTokens
        /// How many traces it has.
        case traces
        /// The mean of feedback of this name.
        case feedback(String)
        /// A tag of the version.
        case tag(String)
        /// A metric of an MLflow run.
        case metric(run: String, name: String)

        /// Whether it is read from traces.
        package var isOfTraces: Bool {
            switch self {
            case .tag, .metric: false
            default: true
            }
        }
    }

    /// How it is compared.
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case atMost = "<="
        case atLeast = ">="
        case less = "<"
        case more = ">"
        case equal = "="
        case unequal = "!="
    }

    /// What it is compared with.
    package enum Limit: Hashable, Sendable {
        /// A number: a share, milliseconds, dollars, or what is counted.
        case number(Double)
        /// So much more or less than the version that is replaced: 0.1 is a tenth more.
        case change(Double)
        /// A text.
        case text(String)
    }

    /// The gate as it is written.
    package let text: String
    /// What is looked at.
    package let subject: Subject
    /// How it is compared.
    package let comparison: Comparison
    /// With what.
    package let limit: Limit
    /// How old the traces may be, in milliseconds; nil: as old as they are.
    package var age: Int?

    /// Why a text is no gate.
    package struct Problem: Error, Hashable, Sendable {
        /// What is wrong, as a sentence without its full stop.
        package let message: String
        /// What to write instead.
        package var hint: String?
    }

    /// Reads a gate.
    ///
    /// - Parameter text: Such as `latency_p95 <= 2s`, `cost <= +10%`, `tag.tested = true` or
    ///   `run.RUN_ID metrics.accuracy >= 0.9`.
    /// - Throws: `Problem`.
    package init(_ text: String) throws(Problem) {
        let signs = Array(text.utf8)
        let symbols = Array("<>=!".utf8)
        guard let first = signs.firstIndex(where: symbols.contains) else {
            throw Problem(
                message: "'\(text)' compares nothing", hint: "write it as errors <= 1% or traces >= 50")
        }
        let end = signs[first...].firstIndex { !symbols.contains($0) } ?? signs.endIndex
        let word = String(decoding: signs[first..<end], as: UTF8.self)
        let name = String(decoding: signs[..<first], as: UTF8.self).trimmed()
        var value = String(decoding: signs[end...], as: UTF8.self).trimmed()
        guard let comparison = Comparison(rawValue: word == "==" ? "=" : word) else {
            throw Problem(
                message: "'\(word)' is no comparison",
                hint: "use one of \(Comparison.allCases.map(\.rawValue).joined(separator: " "))")
        }
        let subject = try Self.subject(name)
        if subject.isOfTraces { age = try Self.takeAge(from: &value) }
        limit = try Self.limit(value, of: subject, comparison)
        (self.text, self.subject, self.comparison) = (text.trimmed(), subject, comparison)
    }

    /// Whether another gate asks the same, however it is written.
    package func asksTheSame(as other: Gate) -> Bool {
        (subject, comparison, age) == (other.subject, other.comparison, other.age) && limit == other.limit
    }

    // MARK: - Parts

    private static let names: [(String, Subject)] = [
        ("errors", .errors), ("latency_mean", .latencyMean), ("latency_p50", .latencyP50),
        ("latency_p95", .latencyP95), ("cost", .cost), ("tokens", .tokens), ("input_tokens", .inputTokens),
        ("output_tokens", .outputTokens), ("traces", .traces),
    ]
    private static let forms = ["feedback.NAME", "tag.KEY", "run.RUN_ID metrics.NAME"]

    private static func subject(_ name: String) throws(Problem) -> Subject {
        if let known = names.first(where: { $0.0 == name }) { return known.1 }
        let words = name.split(separator: " ").map(String.init)
        if words.count == 1, let key = name.rest(after: "feedback.") { return .feedback(key) }
        if words.count == 1, let key = name.rest(after: "tag.") { return .tag(key) }
        if words.count == 2, let run = words[0].rest(after: "run."),
            let key = words[1].rest(after: "metrics.")
        {
            return .metric(run: run, name: key)
        }
        let all = names.map(\.0)
        throw Problem(
            message: name.isEmpty
                ? "a gate begins with what it looks at" : "'\(name)' is nothing that a gate looks at",
            hint: didYouMean(name, in: all) ?? "it looks at \((all + forms).joined(separator: ", "))")
    }

    /// Takes `since 7d` off the end of a value.
    private static func takeAge(from value: inout String) throws(Problem) -> Int? {
        let words = value.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "since") else { return nil }
        guard place == words.count - 2, let age = milliseconds(ofAge: words[place + 1]) else {
            throw Problem(
                message: "'since' is followed by an age and nothing else", hint: "write it as since 7d")
        }
        value = words[..<place].joined(separator: " ")
        return age
    }

    private static func limit(
        _ value: String, of subject: Subject, _ comparison: Comparison
    ) throws(Problem) -> Limit {
        if case .tag = subject {
            guard [.equal, .unequal].contains(comparison) else {
                throw Problem(message: "a tag is compared with = or !=, and not with \(comparison.rawValue)")
            }
            guard !value.isEmpty else { throw Problem(message: "the tag is compared with nothing") }
            return .text(value)
        }
        let isChange = value.hasPrefix("+") || value.hasPrefix("-") && value.hasSuffix("%")
        if isChange {
            guard value.hasSuffix("%"), let number = number(value.dropLast()) else {
                throw Problem(
                    message: "'\(value)' is no change", hint: "a change is in percent, such as +10%")
            }
            if case .metric = subject {
                throw Problem(message: "a metric of a run is compared with a number, and not with a change")
            }
            return .change(number / 100)
        }
        guard let number = amount(value, of: subject) else {
            throw Problem(message: "'\(value)' is no limit of \(subject.noun)", hint: subject.form)
        }
        if subject == .errors {
            let isPercent = value.hasSuffix("%")
            // At most all of them may fail, which is no limit; 1 is likely to be meant as a percentage.
            if number > 1 || number == 1 && (!isPercent || comparison == .atMost) {
                throw Problem(
                    message: "errors are a share of the traces, and '\(value)' is all of them or more",
                    hint:
                        "write it as errors \(comparison.rawValue) \(isPercent || number > 100 ? "1" : value)%"
                )
            }
        }
        return .number(number)
    }

    /// An amount in the units of what is looked at.
    private static func amount(_ value: String, of subject: Subject) -> Double? {
        switch subject {
        case .errors:
            return value.hasSuffix("%") ? number(value.dropLast()).map { $0 / 100 } : number(value[...])
        case .latencyMean, .latencyP50, .latencyP95:
            if value.hasSuffix("ms") { return number(value.dropLast(2)) }
            if value.hasSuffix("s") { return number(value.dropLast()).map { $0 * 1_000 } }
            return value.hasSuffix("m") ? number(value.dropLast()).map { $0 * 60_000 } : nil
        case .cost: return number(value.hasPrefix("$") ? value.dropFirst() : value[...])
        case .tokens, .inputTokens, .outputTokens, .traces, .feedback, .metric: return number(value[...])
        case .tag: return nil
        }
    }

    /// A number in decimals.
    private static func number(_ text: Substring) -> Double? {
        let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text
        guard digits.utf8.first.map(isDigit) == true, digits.utf8.last.map(isDigit) == true,
            digits.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        return Double(text)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    /// The form as a regular expression of JSON Schema.
    static let expression: String = {
        let comparison = "\\s*(?:<=|>=|<|>|==?|!=)\\s*"
        let number = "[0-9]+(?:\\.[0-9]+)?"
        let since = "(?:\\s+since\\s+[1-9][0-9]*[smhdw])?"
        let change = "[+-]\(number)%"
        let metrics =
            "(?:errors\(comparison)(?:\(change)|-?\(number)%|-?0(?:\\.[0-9]+)?)"
            + "|latency_(?:mean|p50|p95)\(comparison)(?:\(change)|-?\(number)(?:ms|s|m))"
            + "|cost\(comparison)(?:\(change)|\\$?-?\(number))"
            + "|(?:tokens|input_tokens|output_tokens|traces|feedback\\.[^\\s<>=!]+)\(comparison)"
            + "(?:\(change)|-?\(number)))\(since)"
        let others =
            "tag\\.[^\\s<>=!]+\\s*(?:==?|!=)\\s*\\S.*|run\\.[^\\s<>=!]+\\s+metrics\\.[^\\s<>=!]+\(comparison)-?\(number)"
        return "^\\s*(?:\(metrics)|\(others))\\s*$"
    }()
}

extension Gate.Subject {
    /// What it is in a sentence.
    fileprivate var noun: String {
        switch self {
        case .errors: "errors"
        case .latencyMean, .latencyP50, .latencyP95: "a latency"
        case .cost: "a cost"
        case .tokens, .inputTokens, .outputTokens: "tokens"
        case .traces: "traces"
        case .feedback: "feedback"
        case .tag: "a tag"
        case .metric: "a metric"
        }
    }

    /// How its limit is written.
    fileprivate var form: String {
        switch self {
        case .errors: "write it as 1% or 0.01"
        case .latencyMean, .latencyP50, .latencyP95:
            "write it with a unit, as 2s or 300ms, or as a change, as +10%"
        case .cost: "write it in dollars, as 0.01, or as a change, as +10%"
        default: "write it as a number such as 0.8"
        }
    }
}

extension String {
    /// What follows a prefix; nil where it does not begin so, or nothing follows.
    fileprivate func rest(after prefix: String) -> String? {
        hasPrefix(prefix) && utf8.count > prefix.utf8.count ? String(dropFirst(prefix.count)) : nil
    }
}

extension TextPattern {
    /// What has to be so before a version is promoted.
    static let gate = TextPattern(expression: Gate.expression) { text in
        do throws(Gate.Problem) {
            _ = try Gate(text)
            return nil
        } catch {
            return error.message
        }
    } hint: { text in
        do throws(Gate.Problem) {
            _ = try Gate(text)
            return nil
        } catch {
            return error.hint
        }
    }
}
