/// A shell with completions.
package enum Shell: String, CaseIterable, Sendable {
    /// GNU Bash, 4 and later.
    case bash
    /// The Z shell, with its `compinit`.
    case zsh
    /// The friendly interactive shell, 3 and later.
    case fish
}

/// Scripts that complete a program's commands, flags and values in shells.
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

    /// The first word of the command line on which scripts ask the program for names: the kind of the names, `=` and the
    /// word at the cursor follow as one word, then the words before. The program prints a name a line, and nothing where
    /// it knows none.
    package static let namesCommand = "__names"

    /// The prefix of the script's functions: the program's name, reduced to what function names may contain.
    static func functionPrefix(_ program: Program) -> String {
        "_" + program.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }.joined()
    }

    /// A text as one word of bash and zsh, quoted only where necessary.
    static func word(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// Whether a text is one word in every shell without quotes.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.,/@%+".contains($0)) }
    }

    /// A text as one quoted word of bash and zsh, in which nothing is expanded.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
