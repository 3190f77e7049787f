@testable import ArgumentParsing

extension Flag {
    static let target = Flag(
        "target", short: "t", value: .names("NAME", of: "harbours"), help: "Load for this harbour",
        defaultText: "the nearest", environment: "SHIP_TARGET")
    static let label = Flag(
        "label", short: "l", value: .text("K=V"), isRepeatable: true, help: "Stick this label on every box")
    static let manifest = Flag(
        "manifest", short: "m", value: .file("FILE"), help: "Write what was loaded to FILE")
    static let hold = Flag("hold", value: .directory("DIR"), help: "Keep the boxes in this folder")
    static let format = Flag(
        "format", value: .choice("FORMAT", of: ["text", "json", "yaml-1.2"]), help: "Print in this format",
        defaultText: "text")
    static let dryRun = Flag("dry-run", short: "n", help: "Show what would be loaded, and load nothing")
    static let quiet = Flag("quiet", short: "q", help: "Print nothing but errors")
    static let verbose = Flag("verbose", short: "v", isRepeatable: true, help: "Print more")
    /// Help that holds what shells and roff would act upon.
    static let odd = Flag(
        "odd", short: "o",
        help: #"It's "odd": $HOME, $(id), `id`, [a:b], {c}, \d, 100% <e>; .f * ? ~ # ! – 'g'"#)
    static let color = Flag(
        "color", value: .choice("WHEN", of: ["auto", "always", "never"]), help: "Use colours",
        defaultText: "auto")
}

extension Program {
    /// A small program with every kind of flag and argument.
    static let sample = Program(
        name: "ship", version: "1.2.3", summary: "Loads boxes on ships",
        discussion: ["Boxes are taken as they come. What does not fit stays on the quay, and is reported."],
        commands: [Command.load, .unload, .paint].map { command in ListedCommand(command.name) { command } },
        globalFlags: [.color],
        exitCodes: [
            Entry("0", "Everything is on board"), Entry("64", "The command line cannot be understood"),
        ],
        environment: [Entry("SHIP_TARGET", "The harbour, where --target names none")],
        files: [Entry("~/.ship", "The captain's settings")])
}

extension Command {
    static let load = Command(
        "load", summary: "Load boxes, 'fragile' ones last: $HOME [first]",
        discussion: [".Boxes that are on board already are left alone.", "A box is loaded whole."],
        positionals: [
            Positional(.directory("QUAY"), help: "Where the boxes stand"),
            Positional(.file("BOX"), arity: .oneOrMore, help: "The boxes"),
        ],
        flagGroups: [
            FlagGroup("Selecting", [.target, .label]),
            FlagGroup("Output", [.manifest, .hold, .format, .quiet, .verbose]),
            FlagGroup("Flags", [.dryRun, .odd]),
        ],
        examples: [
            Example("ship load --dry-run quay 'box 1'", "See what would be loaded"),
            Example(
                "SHIP_TARGET=york ship load --label a=b quay box | tee log", "Load for York, and keep a log"),
        ])
    static let unload = Command("unload", summary: "Take everything off")
    static let paint = Command(
        "paint", summary: "Paint the ship",
        positionals: [
            Positional(.choice("COLOUR", of: ["red", "green"]), help: "The colour"),
            Positional(
                .names("PLACE", of: "harbours", orFile: true), arity: .optional, help: "Where to begin"),
        ])
}
