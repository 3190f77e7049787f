import Glibc
import Prompts

/// What a command works on that takes a job as well as a prompt.
enum CommandSubject: Hashable, Sendable {
    /// A job, by the path of its spec.
    case job(path: String)
    /// A prompt or one of its versions.
    case prompt(PromptURI)

    /// Tells which of both an argument is.
    ///
    /// A job is what ends as a spec does, what is written as a path, and any file that is there; `prompts:/` in front
    /// always makes it a prompt.
    ///
    /// - Parameters:
    ///   - text: The argument.
    ///   - console: Told what is wrong with it.
    /// - Throws: `ExitCode`, after the reason was reported.
    init(_ text: String, console: Console) throws(ExitCode) {
        if Self.isPath(text) {
            self = .job(path: text)
        } else {
            self = .prompt(try PromptURI(argument: text, console: console))
        }
    }

    /// Whether an argument is a job's path.
    static func isPath(_ text: String) -> Bool {
        if text.hasPrefix("prompts:/") { return false }
        let beginnings = ["/", "./", "../"]
        let endings = [".yaml", ".yml"]
        if beginnings.contains(where: text.hasPrefix) || endings.contains(where: text.lowercased().hasSuffix)
        {
            return true
        }
        var status = stat()
        return stat(text, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }
}

extension PromptURI {
    /// Reads an address from the command line.
    ///
    /// - Parameters:
    ///   - argument: The argument.
    ///   - console: Told what is wrong with it.
    /// - Throws: `ExitCode`, after the reason was reported.
    init(argument: String, console: Console) throws(ExitCode) {
        do {
            try self.init(argument)
        } catch {
            console.error(error.message, hint: error.hint)
            throw ExitCode.usage
        }
    }
}
