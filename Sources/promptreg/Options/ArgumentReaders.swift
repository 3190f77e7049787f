import ArgumentParsing
import Prompts

/// Reads values that several commands take.
enum ArgumentReader {
    /// A catalog or a schema.
    static func level(_ text: String) throws(ArgumentProblem) -> String? {
        if text.isEmpty { throw ArgumentProblem("it is empty") }
        if text.contains(".") { throw ArgumentProblem("a catalog or a schema has no dots") }
        if let problem = PromptName.problem(with: text) { throw ArgumentProblem(problem) }
        return text
    }

    /// An alias.
    static func alias(_ text: String) throws(ArgumentProblem) -> String {
        if let problem = PromptName.problem(withAlias: text) { throw ArgumentProblem(problem) }
        return text
    }

    /// An alias that need not be given.
    static func optionalAlias(_ text: String) throws(ArgumentProblem) -> String? { try alias(text) }

    /// The number of a version.
    static func version(_ text: String) throws(ArgumentProblem) -> Int? {
        guard let number = Int(text), number > 0 else {
            throw ArgumentProblem("it is not the number of a version")
        }
        return number
    }
}
