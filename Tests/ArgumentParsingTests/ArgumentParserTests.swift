import Testing

@testable import ArgumentParsing

/// A stand-in for the caller's search for near words: the first with the same beginning.
private func nearest(_ word: String, _ names: [String]) -> String? {
    word.isEmpty ? nil : names.first { $0.hasPrefix(word.prefix(4)) }
}

private func parse(_ line: String) throws(UsageError) -> Invocation {
    try Program.sample.parse(line.split(separator: " ").map(String.init), nearest: nearest)
}

/// A command line's arguments; fails the test when it asks for anything else than to run.
private func arguments(_ words: [String]) throws -> ParsedArguments {
    guard case .run(let arguments) = try Program.sample.parse(words, nearest: nearest) else {
        throw NotRun(words: words)
    }
    return arguments
}

private func arguments(_ line: String) throws -> ParsedArguments {
    try arguments(line.split(separator: " ").map(String.init))
}

private struct NotRun: Error { var words: [String] }

@Suite struct ArgumentParserTests {
    @Test(arguments: [
        "load --target york quay box", "load --target=york quay box", "load -t york quay box",
        "load -tyork quay box", "load -t=york quay box", "load quay box --target york",
        "load quay -t york box", "load quay --target=york -- box",
    ])
    func valueIsTakenInEveryForm(line: String) throws {
        let arguments = try arguments(line)
        #expect(arguments.command == "load")
        #expect(arguments.value(of: .target) == "york")
        #expect(arguments.positionals == ["quay", "box"])
        #expect(!arguments.has(.quiet))
        #expect(arguments.value(of: .format) == nil)
    }

    @Test(arguments: [
        "load -nqm=list a b", "load -nqmlist a b", "load -qnm list a b", "load -q a -n b -mlist",
    ])
    func shortFlagsMayStandTogether(line: String) throws {
        let arguments = try arguments(line)
        #expect(arguments.has(.quiet) && arguments.has(.dryRun))
        #expect(arguments.value(of: .manifest) == "list")
        #expect(arguments.positionals == ["a", "b"])
    }

    @Test func numberBelowZeroIsAValue() throws {
        #expect(try arguments("load --target -1 a b").value(of: .target) == "-1")
        #expect(try arguments("load -t -.5 a b").value(of: .target) == "-.5")
    }

    @Test func repeatedFlagsAddUp() throws {
        let arguments = try arguments("load -l a=1 --label=b=2 -vv --verbose -lc q b")
        #expect(arguments.values(of: .label) == ["a=1", "b=2", "c"])
        #expect(arguments.value(of: .label) == "c")
        #expect(arguments.count(of: .verbose) == 3)
    }

    @Test func switchGivenTwiceIsOnce() throws {
        #expect(try arguments("load -n --dry-run q b").has(.dryRun))
    }

    @Test func wordsAfterTwoDashesAreNoFlags() throws {
        let arguments = try arguments("load -- --quiet --")
        #expect(arguments.positionals == ["--quiet", "--"])
        #expect(!arguments.has(.quiet))
    }

    @Test func oneDashIsAnArgumentAndAValue() throws {
        let arguments = try arguments("load -m - q -")
        #expect(arguments.positionals == ["q", "-"])
        #expect(arguments.value(of: .manifest) == "-")
    }

    @Test(arguments: [["--target="], ["--target", ""], ["-t="], ["-t", ""]])
    func emptyValueIsAValue(words: [String]) throws {
        let arguments = try arguments(["load", "q", "b"] + words)
        #expect(arguments.has(.target))
        #expect(arguments.value(of: .target) == "")
    }

    @Test func valueAfterEqualsMayBeginWithADash() throws {
        #expect(try arguments("load --target=--quiet q b").value(of: .target) == "--quiet")
        #expect(try arguments("load -t-q q b").value(of: .target) == "-q")
    }

    @Test(arguments: ["--color never unload", "unload --color never", "unload --color=never"])
    func globalFlagsStandAnywhere(line: String) throws {
        #expect(try arguments(line).value(of: .color) == "never")
    }

    @Test func optionalArgumentMayBeLeftOut() throws {
        #expect(try arguments("paint red").positionals == ["red"])
        #expect(try arguments("paint red bow").positionals == ["red", "bow"])
    }

    @Test(
        arguments: [
            ("--help", .help(nil)), ("-h", .help(nil)), ("help", .help(nil)), ("--help nonsense", .help(nil)),
            ("load --help", .help(.load)), ("load -h --nonsense", .help(.load)), ("help load", .help(.load)),
            ("load -nqh", .help(.load)), ("help help", .help(Program.sample.helpCommand)),
            ("help --help", .help(Program.sample.helpCommand)),
            ("--version", .version), ("unload --version", .version), ("--version --help", .version),
        ] as [(String, Invocation)])
    func helpAndVersionNeedNothingElse(line: String, expected: Invocation) throws {
        #expect(try parse(line) == expected)
    }
}

