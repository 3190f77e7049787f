/// Why a command line cannot be understood.
package struct UsageError: Error, Hashable, Sendable {
    /// What is wrong with it.
    package enum Reason: Error, Hashable, Sendable {
        /// No command was named.
        case missingCommand
        /// There is no such command.
        case unknownCommand(String)
        /// The command has no such flag, as it was written.
        case unknownFlag(String)
        /// The flag belongs to these commands, and stands before the command's name.
        case flagBeforeCommand(String, commands: [String])
        /// The flag needs a value; `found` is the flag that stands in its place.
        case missingValue(flag: String, metavar: String, found: String?)
        /// The switch was given a value.
        case unexpectedValue(flag: String, value: String)
        /// The flag has one value, and was given twice.
        case repeatedFlag(String)
        /// The value is none of the possible ones; `subject` is the flag, or the argument's name in help.
        case invalidChoice(subject: String, value: String, choices: [String])
        /// The value cannot be used; raised by those who give the texts their meaning.
        case invalidValue(subject: String, value: String, problem: String)
        /// The two flags exclude each other; raised by those who act on them.
        case conflictingFlags(String, String)
        /// The argument with this name in help is missing.
        case missingArgument(String)
        /// There is one argument too many.
        case unexpectedArgument(String)
    }

    /// What is wrong.
    package let reason: Reason
    /// The program's name.
    package let program: String
    /// The command that the line is for, where that is known.
    package let command: String?
    /// The existing word that the user may have meant.
    package let suggestion: String?

    /// An error.
    ///
    /// - Parameters:
    ///   - reason: What is wrong.
    ///   - program: The program's name.
    ///   - command: The command that the line is for, where that is known.
    ///   - suggestion: The existing word that the user may have meant.
    package init(_ reason: Reason, program: String, command: String? = nil, suggestion: String? = nil) {
        self.reason = reason
        self.program = program
        self.command = command
        self.suggestion = suggestion
    }

    /// What is wrong, as a sentence without its full stop; it quotes the user's words as they are.
    package var message: String {
        switch reason {
        case .missingCommand: "no command was given"
        case .unknownCommand(let word): "unknown command '\(word)'"
        case .unknownFlag(let word): "unknown flag '\(word)'"
        case .flagBeforeCommand(let word, _): "'\(word)' belongs after the command's name"
        case .missingValue(let flag, let metavar, _): "'\(flag)' needs a value, \(metavar)"
        case .unexpectedValue(let flag, let value): "'\(flag)' takes no value, and was given '\(value)'"
        case .repeatedFlag(let flag): "'\(flag)' was given twice"
        case .invalidChoice(let subject, let value, let choices):
            "invalid value '\(value)' for '\(subject)' (expected \(Self.alternatives(choices)))"
        case .invalidValue(let subject, let value, let problem):
            "invalid value '\(value)' for '\(subject)': \(problem)"
        case .conflictingFlags(let flag, let other): "'\(flag)' cannot be used with '\(other)'"
        case .missingArgument(let metavar): "the argument \(metavar) is missing"
        case .unexpectedArgument(let word): "unexpected argument '\(word)'"
        }
    }

    /// What to do about it.
    package var hint: String? {
        if let suggestion { return "did you mean '\(suggestion)'?" }
        switch reason {
        case .flagBeforeCommand(let word, let commands):
            return "write '\(program) \(commands.first ?? "COMMAND") \(word)'"
        case .missingValue(let flag, _, let found?):
            return "write '\(flag)=\(found)' if '\(found)' is the value"
        default:
            return "run '\(([program, command].compactMap(\.self) + ["--help"]).joined(separator: " "))'"
        }
    }

    /// Choices in a sentence, such as `bash, zsh or fish`.
    private static func alternatives(_ choices: [String]) -> String {
        guard let last = choices.last, choices.count > 1 else { return choices.joined() }
        return choices.dropLast().joined(separator: ", ") + " or " + last
    }
}
