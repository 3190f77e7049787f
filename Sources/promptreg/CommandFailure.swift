import Diagnostics
import Glibc
import Prompts
import Support

/// Why a command did not do what it was for. It is thrown as a value and printed in one place, `Console.fail`.
struct CommandFailure: Error {
    /// A sentence, and what to do about it.
    struct Message: Hashable {
        /// What happened.
        var text: String
        /// What to do about it.
        var hint: String?

        /// The lines of a report.
        var lines: [String] { ["error: \(text)"] + (hint.map { ["    help: \($0)"] } ?? []) }
    }

    /// How the program ends.
    var exitCode: ExitCode
    /// What is printed; nothing where a report has said it.
    var messages: [Message] = []
    /// What was found in the user's files.
    var findings = DiagnosticList()
    /// What a registry, or what is like one, could not do.
    var error: RegistryError?
    /// Whether warnings are what failed, so that they are always printed.
    var isStrict = false

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
        self.error = error
    }

    /// What is said where `--strict` allows no warnings.
    static let warnings = "there are warnings, and --strict allows none"

    /// Warnings where `--strict` allows none.
    init(strict findings: DiagnosticList) {
        self.init(.invalidInput, Self.warnings)
        self.findings = findings
        isStrict = true
    }

    /// Findings that keep a file from being used.
    init(_ findings: DiagnosticList) {
        self.init(.invalidInput)
        self.findings = findings
    }
}

extension RegistryError {
    /// Why nothing was done, with everything that is wrong with the job or the command line.
    init(refusing specPath: String?, _ failure: CommandFailure) {
        let details =
            DiagnosticRenderer(color: false).render(failure.findings)
            .split(separator: "\n").map(String.init) + failure.messages.flatMap { $0.lines }
        let tell = { (summary: String) in ([summary] + details).joined(separator: "\n") }
        guard let specPath, failure.exitCode != .usage else {
            self.init(
                .invalidValue, tell("the command line or the environment is wrong; nothing was written"))
            return
        }
        self.init(
            .invalidValue,
            tell("the job '\(specPath)' or one of its templates is wrong; nothing was written"),
            hint: "run promptreg validate \(specPath.shellWord)")
    }
}

extension CommandFailure {
    /// The failure as reports have it.
    var json: JSONValue {
        let tell = { (finding: Diagnostic) in
            (finding.location.map { $0.text + ": " } ?? "") + finding.message
        }
        let errors = findings.withoutWarnings.diagnostics
        if let only = errors.first, errors.count == 1, messages.isEmpty {
            return [
                "code": .string(only.code.rawValue), "message": .string(tell(only)),
                "hint": JSONValue(only.help),
            ]
        }
        let lines = errors.map(tell) + messages.map(\.text)
        let code = error?.code ?? (exitCode == .usage || exitCode == .invalidInput ? .invalidValue : .failed)
        return [
            "code": .string(code.rawValue), "message": .string(lines.joined(separator: "\n")),
            "hint": JSONValue(messages.lazy.compactMap(\.hint).first),
        ]
    }
}

extension Console {
    /// Prints a failure, and ends the process.
    func fail(_ failure: CommandFailure) -> Never {
        report(failure.findings, showsWarnings: failure.isStrict)
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
