/// A shell that the program's words can be completed in.
package enum Shell: String, CaseIterable, Sendable {
    /// GNU Bash, 4 and later.
    case bash
    /// The Z shell, with its `compinit`.
    case zsh
    /// The friendly interactive shell, 3 and later.
    case fish
}

/// Scripts that complete a program's commands, flags and values in a shell.
package enum Completions {
    /// The script for a shell, to be sourced or put where the shell looks for completions.
    ///
    /// - Parameters:
    ///   - shell: The shell.
    ///   - program: The program.
    /// - Returns: The script, ended by a newline.
    package static func script(for shell: Shell, _ program: Program) -> String {
        switch shell {
        case .bash: bash(program)
        case .zsh: zsh(program)
        case .fish: fish(program)
        }
    }

    /// The prefix of the script's functions: the program's name as shells allow it in theirs.
    static func functionPrefix(_ program: Program) -> String {
        "_" + program.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }

    /// A text as one word of bash and zsh, in quotes only where it needs them.
    static func word(_ text: String) -> String { ShellWords.isPlain(text) ? text : quoted(text) }

    /// A text as one word of bash and zsh, with nothing in it expanded.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
