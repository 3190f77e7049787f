package import Diagnostics
package import Execution
import Prompts
import Support

/// Findings and failures as workflow commands of GitHub Actions, which shows them on the lines of the files.
package enum GitHubAnnotations {
    /// GitHub shows at most 50 for a job; the log has all of them as plain text.
    private static let limit = 50

    /// Findings about the user's input, a line each.
    ///
    /// - Parameter list: The findings.
    /// - Returns: Lines, each ended by a newline; empty if there are no findings.
    package static func render(_ list: DiagnosticList) -> String {
        let commands = list.sorted.map { finding -> String in
            let place = finding.location.map { self.place($0.file, line: $0.line, column: $0.column) }
            return command(
                finding.severity == .note ? "notice" : finding.severity.rawValue, place ?? [],
                title: finding.code.rawValue, finding.message,
                help: finding.help)
        }
        return render(commands)
    }

    /// The failures of a run, a line each.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - specPath: The job spec; nil points to the templates instead.
    /// - Returns: Lines, each ended by a newline; empty if nothing failed.
    package static func render(_ report: RunReport, specPath: String?) -> String {
        let run = report.error.map { [command("error", title: "promptreg", $0.message, help: $0.hint)] } ?? []
        return render(
            run
                + report.prompts.filter { $0.status == .failed }.map { prompt in
                    command(
                        "error", place(of: prompt, specPath: specPath),
                        title: "prompt \(prompt.name): \(prompt.failure)",
                        prompt.error?.message ?? prompt.failure, help: prompt.error?.hint)
                })
    }

    private static func render(_ commands: [String]) -> String {
        let rest = commands.count - limit
        let note =
            rest > 0
            ? command(
                "notice", title: "promptreg", "\(Quantity.of(rest, "more finding")) in the log", help: nil)
            : ""
        return commands.prefix(limit).joined() + note
    }

    private static func command(
        _ level: String, _ place: [(String, String)] = [], title: String, _ message: String, help: String?
    ) -> String {
        let properties = (place + [("title", title)])
            .map { "\($0)=\(escaped($1, isProperty: true))" }.joined(separator: ",")
        let text = message + (help.map { "\nhelp: \($0)" } ?? "")
        return "::\(level) \(properties)::\(escaped(text, isProperty: false))\n"
    }

    /// The line of the spec that names a prompt, or else its template.
    private static func place(of prompt: PromptReport, specPath: String?) -> [(String, String)] {
        if let specPath, let line = prompt.specLine { return place(specPath, line: line) }
        return prompt.template?.path.map { place($0, line: 1) } ?? []
    }

    private static func place(_ file: String, line: Int, column: Int? = nil) -> [(String, String)] {
        [("file", file), ("line", String(line))] + (column.map { [("col", String($0))] } ?? [])
    }

    /// The text as GitHub reads it back, with visible control characters.
    private static func escaped(_ text: String, isProperty: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ":" where isProperty: result += "%3A"
            case "," where isProperty: result += "%2C"
            default: result += String(scalar).escapedForTerminal
            }
        }
        return result
    }
}
