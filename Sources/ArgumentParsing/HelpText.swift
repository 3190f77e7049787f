/// The help of a program and of its commands, as the terminal shows it.
package enum HelpText {
    /// The narrowest layout; a narrower terminal breaks the lines itself.
    private static let leastWidth = 40

    /// The help of a command, or of the whole program.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - command: The command; nil for the program.
    ///   - width: The width of the terminal in characters.
    ///   - color: Whether to use ANSI colours.
    /// - Returns: The text, ended by a newline.
    package static func render(
        _ program: Program, _ command: Command? = nil, width: Int, color: Bool
    ) -> String {
        let page = HelpPage(
            program: program, layout: TextLayout(width: max(width, leastWidth)),
            style: TextStyle(color: color))
        let sections = command.map(page.sections(for:)) ?? page.sections()
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The usage line of a command, or of the whole program, for error messages.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - command: The command; nil for the program.
    /// - Returns: The line, without a newline.
    package static func usage(_ program: Program, _ command: Command? = nil) -> String {
        "Usage: " + Usage(program, command).words.map(\.text).joined(separator: " ")
    }
}

/// The words of a usage line.
struct Usage {
    /// A word of the line.
    struct Word {
        /// The text.
        var text: String
        /// Whether it is typed as it stands.
        var isLiteral: Bool
    }

    /// The words, in their order.
    let words: [Word]

    /// The usage of a command, or of the whole program.
    init(_ program: Program, _ command: Command?) {
        let name = Word(text: program.name, isLiteral: true)
        guard let command else {
            words = [name] + ["COMMAND", "[FLAGS]", "[ARGUMENTS]"].map { Word(text: $0, isLiteral: false) }
            return
        }
        let flags = command.flags.isEmpty ? [] : ["[FLAGS]"]
        words =
            [name, Word(text: command.name, isLiteral: true)]
            + (flags + command.positionals.map(\.usage)).map { Word(text: $0, isLiteral: false) }
    }
}

extension Positional {
    /// The argument as a usage line shows it.
    var usage: String {
        switch arity {
        case .one: value.metavar
        case .optional: "[\(value.metavar)]"
        case .oneOrMore: "\(value.metavar)..."
        case .zeroOrMore: "[\(value.metavar)...]"
        }
    }
}

/// Builds the sections of a page of help.
private struct HelpPage {
    let program: Program
    let layout: TextLayout
    let style: TextStyle

    /// The sections of the program's page.
    func sections() -> [String] {
        let commands = program.allCommands.map { (style.literal($0.name), $0.summary) }
        return opening(summary: program.summary, discussion: program.discussion, command: nil) + [
            table("Commands", commands),
            table("Global flags", rows(program.globalFlags)),
            table("Exit codes", rows(program.exitCodes)),
            table("Environment", rows(program.environment)),
            table("Files", rows(program.files)),
            layout.paragraph("Run '\(program.name) help COMMAND' for the flags of a command."),
        ]
    }

    /// The sections of a command's page.
    func sections(for command: Command) -> [String] {
        let arguments = command.positionals.map {
            (style.placeholder($0.value.metavar), annotated($0.help, $0.annotations))
        }
        let groups =
            command.flagGroups.map { ($0.title, rows($0.flags)) } + [
                ("Global flags", rows(program.globalFlags))
            ]
        // One column for all groups: the page reads as one table.
        let column = layout.columnWidth(for: groups.flatMap { $0.1.map(\.0) })
        return opening(summary: command.summary, discussion: command.discussion, command: command)
            + [table("Arguments", arguments)]
            + groups.map { table($0.0, $0.1, columnWidth: column) }
            + [examples(command.examples)]
    }

    /// The opening of a page: the summary, the usage and the discussion.
    private func opening(summary: String, discussion: [String], command: Command?) -> [String] {
        let usage = Usage(program, command).words.map {
            ($0.isLiteral ? style.literal($0.text) : style.placeholder($0.text)).styled
        }
        let line = style.heading("Usage:").styled + " " + usage.joined(separator: " ") + "\n"
        return [layout.paragraph(summary + "."), line] + discussion.map { layout.paragraph($0) }
    }

    private func table(
        _ title: String, _ rows: [(label: StyledText, text: String)], columnWidth: Int? = nil
    ) -> String {
        guard !rows.isEmpty else { return "" }
        let column = columnWidth ?? layout.columnWidth(for: rows.map(\.label))
        return style.heading(title + ":").styled + "\n"
            + rows.map { layout.row($0.label, $0.text, columnWidth: column) }.joined()
    }

    private func rows(_ entries: [Program.Entry]) -> [(StyledText, String)] {
        entries.map { (style.literal($0.name), $0.meaning) }
    }

    private func rows(_ flags: [Flag]) -> [(StyledText, String)] {
        flags.map { flag in
            let blank = StyledText(plain: "    ", styled: "    ")
            let short = flag.shortSpelling.map { style.literal($0) + ", " } ?? blank
            let value = flag.value.map { StyledText(plain: " ", styled: " ") + style.placeholder($0.metavar) }
            let label = short + style.literal(flag.spelling)
            return (value.map { label + $0 } ?? label, annotated(flag.help, flag.annotations))
        }
    }

    private func annotated(_ help: String, _ annotations: [String]) -> String {
        // An annotation's label stays on one line with what follows it.
        let bracketed = annotations.map { "[" + $0.replacing(": ", with: ":\u{A0}") + "]" }
        return ([help] + bracketed).joined(separator: " ")
    }

    private func examples(_ examples: [Command.Example]) -> String {
        guard !examples.isEmpty else { return "" }
        return style.heading("Examples:").styled + "\n"
            + examples.map { example in
                layout.paragraph(example.meaning + ":", indent: 2)
                    + "    " + style.literal(example.line).styled + "\n"
            }.joined(separator: "\n")
    }
}
