import Testing

@testable import ArgumentParsing

/// The settings of a command with every kind of option.
private struct Cargo: Hashable, Sendable {
    struct Output: Hashable, Sendable {
        enum Format: String, Sendable { case text, json }

        var format = Format.text
        var isQuiet = false
    }

    var quay = ""
    var boxes: [String] = []
    var target: String?
    var weight = 1
    var labels: [String] = []
    var manifest = ""
    var output = Output()

    static let definition = CommandDefinition<Cargo>(
        "load", summary: "Load boxes",
        arguments: [
            Argument(Positional(.directory("QUAY"), help: "Where the boxes stand"), \.quay),
            Argument(Positional(.file("BOX"), arity: .zeroOrMore, help: "The boxes"), \.boxes),
        ],
        options: [
            OptionGroup(
                "Flags",
                [
                    Option(Flag("target", value: .text("NAME"), help: "The harbour"), \.target),
                    Option(Flag("weight", value: .text("N"), help: "The weight"), \.weight) {
                        text throws(ArgumentProblem) in
                        guard let weight = Int(text) else { throw ArgumentProblem("it is not a number") }
                        return weight
                    },
                    Option(
                        Flag("label", value: .text("TEXT"), isRepeatable: true, help: "A label"),
                        appendingTo: \.labels
                    ) { $0 },
                    Option(
                        Flag("manifest", value: .file("FILE"), help: "The list"), \.manifest, isRequired: true
                    ) {
                        $0
                    },
                ]),
            OptionGroup(
                "Output",
                [
                    Option(
                        choice: Flag(
                            "format", value: .choice("FORMAT", of: ["text", "json"]), help: "The format"),
                        \Output.format),
                    Option(Flag("quiet", short: "q", help: "Say less"), \Output.isQuiet),
                ].at(\.output)),
        ],
        examples: [])
}

@Suite struct CommandDefinitionTests {
    private func cargo(_ line: String) throws -> Cargo {
        let program = Program(
            name: "ship", version: "1", summary: "Load ships",
            commands: [ListedCommand("load") { Cargo.definition.command }])
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard case .run(let parsed) = try program.parse(words) else {
            throw UsageError(.missingCommand, program: "ship")
        }
        var cargo = Cargo()
        try Cargo.definition.read(parsed, into: &cargo)
        return cargo
    }

    @Test func optionsAndArgumentsArriveWhereTheyBelong() throws {
        let cargo = try cargo(
            "load quay --target york a --weight 7 b --label x --label y --manifest list --format json -q")
        #expect(
            cargo
                == Cargo(
                    quay: "quay", boxes: ["a", "b"], target: "york", weight: 7, labels: ["x", "y"],
                    manifest: "list", output: .init(format: .json, isQuiet: true)))
    }

    @Test func whatIsNotGivenKeepsItsDefault() throws {
        #expect(try cargo("load quay --manifest list") == Cargo(quay: "quay", manifest: "list"))
    }

    @Test(
        arguments: [
            ("load quay --manifest x --weight heavy", "--weight", "heavy", "it is not a number"),
            ("load quay --manifest=", "--manifest", "", "it is empty"),
        ])
    func valuesThatCannotBeReadAreNamed(line: String, flag: String, value: String, problem: String) {
        let error = #expect(throws: UsageError.self) { try cargo(line) }
        #expect(error?.reason == .invalidValue(subject: flag, value: value, problem: problem))
        #expect(error?.command == "load")
    }

    @Test func aRequiredOptionMustBeGiven() {
        let error = #expect(throws: UsageError.self) { try cargo("load quay") }
        #expect(error?.reason == .missingArgument("--manifest"))
    }
}
