import Testing

@testable import ArgumentParsing
@testable import promptreg

@Suite struct ProgramCheckTests {
    @Test func soundTablesHaveNoProblems() {
        #expect(Program.promptreg.problems() == [])
        #expect(Self.program(example: "A=1 p c | q").problems() == [])
    }

    /// A program of one command.
    private static func program(
        _ command: Command, globalFlags: [Flag] = [], environment: [Program.Entry] = []
    ) -> Program {
        Program(
            name: "p", version: "1", summary: "Does", commands: [ListedCommand(command.name) { command }],
            globalFlags: globalFlags,
            environment: environment)
    }

    private static func program(flags: [Flag]) -> Program {
        program(Command("c", summary: "Does", flagGroups: [FlagGroup("Group", flags)]))
    }

    private static func program(example: String) -> Program {
        program(Command("c", summary: "Does", examples: [.init(example, "Does it")]))
    }

    @Test(
        arguments: [
            (
                program(flags: [Flag("a", short: "x", help: "A"), Flag("b", short: "x", help: "B")]),
                "p c: the flag '-x' is there twice"
            ),
            (
                program(flags: [Flag("host", short: "h", help: "A")]),
                "p c: the flag '-h' is there twice"
            ),
            (
                program(flags: [Flag("version", help: "A")]),
                "p c: the flag '--version' is there twice"
            ),
            (program(flags: [Flag("Big", help: "A")]), "p c --Big: the name is not [a-z][a-z0-9-]*"),
            (program(flags: [Flag("9a", help: "A")]), "p c --9a: the name is not [a-z][a-z0-9-]*"),
            (
                program(flags: [Flag("a", short: "-", help: "A")]),
                "p c --a: the short form '-' is no letter and no digit"
            ),
            (
                program(flags: [Flag("a", help: "lower")]),
                "p c --a: the help does not begin with an upper-case letter"
            ),
            (program(flags: [Flag("a", help: "Stops.")]), "p c --a: the help ends in a full stop"),
            (program(flags: [Flag("a", help: "Two\nlines")]), "p c --a: the help is not one line of text"),
            (
                program(flags: [Flag("a", value: .choice("A", of: []), help: "A")]),
                "p c --a: there is nothing to choose from"
            ),
            (
                program(flags: [Flag("a", value: .choice("A", of: ["b c"]), help: "A")]),
                "p c --a: the choice 'b c' needs quotes in a shell"
            ),
            (
                program(flags: [Flag("a", value: .text("two words"), help: "A")]),
                "p c --a: the name of the value, 'two words', is no word"
            ),
            (
                program(flags: [Flag("a", help: "A", environment: "HOME")]),
                "p c --a: HOME is not among the environment variables"
            ),
            (program(flags: []), "p c: the group 'Group' is empty"),
            (
                program(
                    Command(
                        "c", summary: "Does",
                        positionals: [
                            Positional(.text("A"), arity: .optional, help: "A"),
                            Positional(.text("B"), help: "B"),
                        ])), "p c: A is not exactly one, and B follows"
            ),
            (program(Command("help", summary: "Does")), "p: the command 'help' is there twice"),
            (
                program(Command("c", summary: "Does"), environment: [.init("a-b", "Is")]),
                "p: 'a-b' names no variable"
            ),
            (
                program(example: "p c --nonsense"),
                "p c: the example 'p c --nonsense' is wrong: unknown flag '--nonsense'"
            ),
            (program(example: "p help"), "p c: the example 'p help' is none of this command"),
            (program(example: "q c"), "p c: the example 'q c' does not begin with 'p'"),
            (program(example: "p 'c"), "p c: the example 'p 'c' does not begin with 'p'"),
        ])
    func flawIsFoundAlone(program: Program, problem: String) {
        #expect(program.problems() == [problem])
    }

    @Test func wholeTableIsChecked() {
        let program = Program(
            name: "P", version: "1", summary: "does", discussion: [""], commands: [],
            globalFlags: [Flag("a", help: "A."), Flag("a", help: "A")],
            exitCodes: [.init("0", "Fine"), .init("0", "Fine"), .init("256", "Far")],
            files: [.init("f", "is")])
        #expect(
            program.problems() == [
                "P: the program's name is not [a-z][a-z0-9-]*",
                "P: the summary does not begin with an upper-case letter",
                "P: a paragraph is not one line of text",
                "P: the flag '--a' is there twice",
                "P --a: the help ends in a full stop",
                "P: the exit code '0' is there twice",
                "P: the exit code 256 is no byte",
                "P: the meaning of f does not begin with an upper-case letter",
            ])
    }

    @Test(
        arguments: [
            ("a 'b c' \"d 'e\" f\\ g ''", ["a", "b c", "d 'e", "f g", ""]),
            ("A=1 B_2=x a --c=d | e", ["a", "--c=d"]),
            ("a b > c", ["a", "b"]),
            ("a=1 b", ["a=1", "b"]),
            ("a 'b", nil), ("a \\", nil), ("", []),
        ] as [(String, [String]?)])
    func exampleIsSplitLikeAShellDoes(line: String, words: [String]?) {
        #expect(ShellWords.firstCommand(of: line) == words)
    }
}
