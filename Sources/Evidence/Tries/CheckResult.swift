package import Jobs
import Support

/// How an answer did in one check.
package struct CheckResult: Hashable, Sendable {
    /// The check.
    package var check: AnswerCheck
    /// Whether it passed.
    package var isPassed: Bool
    /// What was found, in short.
    package var actual: String

    /// The most characters of an answer that are told.
    private static let longestActual = 400

    /// What is checked of an answer.
    package struct Answer: Sendable {
        /// The text.
        package var text: String
        /// How long it took, in milliseconds.
        package var milliseconds: Int
        /// How many tokens request and answer took; nil where the endpoint does not say.
        package var tokens: Int?
        /// What it cost, in dollars; nil where that is not known.
        package var cost: Double?

        /// An answer.
        package init(text: String, milliseconds: Int, tokens: Int?, cost: Double?) {
            (self.text, self.milliseconds, self.tokens, self.cost) = (text, milliseconds, tokens, cost)
        }
    }

    /// A check that there was no answer for.
    package init(_ check: AnswerCheck, failure: String) {
        (self.check, isPassed, actual) = (check, false, failure)
    }

    /// Checks an answer.
    package init(_ check: AnswerCheck, _ answer: Answer) {
        self.check = check
        let text = answer.text
        let told = text.count > Self.longestActual ? text.prefix(Self.longestActual) + "…" : text[...]
        let limit = Double(check.expected) ?? 0
        switch check.kind {
        case .contains: (isPassed, actual) = (text.contains(check.expected), String(told))
        case .notContains: (isPassed, actual) = (!text.contains(check.expected), String(told))
        case .equals: (isPassed, actual) = (text.trimmed() == check.expected.trimmed(), String(told))
        case .matches:
            let regex = try? Regex(check.expected)
            (isPassed, actual) = (regex.map { text.contains($0) } ?? false, String(told))
        case .jsonSchema:
            guard let value = try? JSONValue(parsing: text),
                let schema = try? JSONValue(parsing: check.expected)
            else {
                (isPassed, actual) = (false, "the answer is not JSON: \(told)")
                return
            }
            let mismatch = AnswerSchema.mismatch(value, schema)
            (isPassed, actual) = (mismatch == nil, mismatch ?? String(told))
        case .maxSeconds:
            let seconds = Double(answer.milliseconds) / 1_000
            (isPassed, actual) = (seconds <= limit, "\(seconds.fixed(3)) s")
        case .maxTokens:
            guard let tokens = answer.tokens else {
                (isPassed, actual) = (false, "the endpoint tells no tokens")
                return
            }
            (isPassed, actual) = (Double(tokens) <= limit, "\(tokens) tokens")
        case .maxCost:
            guard let cost = answer.cost else {
                (isPassed, actual) = (false, "the cost is not known; --price tells it")
                return
            }
            (isPassed, actual) = (cost <= limit, "$\(cost.fixed(6))")
        }
    }
}
