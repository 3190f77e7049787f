extension Completions {
    /// The script for fish.
    package static func fish(_ program: Program) -> String {
        let prefix = "_" + functionPrefix(program)
        let context = FishContext(program: program, prefix: prefix)
        let lines =
            ["complete -c \(program.name) -f"]
            + program.allCommands.map {
                context.complete("\(prefix)_at -eq 0", "-a \($0.name) -d \(FishContext.quoted($0.summary))")
            }
            + program.globalFlags.map { context.line($0, of: nil) }
            + program.allCommands.flatMap { command in
                command.flags.map { context.line($0, of: command) }
                    + command.positionals.enumerated().compactMap { index, positional in
                        context.line(positional, index: index, of: command)
                    }
            }
        return """
            # Completion of \(program.name) for fish.

            \(context.functions())

            \(lines.joined(separator: "\n"))

            """
    }
}

/// Builds the lines of a script for fish.
private struct FishContext {
    let program: Program
    let prefix: String

    /// A pattern that matches no word.
    private static let nothing = "(?!)"

    /// A line of the script that offers something under a condition.
    func complete(_ condition: String, _ offer: String) -> String {
        "complete -c \(program.name) -n \(Self.quoted(condition)) \(offer)"
    }

    /// The line for a flag; the command is nil for a global flag.
    func line(_ flag: Flag, of command: Command?) -> String {
        let pattern =
            flag.isRepeatable ? Self.nothing : "^(\(presence(of: flag, in: command).joined(separator: "|")))"
        let condition = ["\(prefix)_lacks", Self.quoted(pattern), command?.name].compactMap(\.self)
        let names = (flag.short.map { "-s \($0) " } ?? "") + "-l \(flag.name)"
        let value = flag.value.map { " -r \(offer($0))" } ?? ""
        return complete(
            condition.joined(separator: " "), "\(names)\(value) -d \(Self.quoted(flag.help))")
    }

    /// The line for an argument; nil when there is nothing to offer.
    func line(_ positional: Positional, index: Int, of command: Command) -> String? {
        guard positional.value.kind != .text else { return nil }
        let operation = positional.isVariadic ? "-gt" : "-eq"
        let number = positional.isVariadic ? index : index + 1
        return complete("\(prefix)_at \(operation) \(number) \(command.name)", offer(positional.value))
    }

    /// The functions that the conditions call.
    func functions() -> String {
        """
        # Whether a word is a flag of a command and the next word is its value.
        function \(prefix)_takes_value -a command word
            switch $command
        \(valueCases())
            end
        end

        # Prints the command and the arguments before the cursor, without the flags and their values.
        function \(prefix)_words
            set -l command ''
            set -l skip 0
            set -l ended 0
            for word in (commandline -opc)[2..-1]
                if test $skip -eq 1
                    set skip 0
                else if test $ended -eq 1; or not string match -q -- '-?*' $word
                    test -n "$command"; or set command $word
                    echo -- $word
                else if test $word = --
                    set ended 1
                else if \(prefix)_takes_value "$command" $word
                    set skip 1
                end
            end
        end

        # Whether there are so many words, by an operator of test, and the first is the command, if given.
        function \(prefix)_at -a operator number command
            set -l words (\(prefix)_words)
            test (count $words) $operator $number; or return
            test -z "$command"; or test "$words[1]" = $command
        end

        # Whether no flag before the cursor matches a pattern, and the command is the one given, if any.
        function \(prefix)_lacks -a pattern command
            set -l words (\(prefix)_words)
            test -z "$command"; or test "$words[1]" = $command; or return
            set -l given (commandline -opc)
            # A flag whose value is being completed is not there yet.
            \(prefix)_takes_value "$words[1]" $given[-1]; and set -e given[-1]
            not string match -qr -- $pattern $given
        end
        """
    }

    /// The branches, one a command, that match the flags whose value is the next word.
    private func valueCases() -> String {
        let commands: [Command?] = program.allCommands.map(\.self) + [nil]
        return commands.map { command in
            let valued = program.flags(for: command).filter { $0.value != nil }
            let long = valued.map(\.spelling)
            let short = valued.compactMap { flag in flag.short.map { "-\(switches(of: command))\($0)" } }
            let pattern = "^(\((long + short).joined(separator: "|")))$"
            return """
                        case \(command.map { $0.name } ?? "'*'")
                            string match -qr -- \(Self.quoted(valued.isEmpty ? Self.nothing : pattern)) $word
                """
        }.joined(separator: "\n")
    }

    /// The patterns of words that contain a flag, alone or after switches.
    private func presence(of flag: Flag, in command: Command?) -> [String] {
        let long = "\(flag.spelling)(=|$)"
        return [long] + (flag.short.map { ["-\(switches(of: command))\($0)"] } ?? [])
    }

    /// The pattern of switches that may precede another letter.
    private func switches(of command: Command?) -> String {
        let flags = command.map { program.flags(for: $0) } ?? program.allCommands.flatMap(program.flags(for:))
        let letters = Set(flags.filter { $0.value == nil }.compactMap(\.short)).sorted()
        return letters.isEmpty ? "" : "[\(String(letters))]*"
    }

    private func offer(_ value: ArgumentValue) -> String {
        switch value.kind {
        case .text: "-f"
        case .file: "-F"
        case .names(let kind, let orFile):
            (orFile ? "-F" : "-f") + " -a "
                + Self.quoted(
                    "(\(program.name) \(Completions.namesCommand) \(kind)=(commandline -ct) (commandline -opc)[2..-1] 2>/dev/null)"
                )
        case .directory:
            "-f -a \(Self.quoted("(__fish_complete_directories (commandline -ct | string replace -r -- '^--[^=]*=' ''))"))"
        case .choice(let choices):
            "-f -a "
                + Self.quoted(
                    choices.map { Completions.isPlain($0) ? $0 : Self.quoted($0) }.joined(separator: " "))
        }
    }

    /// A text as one quoted word of fish, in which nothing is expanded.
    static func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
    }
}
