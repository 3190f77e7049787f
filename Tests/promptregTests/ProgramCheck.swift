@testable import ArgumentParsing

extension Program {
    /// The flaws of the table itself, a sentence each: names must be legal and unique, texts must read alike, and
    /// examples must parse.
    func problems() -> [String] {
        var check = ProgramCheck(program: self)
        check.run()
        return check.problems
    }
}

/// One pass over a program's table.
private struct ProgramCheck {
    let program: Program
    var problems: [String] = []

    init(program: Program) { self.program = program }

    mutating func run() {
        expect(Self.isName(program.name), "\(program.name): the program's name is not [a-z][a-z0-9-]*")
        checkText(program.summary, "\(program.name): the summary")
        checkParagraphs(program.discussion, program.name)
        checkUnique(program.allCommands.map(\.name), "\(program.name): the command")
        for command in program.commands { check(command) }
        checkUnique(program.globalFlags.flatMap(\.spellings), "\(program.name): the flag")
        checkFlags(program.globalFlags, program.name)
        checkUnique(program.exitCodes.map(\.name), "\(program.name): the exit code")
        for code in program.exitCodes {
            expect(UInt8(code.name) != nil, "\(program.name): the exit code \(code.name) is no byte")
            checkText(code.meaning, "\(program.name): the meaning of exit code \(code.name)")
        }
        for (kind, entries) in [("variable", program.environment), ("file", program.files)] {
            checkUnique(entries.map(\.name), "\(program.name): the \(kind)")
            for entry in entries { checkText(entry.meaning, "\(program.name): the meaning of \(entry.name)") }
        }
        for entry in program.environment {
            expect(
                ShellWords.isVariableName(entry.name), "\(program.name): '\(entry.name)' names no variable")
        }
    }

    // MARK: Commands

    private mutating func check(_ command: Command) {
        let place = "\(program.name) \(command.name)"
        expect(Self.isName(command.name), "\(place): the name is not [a-z][a-z0-9-]*")
        checkText(command.summary, "\(place): the summary")
        checkParagraphs(command.discussion, place)
        for group in command.flagGroups {
            checkText(group.title, "\(place): the title '\(group.title)'")
            expect(!group.flags.isEmpty, "\(place): the group '\(group.title)' is empty")
        }
        checkFlags(command.flags, place)
        checkUnique(program.flags(for: command).flatMap(\.spellings), "\(place): the flag")
        checkUnique(command.positionals.map(\.value.metavar), "\(place): the argument")
        for positional in command.positionals {
            checkText(positional.help, "\(place): the help of \(positional.value.metavar)")
            check(positional.value, "\(place) \(positional.value.metavar)")
        }
        for (positional, next) in zip(command.positionals, command.positionals.dropFirst())
        where positional.arity != .one && (positional.arity, next.arity) != (.optional, .optional) {
            problems.append(
                "\(place): \(positional.value.metavar) is not exactly one, and \(next.value.metavar) follows")
        }
        for example in command.examples { check(example, of: command) }
    }

    private mutating func check(_ example: Command.Example, of command: Command) {
        let place = "\(program.name) \(command.name): the example '\(example.line)'"
        checkText(example.meaning, "\(place): its meaning")
        guard let words = ShellWords.firstCommand(of: example.line), words.first == program.name else {
            return problems.append("\(place) does not begin with '\(program.name)'")
        }
        do throws(UsageError) {
            switch try program.parse(Array(words.dropFirst())) {
            case .run(let arguments) where arguments.command == command.name: break
            case .help(command): break
            default: problems.append("\(place) is none of this command")
            }
        } catch {
            problems.append("\(place) is wrong: \(error.message)")
        }
    }

    // MARK: Flags

    private mutating func checkFlags(_ flags: [Flag], _ place: String) {
        for flag in flags {
            let place = "\(place) \(flag.spelling)"
            expect(Self.isName(flag.name), "\(place): the name is not [a-z][a-z0-9-]*")
            if let short = flag.short {
                let isLegal = short.isASCII && (short.isLetter || short.isNumber)
                expect(isLegal, "\(place): the short form '\(short)' is no letter and no digit")
            }
            checkText(flag.help, "\(place): the help")
            if let value = flag.value { check(value, place) }
            if let text = flag.defaultText { expect(Self.isLine(text), "\(place): the default is no line") }
            if let variable = flag.environment {
                let isListed = program.environment.contains { $0.name == variable }
                expect(isListed, "\(place): \(variable) is not among the environment variables")
            }
        }
    }

    private mutating func check(_ value: ArgumentValue, _ place: String) {
        let isMetavar = !value.metavar.isEmpty && value.metavar.allSatisfy { $0.isASCII && !$0.isWhitespace }
        expect(isMetavar, "\(place): the name of the value, '\(value.metavar)', is no word")
        guard let choices = value.choices else { return }
        expect(!choices.isEmpty, "\(place): there is nothing to choose from")
        checkUnique(choices, "\(place): the choice")
        for choice in choices where !Completions.isPlain(choice) {
            problems.append("\(place): the choice '\(choice)' needs quotes in a shell")
        }
    }

    // MARK: Texts

    private mutating func checkText(_ text: String, _ what: String) {
        expect(Self.isLine(text), "\(what) is not one line of text")
        expect(text.first?.isUppercase == true, "\(what) does not begin with an upper-case letter")
        expect(text.last != ".", "\(what) ends in a full stop")
    }

    private mutating func checkParagraphs(_ texts: [String], _ place: String) {
        for text in texts { expect(Self.isLine(text), "\(place): a paragraph is not one line of text") }
    }

    private mutating func checkUnique(_ names: [String], _ what: String) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            problems.append("\(what) '\(name)' is there twice")
        }
    }

    private mutating func expect(_ condition: Bool, _ problem: String) {
        if !condition { problems.append(problem) }
    }

    private static func isName(_ text: String) -> Bool {
        text.first.map { $0.isASCII && $0.isLowercase } == true
            && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
    }

    /// Whether a text has something to show, and neither breaks the line nor steers a terminal.
    private static func isLine(_ text: String) -> Bool {
        text.contains { !$0.isWhitespace }
            && text.unicodeScalars.allSatisfy {
                ![.control, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
    }
}
