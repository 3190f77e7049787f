package import Diagnostics
package import Execution
import Prompts
import Support

/// Findings and failures as GitHub Actions' workflow commands, which it shows beside the files.
package enum GitHubAnnotations {
    /// How many are written. GitHub shows at most 50 a job, and the log has all of them in plain text anyway.
    private static let limit = 50

    private struct Annotation {
        var level: String
        var place: [(String, String)] = []
        var title: String
        var message: String
    }

    /// The findings about the user's input, a line each.
    ///
    /// - Parameter list: The findings.
    /// - Returns: Lines, each ended by a newline; empty when there are no findings.
    package static func render(_ list: DiagnosticList) -> String {
        render(
            list.sorted.map { diagnostic in
                Annotation(
                    level: diagnostic.severity.rawValue,
                    place: diagnostic.location.map {
                        place($0.file, line: $0.line) + [("col", String($0.column))]
                    } ?? [],
                    title: diagnostic.code.rawValue,
                    message: message(diagnostic.message, help: diagnostic.help))
            })
    }

    /// The failures of a run, a line each.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - specPath: The job spec; nil points to the templates instead.
    /// - Returns: Lines, each ended by a newline; empty when nothing failed.
    package static func render(_ report: RunReport, specPath: String?) -> String {
        var annotations: [Annotation] = []
        if let error = report.error {
            annotations.append(
                Annotation(
                    level: "error", title: "promptreg", message: message(error.message, help: error.hint)))
        }
        for prompt in report.prompts where prompt.status == .failed {
            annotations.append(
                Annotation(
                    level: "error",
                    place: place(of: prompt, specPath: specPath),
                    title: "prompt \(prompt.name): \(prompt.failure)",
                    message: message(prompt.error?.message ?? prompt.failure, help: prompt.error?.hint)))
        }
        return render(annotations)
    }

    private static func render(_ annotations: [Annotation]) -> String {
        var text = annotations.prefix(limit).map(command).joined()
        if annotations.count > limit {
            let rest = annotations.count - limit
            text += command(
                Annotation(
                    level: "notice", title: "promptreg",
                    message: "\(Quantity.of(rest, "more finding")) in the log"))
        }
        return text
    }

    private static func command(_ annotation: Annotation) -> String {
        let properties = (annotation.place + [("title", annotation.title)])
            .map { "\($0)=\(escaped($1, isProperty: true))" }.joined(separator: ",")
        return "::\(annotation.level) \(properties)::\(escaped(annotation.message, isProperty: false))\n"
    }

    /// The line of the spec that names a prompt, else its template.
    private static func place(of prompt: PromptReport, specPath: String?) -> [(String, String)] {
        if let specPath, let line = prompt.specLine { return place(specPath, line: line) }
        return prompt.template?.path.map { place($0, line: 1) } ?? []
    }

    private static func place(_ file: String, line: Int) -> [(String, String)] {
        [("file", file), ("line", String(line))]
    }

    private static func message(_ message: String, help: String?) -> String {
        message + (help.map { "\nhelp: \($0)" } ?? "")
    }

    /// The text as GitHub reads it back; what would steer a terminal is made visible.
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
