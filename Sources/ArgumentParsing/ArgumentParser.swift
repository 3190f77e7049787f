extension Program {
    /// Parses a command line by GNU conventions, and acts on nothing.
    ///
    /// - Parameters:
    ///   - arguments: The words after the program's name.
    ///   - nearest: Finds the existing name closest to a mistyped word; nil when none is close.
    /// - Returns: What the line asks for.
    /// - Throws: `UsageError` for the first mistake.
    package func parse(
        _ arguments: [String],
        nearest: @escaping (_ word: String, _ names: [String]) -> String? = { _, _ in nil }
    ) throws(UsageError) -> Invocation {
        var parser = ArgumentParser(program: self, nearest: nearest, rest: arguments[...])
        return try parser.parse()
    }
}

/// A single pass over a command line.
private struct ArgumentParser {
    let program: Program
    let nearest: (String, [String]) -> String?
    var rest: ArraySlice<String>

    var command: Command?
    var positionals: [String] = []
    var occurrences: [ParsedArguments.Occurrence] = []

    mutating func parse() throws(UsageError) -> Invocation {
        var flagsEnded = false
        while let word = rest.popFirst() {
            if flagsEnded || !word.hasPrefix("-") || word == "-" {
                try parseWord(word)
            } else if word == "--" {
                flagsEnded = true
            } else if word.hasPrefix("--") {
                try parseLongFlag(word)
            } else {
                try parseShortFlags(word)
            }
            // A request for help is granted, whatever follows it or is missing.
            for occurrence in occurrences {
                if occurrence.name == Flag.help.name { return .help(command) }
                if occurrence.name == Flag.version.name { return .version }
            }
        }
        return try invocation()
    }

    // MARK: Words

    private mutating func parseWord(_ word: String) throws(UsageError) {
        if command == nil {
            command = try self.command(named: word)
        } else {
            positionals.append(word)
        }
    }

    private func command(named word: String) throws(UsageError) -> Command {
        guard let found = program.command(named: word) else {
            throw error(.unknownCommand(word), suggestion: nearest(word, program.commandNames))
        }
        return found
    }

    private func invocation() throws(UsageError) -> Invocation {
        guard let command else { throw error(.missingCommand) }
        if command.positionals.last?.isVariadic != true, positionals.count > command.positionals.count {
            throw error(.unexpectedArgument(positionals[command.positionals.count]))
        }
        if command.name == "help" {
            guard let word = positionals.first else { return .help(nil) }
            return .help(try self.command(named: word))
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

    /// Parses `--name`, `--name value` or `--name=value`.
    private mutating func parseLongFlag(_ word: String) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let spelling = String(parts[0])
        guard let flag = flag(spelling: spelling) else {
            throw unknownFlag(spelling, in: spelling)
        }
        try record(flag, spelling: spelling, attached: parts.count > 1 ? String(parts[1]) : nil)
    }

    /// Parses `-q`, switches combined as `-qv`, and a value as `-oFILE`, `-o=FILE` or `-o FILE`.
    private mutating func parseShortFlags(_ word: String) throws(UsageError) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let spelling = "-\(letter)"
            guard let flag = flag(spelling: spelling) else { throw unknownFlag(spelling, in: word) }
            if letters.hasPrefix("=") {
                return try record(flag, spelling: spelling, attached: String(letters.dropFirst()))
            }
            if flag.value != nil, !letters.isEmpty {
                return try record(flag, spelling: spelling, attached: String(letters))
            }
            try record(flag, spelling: spelling, attached: nil)
        }
    }

    private mutating func record(_ flag: Flag, spelling: String, attached: String?) throws(UsageError) {
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
    /// Unlike GNU, this takes no flag for a value: a forgotten value before `--dry-run` must not swallow the dry run. A
    /// number below zero is no flag.
    private mutating func separateValue(of spelling: String, metavar: String) throws(UsageError) -> String {
        guard let next = rest.first, !next.hasPrefix("-") || next == "-" || Self.isNumber(next) else {
            throw error(.missingValue(flag: spelling, metavar: metavar, found: rest.first))
        }
        rest.removeFirst()
        return next
    }

    private static func isNumber(_ word: String) -> Bool {
        word.dropFirst().first.map { $0.isNumber || $0 == "." } == true && Double(word) != nil
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

    /// The error for an unknown flag.
    ///
    /// - Parameters:
    ///   - spelling: The flag as it was written.
    ///   - word: The whole word; after a single dash it is a group of short flags, or a long flag that lacks a dash.
    /// - Returns: The error.
    private func unknownFlag(_ spelling: String, in word: String) -> UsageError {
        var known = program.flags(for: command)
        if command == nil {
            let owners = program.commands.filter { $0.flags.contains { $0.spellings.contains(spelling) } }
            if !owners.isEmpty, let named = rest.lazy.compactMap({ program.command(named: $0) }).first {
                let isOwner = named.flags.contains { $0.spellings.contains(spelling) }
                return UsageError(
                    isOwner ? .flagBeforeCommand(spelling, commands: [named.name]) : .unknownFlag(spelling),
                    program: program.name, command: named.name)
            }
            if !owners.isEmpty {
                return error(.flagBeforeCommand(spelling, commands: owners.map(\.name)))
            }
            known += program.commands.flatMap(\.flags)
        }
        let long = word.hasPrefix("--") ? word : "-" + word
        // Every letter is close to every other.
        let suggestion = word.count > 2 ? nearest(long, known.map(\.spelling)) : nil
        return error(.unknownFlag(suggestion == nil ? spelling : word), suggestion: suggestion)
    }

    private func error(_ reason: UsageError.Reason, suggestion: String? = nil) -> UsageError {
        UsageError(reason, program: program.name, command: command?.name, suggestion: suggestion)
    }
}
