import Diagnostics
import Glibc
import Prompts

/// Why a command did not do what it was for. It is thrown as a value and printed in one place, `Console.fail`.
struct CommandFailure: Error {
    /// A sentence, and what to do about it.
    struct Message: Hashable {
        /// What happened.
        var text: String
        /// What to do about it.
        var hint: String?
    }

    /// How the program ends.
    var exitCode: ExitCode
    /// What is printed; nothing where a report has said it.
    var messages: [Message] = []
    /// What was found in the user's files.
    var findings = DiagnosticList()

    /// A failure that has been reported already.
    init(_ exitCode: ExitCode) { self.exitCode = exitCode }

    /// A failure with a message.
    init(_ exitCode: ExitCode, _ message: String, hint: String? = nil) {
        self.init(exitCode)
        messages = [Message(text: message, hint: hint)]
    }

    /// What a registry could not do.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - exitCode: How the program ends; nil: as the error's code says.
    init(_ error: RegistryError, _ exitCode: ExitCode? = nil) {
        self.init(exitCode ?? ExitCode(error), error.message, hint: error.hint)
    }

    /// Findings that keep a file from being used.
    init(_ findings: DiagnosticList) {
        self.init(.invalidInput)
        self.findings = findings
    }
}

extension Console {
    /// Prints a failure, and ends the process.
    func fail(_ failure: CommandFailure) -> Never {
        report(failure.findings)
        for message in failure.messages { error(message.text, hint: message.hint) }
        exit(failure.exitCode.rawValue)
    }
}

extension PromptURI {
    /// Reads an address from the command line.
    ///
    /// - Parameter argument: The argument.
    /// - Throws: `CommandFailure`.
    init(argument: String) throws(CommandFailure) {
        do throws(RegistryError) {
            try self.init(argument)
        } catch {
            throw CommandFailure(error, .usage)
        }
    }
}
