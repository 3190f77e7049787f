import Testing

@testable import ArgumentParsing

/// Completion in the real shells, which must offer the same.
@Suite struct CompletionsTests {
    /// A command line, and the words that complete it.
    struct Case: Sendable {
        var line: String
        var words: Set<String>

        init(_ line: String, _ words: Set<String>) {
            self.line = line
            self.words = words
        }
    }

    private static let globalFlags: Set = ["--color", "--help", "--version"]

    static let cases = [
        Case("ship ", ["load", "unload", "paint", "help"]),
        Case("ship lo", ["load"]),
        Case("ship --", globalFlags),
        Case("ship --color ", ["auto", "always", "never"]),
        Case("ship --color never u", ["unload"]),
        Case("ship unload --", globalFlags),
        Case("ship help ", ["load", "unload", "paint"]),
        Case("ship paint ", ["red", "green"]),
        Case("ship paint red y", ["york"]),
        Case("ship paint red b", ["box1", "box 2"]),
        Case("ship load --target hull,", ["hull,york"]),
        Case("ship paint --color never g", ["green"]),
        Case(
            "ship load --",
            globalFlags.union([
                "--target", "--label", "--manifest", "--hold", "--format", "--quiet", "--verbose",
                "--dry-run",
                "--odd",
            ])),
        Case("ship load --target york --ta", []),
        Case("ship load -t york --ta", []),
        Case("ship load -nqtyork --ta", []),
        Case("ship load -nq --dry", []),
        Case("ship load -l a --la", ["--label"]),
        Case("ship load -vl a --v", ["--verbose", "--version"]),
        Case("ship load --format ", ["text", "json", "yaml-1.2"]),
        Case("ship load -n --format t", ["text"]),
        Case("ship load --target ", ["hull", "2", "york"]),
        Case("ship load quay -nt y", ["york"]),
        Case("ship load --hold ", ["quay", "other"]),
        Case("ship load --manifest b", ["box1", "box 2"]),
        Case("ship load -qm b", ["box1", "box 2"]),
        Case("ship load -t york q", ["quay"]),
        Case("ship load quay b", ["box1", "box 2"]),
        Case("ship load quay box1 -q b", ["box1", "box 2"]),
        Case("ship load -- --", []),
        Case("ship nonsense ", []),
    ]

    @Test(arguments: Shell.allCases, cases)
    func shellOffers(shell: Shell, example: Case) throws {
        let offers = try ShellSession().offers(of: shell, for: example.line)
        let words = offers.map { $0.word.hasSuffix("/") ? String($0.word.dropLast()) : $0.word }
        #expect(Set(words) == example.words)
    }

    @Test(arguments: [Shell.zsh, .fish])
    func descriptionsAreShownAsTheyAre(shell: Shell) throws {
        let flags = try ShellSession().offers(of: shell, for: "ship load --od")
        #expect(flags == [Offer(word: "--odd", description: Flag.odd.help)])
        let commands = try ShellSession().offers(of: shell, for: "ship l")
        #expect(commands == [Offer(word: "load", description: Command.load.summary)])
    }

    @Test(arguments: [("ship un", "unload"), ("ship load --fo", "--format")])
    func zshAutoloadsTheScript(line: String, word: String) throws {
        let offers = try ShellSession().autoloadedZshOffers(for: line)
        #expect(offers.map(\.word) == [word])
    }

    @Test(
        arguments: [
            (["ship", "load", "--format", "="], ["text", "json", "yaml-1.2"]),
            (["ship", "load", "--format", "=", ""], ["text", "json", "yaml-1.2"]),
            (["ship", "load", "--format", "=", "j"], ["json"]),
            (["ship", "load", "--format=j"], ["--format=json"]),
            (["ship", "load", "--hold", "=", "q"], ["quay"]),
            (["ship", "load", "--target", "a", ":", "b", "@", "c", "--ta"], []),
            (["ship", "load", "--target", "=", "a", ":", "b", "q"], ["quay"]),
            (["ship", "load", "--target", "a", ":", "b", "q"], ["quay"]),
        ] as [([String], Set<String>)])
    func bashPutsSplitWordsTogether(words: [String], offers: Set<String>) throws {
        let found = try ShellSession().bashOffers(words: words)
        #expect(Set(found.map(\.word)) == offers)
    }

    @Test(arguments: [(Shell.fish, "--format=json"), (.zsh, "json")])
    func valueAfterEqualsIsOffered(shell: Shell, word: String) throws {
        let offers = try ShellSession().offers(of: shell, for: "ship load --format=j")
        #expect(offers.map(\.word) == [word])
    }

    @Test func programNameBecomesALegalFunctionName() {
        let program = Program(name: "a-b.c", version: "1", summary: "Does", commands: [])
        #expect(Completions.functionPrefix(program) == "_a_b_c")
    }

    @Test func quotesHoldEverything() {
        #expect(Completions.word("a-b.1") == "a-b.1")
        #expect(Completions.word("a'b $c") == #"'a'\''b $c'"#)
        #expect(Completions.word("") == "''")
    }
}
