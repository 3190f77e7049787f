package import Diagnostics
package import Templates

/// What is asked of a prompt, and what the answer has to be like.
package struct TryCase: Hashable, Sendable {
    /// What it is called in reports: its name, else its place in the file.
    package var name: String
    /// The prompt: its name in the job, or its full name.
    package var prompt: String
    /// Where the prompt is named.
    package var location: SourceLocation
    /// The values of its variables.
    package var values: [TemplateValue]
    /// What the answer has to be like.
    package var checks: [AnswerCheck]
}

/// What an answer has to be like in one respect.
package struct AnswerCheck: Equatable, Hashable, Sendable {
    /// The kinds of checks, as they are written.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A text is in the answer, or is not.
        case contains
        case notContains = "not_contains"
        /// The answer is a text, blanks at the ends aside.
        case equals
        /// A regular expression matches somewhere in the answer.
        case matches
        /// The answer is JSON that fits a schema.
        case jsonSchema = "json_schema"
        /// The answer takes at most so many seconds, tokens in and out, or dollars.
        case maxSeconds = "max_seconds"
        case maxTokens = "max_tokens"
        case maxCost = "max_cost"
    }

    /// What is checked.
    package var kind: Kind
    /// The text, the expression, the number, or the schema as JSON.
    package var expected: String

    /// A check.
    package init(_ kind: Kind, _ expected: String) { (self.kind, self.expected) = (kind, expected) }
}
