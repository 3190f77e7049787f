extension Program {
    /// Takes a command line apart by the conventions of GNU, and does nothing else.
    ///
    /// - Parameters:
    ///   - arguments: The words after the program's name.
    ///   - nearest: The word nearest to a mistyped one among some that exist; nil where none is near.
    /// - Returns: What the line asks for.
    /// - Throws: The first thing that is wrong with it.
    package func parse(
        _ arguments: [String],
        nearest: @escaping (_ word: String, _ names: [String]) -> String? = { _, _ in nil }
    ) throws(UsageError) -> Invocation {
        var parser = ArgumentParser(program: self, rest: arguments[...], nearest: nearest)
        return try parser.parse()
    }
}

/// One pass over a command line.
private struct ArgumentParser {
    let program: Program
    var rest: ArraySlice<String>
    let nearest: (String, [String]) -> String?

    var command: Command?
    var positionals: [String] = []
    var occurrences: [ParsedArguments.Occurrence] = []

    init(
        program: Program, rest: ArraySlice<String>, nearest: @escaping (String, [String]) -> String?
    ) {
        self.program = program
        self.rest = rest
        self.nearest = nearest
    }

    mutating func parse() throws(UsageError) -> Invocation {
        var flagsEnded = false
        while let word = rest.popFirst() {
            if flagsEnded || !word.hasPrefix("-") || word == "-" {
                try takeWord(word)
            } else if word == "--" {
                flagsEnded = true
            } else if word.hasPrefix("--") {
                try takeLongFlag(word)
            } else {
                try takeShortFlags(word)
            }
            // Help is not to be refused because of what follows it or is missing.
            for occurrence in occurrences {
                if occurrence.name == Flag.help.name { return .help(command) }
                if occurrence.name == Flag.version.name { return .version }
            }
        }
        return try finished()
    }

    // MARK: Words

    private mutating func takeWord(_ word: String) throws(UsageError) {
        if command == nil {
            command = try existingCommand(word)
        } else {
            positionals.append(word)
        }
    }

    private func existingCommand(_ word: String) throws(UsageError) -> Command {
        let commands = program.allCommands
        guard let found = commands.first(where: { $0.name == word }) else {
            throw error(.unknownCommand(word), suggestion: nearest(word, commands.map(\.name)))
        }
        return found
    }

    private func finished() throws(UsageError) -> Invocation {
        guard let command else { throw error(.missingCommand) }
        if command.positionals.last?.isVariadic != true, positionals.count > command.positionals.count {
            throw error(.unexpectedArgument(positionals[command.positionals.count]))
        }
        if command.name == program.helpCommand.name {
            guard let word = positionals.first else { return .help(nil) }
            return .help(try existingCommand(word))
        }
        for (index, positional) in command.positionals.enumerated() {
            let metavar = positional.value.metavar
            if positional.isRequired, index >= positionals.count { throw error(.missingArgument(metavar)) }
            let end = positional.isVariadic ? positionals.count : min(index + 1, positionals.count)
            for word in positionals[min(index, end)..<end] {
                try check(word, for: positional.value, subject: metavar)
            }
        }
        return .run(
            ParsedArguments(
                program: program.name, command: command.name, positionals: positionals,
                occurrences: occurrences))
    }

    // MARK: Flags

    /// Takes `--name`, `--name value` or `--name=value`.
    private mutating func takeLongFlag(_ word: String) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let spelling = String(parts[0])
        guard let flag = flag(spelling: spelling) else {
            throw unknownFlag(spelling, in: spelling)
        }
        try take(flag, spelling: spelling, attached: parts.count > 1 ? String(parts[1]) : nil)
    }

    /// Takes `-q`, switches together as `-qv`, and a value as `-oFILE`, `-o=FILE` or `-o FILE`.
    private mutating func takeShortFlags(_ word: String) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let spelling = "-\(letter)"
            guard let flag = flag(spelling: spelling) else { throw unknownFlag(spelling, in: word) }
            if letters.hasPrefix("=") {
                return try take(flag, spelling: spelling, attached: String(letters.dropFirst()))
            }
            if flag.value != nil, !letters.isEmpty {
                return try take(flag, spelling: spelling, attached: String(letters))
            }
            try take(flag, spelling: spelling, attached: nil)
        }
    }

    private mutating func take(_ flag: Flag, spelling: String, attached: String?) throws(UsageError) {
        guard let expected = flag.value else {
            if let attached { throw error(.unexpectedValue(flag: spelling, value: attached)) }
            return occurrences.append(.init(name: flag.name, value: nil))
        }
        if !flag.isRepeatable, occurrences.contains(where: { $0.name == flag.name }) {
            throw error(.repeatedFlag(spelling))
        }
        let value =
            if let attached { attached } else {
                try separateValue(of: spelling, metavar: expected.metavar)
            }
        try check(value, for: expected, subject: spelling)
        occurrences.append(.init(name: flag.name, value: value))
    }

    /// The next word as a flag's value.
    ///
    /// A flag is no value, unlike with GNU: a forgotten value before `--dry-run` must not swallow the dry run.
    private mutating func separateValue(of spelling: String, metavar: String) throws(UsageError) -> String {
        guard let next = rest.first, !next.hasPrefix("-") || next == "-" else {
            throw error(.missingValue(flag: spelling, metavar: metavar, found: rest.first))
        }
        rest.removeFirst()
        return next
    }

    private func flag(spelling: String) -> Flag? {
        program.flags(for: command).first { $0.spellings.contains(spelling) }
    }

    // MARK: Errors

    private func check(_ value: String, for expected: ArgumentValue, subject: String) throws(UsageError) {
        guard let choices = expected.choices, !choices.contains(value) else { return }
        throw error(
            .invalidChoice(subject: subject, value: value, choices: choices),
            suggestion: nearest(value, choices))
    }

    /// The error for a flag that is not there.
    ///
    /// - Parameters:
    ///   - spelling: The flag as it was written.
    ///   - word: The whole word; with one dash it is a run of letters, or a long flag with a dash too few.
    /// - Returns: The error.
    private func unknownFlag(_ spelling: String, in word: String) -> UsageError {
        var known = program.flags(for: command)
        if command == nil {
            let owners = program.commands.filter { $0.flags.contains { $0.spellings.contains(spelling) } }
            if !owners.isEmpty {
                return error(.flagBeforeCommand(spelling, commands: owners.map(\.name)))
            }
            known += program.commands.flatMap(\.flags)
        }
        let long = word.hasPrefix("--") ? word : "-" + word
        // One letter is near to every other.
        let suggestion = word.count > 2 ? nearest(long, known.map(\.spelling)) : nil
        return error(.unknownFlag(suggestion == nil ? spelling : word), suggestion: suggestion)
    }

    private func error(_ reason: UsageError.Reason, suggestion: String? = nil) -> UsageError {
        UsageError(reason, program: program.name, command: command?.name, suggestion: suggestion)
    }
}
