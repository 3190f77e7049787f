import ArgumentParsing
import Prompts
import Support

/// Reads values that several commands take.
enum ArgumentReader {
    /// A catalog or a schema.
    static func level(_ text: String) throws(ArgumentProblem) -> String? {
        if let problem = NameRules.problem(withLevel: text) { throw ArgumentProblem(problem) }
        return text
    }

    /// An alias.
    static func alias(_ text: String) throws(ArgumentProblem) -> String {
        if let problem = NameRules.problem(withAlias: text) { throw ArgumentProblem(problem) }
        return text
    }

    /// An alias that need not be given.
    static func optionalAlias(_ text: String) throws(ArgumentProblem) -> String? { try alias(text) }

    /// An experiment, by its name or id.
    static func experiment(_ text: String) throws(ArgumentProblem) -> String {
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw ArgumentProblem("it is neither a name nor an id")
        }
        return text
    }

    /// How long ago something was, in milliseconds: written as that, or as the time when it was.
    static func age(_ text: String, at now: Int) throws(ArgumentProblem) -> Int {
        if let time = milliseconds(ofTimestamp: text) { return now - time }
        guard let age = milliseconds(ofAge: text) else {
            let times = [text + "Z", text + ":00Z"]
            if let time = times.first(where: { milliseconds(ofTimestamp: $0) != nil }) {
                throw ArgumentProblem(
                    "it names no time zone: \(time) is UTC, and +02:00 in place of Z another one")
            }
            throw ArgumentProblem("it is neither a time such as 2026-11-21 nor an age such as 7d or 12h")
        }
        return age
    }

    /// The number of a version.
    static func version(_ text: String) throws(ArgumentProblem) -> Int? {
        guard let number = PromptVersion.number(parsing: text) else {
            throw ArgumentProblem("it is not a version number")
        }
        return number
    }
}
