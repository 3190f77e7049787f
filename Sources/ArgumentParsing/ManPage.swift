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
        let shared = sharedFlags(of: program)
        for command in program.allCommands { page.add(command, of: program, without: Set(shared)) }
        if !shared.isEmpty {
            page.section("Shared flags")
            page.add(shared)
        }
        page.section("Global flags")
        page.add(program.globalFlags)
        page.entries("Exit status", program.exitCodes)
        page.entries("Environment", program.environment)
        page.entries("Files", program.files)
        page.add(program.commands.flatMap(\.examples))
        return page.lines.map { $0 + "\n" }.joined()
    }

    /// The flags that mean the same in several commands, in the order in which they come up.
    private static func sharedFlags(of program: Program) -> [Flag] {
        var counts: [Flag: Int] = [:]
        let flags = program.allCommands.flatMap { $0.flagGroups.flatMap(\.flags) }
        for flag in flags { counts[flag, default: 0] += 1 }
        var seen: Set<Flag> = []
        return flags.filter { counts[$0, default: 0] > 1 && seen.insert($0).inserted }
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

    mutating func add(_ command: Command, of program: Program, without shared: Set<Flag>) {
        lines.append(".SS " + Roff.argument("\(program.name) \(command.name)"))
        paragraphs([command.summary + "."])
        lines += [".PP", Roff.usage(Usage(program, command))]
        for text in command.discussion { lines += [".PP", Roff.line(text)] }
        for positional in command.positionals {
            tagged(Roff.italic(positional.value.metavar), annotated(positional.help, positional.annotations))
        }
        for group in command.flagGroups {
            let own = group.flags.filter { !shared.contains($0) }
            if own.isEmpty { continue }
            lines += [".PP", Roff.line(group.title + ":")]
            add(own)
        }
        let others = command.flagGroups.flatMap(\.flags).filter(shared.contains).map {
            Roff.bold($0.spelling)
        }
        if !others.isEmpty { lines += [".PP", "Shared flags: " + others.joined(separator: ", ")] }
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
