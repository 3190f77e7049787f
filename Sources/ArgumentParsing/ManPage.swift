/// The manual page of a program, in the man macros of roff.
package enum ManPage {
    /// The page of a program with all its commands.
    ///
    /// - Parameters:
    ///   - program: The program.
    ///   - date: The day of the program's release, as `2026-01-31`.
    /// - Returns: The page, ended by a newline.
    package static func render(_ program: Program, date: String) -> String {
        var page = RoffPage()
        let release = "\(program.name) \(program.version)"
        page.title(program.name.uppercased(), date: date, source: release)
        page.section("Name")
        page.text("\(Roff.escaped(program.name)) \\- \(Roff.escaped(program.summary))")
        page.section("Synopsis")
        page.text(Roff.usage(Usage(program, nil)))
        page.section("Description")
        page.paragraphs([program.summary + "."] + program.discussion)
        page.section("Commands")
        for command in program.allCommands { page.add(command, of: program) }
        page.section("Global flags")
        page.add(program.globalFlags)
        page.entries("Exit status", program.exitCodes)
        page.entries("Environment", program.environment)
        page.entries("Files", program.files)
        page.add(program.commands.flatMap(\.examples))
        return page.lines.map { $0 + "\n" }.joined()
    }
}

/// The lines of a page as they are built.
private struct RoffPage {
    var lines: [String] = []

    mutating func title(_ name: String, date: String, source: String) {
        let arguments = [name, "1", source, "User Commands"].map(Roff.argument)
        // Formatters parse the date, so its dashes stay bare.
        lines.append(".TH \(arguments[0]) \(arguments[1]) \"\(date)\" \(arguments[2]) \(arguments[3])")
        // Otherwise lines of code and of tables are stretched and broken.
        lines += [".nh", ".ad l"]
    }

    mutating func section(_ title: String) { lines.append(".SH " + Roff.argument(title.uppercased())) }

    mutating func text(_ roff: String) { lines.append(roff) }

    mutating func paragraphs(_ texts: [String]) {
        for (index, text) in texts.enumerated() {
            if index > 0 { lines.append(".PP") }
            lines.append(Roff.line(text))
        }
    }

    mutating func tagged(_ tag: String, _ text: String) { lines += [".TP", tag, text] }

    mutating func entries(_ title: String, _ entries: [Program.Entry]) {
        guard !entries.isEmpty else { return }
        section(title)
        for entry in entries { tagged(Roff.bold(entry.name), Roff.line(entry.meaning)) }
    }

    mutating func add(_ command: Command, of program: Program) {
        lines.append(".SS " + Roff.argument("\(program.name) \(command.name)"))
        paragraphs([command.summary + "."])
        lines += [".PP", Roff.usage(Usage(program, command))]
        for text in command.discussion { lines += [".PP", Roff.line(text)] }
        for positional in command.positionals {
            tagged(Roff.italic(positional.value.metavar), annotated(positional.help, positional.annotations))
        }
        for group in command.flagGroups where !group.flags.isEmpty {
            lines += [".PP", Roff.line(group.title + ":")]
            add(group.flags)
        }
    }

    mutating func add(_ flags: [Flag]) {
        for flag in flags {
            let names = flag.spellings.map(Roff.bold).joined(separator: ", ")
            let value = flag.value.map { " " + Roff.italic($0.metavar) } ?? ""
            tagged(names + value, annotated(flag.help, flag.annotations))
        }
    }

    mutating func add(_ examples: [Command.Example]) {
        guard !examples.isEmpty else { return }
        section("Examples")
        for (index, example) in examples.enumerated() {
            if index > 0 { lines.append(".PP") }
            lines.append(Roff.line(example.meaning + ":"))
            lines += [".RS 4", ".EX", Roff.guarded(Roff.escaped(example.line)), ".EE", ".RE"]
        }
    }

    private func annotated(_ help: String, _ annotations: [String]) -> String {
        Roff.line(([help] + annotations.map { "[\($0)]" }).joined(separator: " "))
    }
}

/// Text as roff reads it.
private enum Roff {
    /// The text with everything escaped that roff interprets or prints in a typographic form.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            case "\"": result += "\\(dq"
            case " "..."~": result.unicodeScalars.append(scalar)
            case _ where scalar.properties.isWhitespace: result += " "
            default: result += "\\[u\(hexadecimal(scalar))]"
            }
        }
        return result
    }

    /// A line of running text.
    static func line(_ text: String) -> String {
        guarded(escaped(text.split(whereSeparator: \.isWhitespace).joined(separator: " ")))
    }

    /// The line with a zero-width mark before a dot that would make it a request.
    static func guarded(_ line: String) -> String { line.hasPrefix(".") ? "\\&" + line : line }

    /// An argument of a macro.
    static func argument(_ text: String) -> String { "\"\(escaped(text))\"" }

    static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }

    static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

    static func usage(_ usage: Usage) -> String {
        usage.words.map { $0.isLiteral ? bold($0.text) : italic($0.text) }.joined(separator: " ")
    }

    /// At least four digits, as roff requires.
    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