@Suite struct UsageErrorTests {
    @Test(
        arguments: [
            ("", .missingCommand),
            ("--color never", .missingCommand),
            ("load -t", .missingValue(flag: "-t", metavar: "NAME", found: nil)),
            ("load --target", .missingValue(flag: "--target", metavar: "NAME", found: nil)),
            ("load -t -n", .missingValue(flag: "-t", metavar: "NAME", found: "-n")),
            ("load -t -- x", .missingValue(flag: "-t", metavar: "NAME", found: "--")),
            ("load --quiet=yes", .unexpectedValue(flag: "--quiet", value: "yes")),
            ("load -q=yes", .unexpectedValue(flag: "-q", value: "yes")),
            ("load --help=", .unexpectedValue(flag: "--help", value: "")),
            ("load -t a --target b", .repeatedFlag("--target")),
            (
                "paint blue",
                .invalidChoice(subject: "COLOUR", value: "blue", choices: ["red", "green"])
            ),
            (
                "load --format= a b",
                .invalidChoice(subject: "--format", value: "", choices: ["text", "json", "yaml-1.2"])
            ),
            ("load", .missingArgument("QUAY")),
            ("load quay", .missingArgument("BOX")),
            ("paint red bow stern", .unexpectedArgument("stern")),
            ("unload x", .unexpectedArgument("x")),
            ("help load x", .unexpectedArgument("x")),
            ("load -x", .unknownFlag("-x")),
            ("load -qx a b", .unknownFlag("-x")),
            ("unload --quiet", .unknownFlag("--quiet")),
            ("--nonsense", .unknownFlag("--nonsense")),
            ("sink", .unknownCommand("sink")),
            ("help sink", .unknownCommand("sink")),
            ("-- --help", .unknownCommand("--help")),
            ("--dry-run load", .flagBeforeCommand("--dry-run", commands: ["load"])),
            ("--target=york load", .flagBeforeCommand("--target", commands: ["load"])),
            ("-qn load", .flagBeforeCommand("-q", commands: ["load"])),
        ] as [(String, UsageError.Reason)])
    func wrongLineIsRefused(line: String, reason: UsageError.Reason) {
        let error = #expect(throws: UsageError.self) { try parse(line) }
        #expect(error?.reason == reason)
        #expect(error?.suggestion == nil)
    }

    @Test(
        arguments: [
            ("load --dry-rnu", .unknownFlag("--dry-rnu"), "--dry-run"),
            ("load --dry-rnu=1", .unknownFlag("--dry-rnu"), "--dry-run"),
            ("load -dry-run", .unknownFlag("-dry-run"), "--dry-run"),
            ("--dry-rnu load", .unknownFlag("--dry-rnu"), "--dry-run"),
            ("unloda", .unknownCommand("unloda"), "unload"),
            ("help unloda", .unknownCommand("unloda"), "unload"),
            (
                "paint greene",
                .invalidChoice(subject: "COLOUR", value: "greene", choices: ["red", "green"]),
                "green"
            ),
        ] as [(String, UsageError.Reason, String)])
    func nearWordIsSuggested(line: String, reason: UsageError.Reason, suggestion: String) {
        let error = #expect(throws: UsageError.self) { try parse(line) }
        #expect(error?.reason == reason)
        #expect(error?.suggestion == suggestion)
        #expect(error?.hint == "did you mean '\(suggestion)'?")
    }

    @Test(arguments: [
        ("", "no command was given", "run 'ship --help'"),
        ("load", "the argument QUAY is missing", "run 'ship load --help'"),
        ("load -t -n", "'-t' needs a value, NAME", "write '-t=-n' if '-n' is the value"),
        ("--quiet load", "'--quiet' belongs after the command's name", "write 'ship load --quiet'"),
        ("--quiet x unload", "unknown flag '--quiet'", "run 'ship unload --help'"),
        (
            "paint blue", "invalid value 'blue' for 'COLOUR' (expected red or green)",
            "run 'ship paint --help'"
        ),
        ("load -qx", "unknown flag '-x'", "run 'ship load --help'"),
    ])
    func errorSaysWhatToDo(line: String, message: String, hint: String) {
        let error = #expect(throws: UsageError.self) { try parse(line) }
        #expect(error?.message == message)
        #expect(error?.hint == hint)
    }

    @Test func callersRaiseTheirOwn() {
        let wrong = UsageError(
            .invalidValue(subject: "--hold", value: "7", problem: "not a folder"), program: "ship",
            command: "load")
        #expect(wrong.message == "invalid value '7' for '--hold': not a folder")
        #expect(wrong.hint == "run 'ship load --help'")
        let conflict = UsageError(.conflictingFlags("--quiet", "--verbose"), program: "ship")
        #expect(conflict.message == "'--quiet' cannot be used with '--verbose'")
    }
}
