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
    package static func render(_ list: DiagnosticList) -> String { render(list.sorted.map(Annotation.init)) }

    /// The failures of a run, a line each.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - specPath: The job spec; nil points to the templates instead.
    /// - Returns: Lines, each ended by a newline; empty if nothing failed.
    package static func render(_ report: RunReport, specPath: String?) -> String {
        render(Annotation.failures(of: report, specPath: specPath))
    }

    private static func render(_ annotations: [Annotation]) -> String {
        let rest = annotations.count - limit
        let note =
            rest > 0
            ? command(
                "notice", [("title", "promptreg")], "\(Quantity.of(rest, "more finding")) in the log")
            : ""
        return annotations.prefix(limit).map(command).joined() + note
    }

    private static func command(_ annotation: Annotation) -> String {
        var properties: [(String, String)] = []
        if let place = annotation.place {
            properties = [("file", place.file), ("line", String(place.line))]
            if let column = place.column { properties.append(("col", String(column))) }
        }
        return command(
            annotation.severity == .note ? "notice" : annotation.severity.rawValue,
            properties + [("title", annotation.title)],
            annotation.message + (annotation.help.map { "\nhelp: \($0)" } ?? ""))
    }

    private static func command(
        _ level: String, _ properties: [(String, String)], _ text: String
    ) -> String {
        let list = properties.map { "\($0)=\($1.escaped(by: propertyEscapes))" }.joined(separator: ",")
        return "::\(level) \(list)::\(text.escaped(by: escapes))\n"
    }

    /// How GitHub reads texts back.
    private static let escapes: [Unicode.Scalar: String] = ["%": "%25", "\r": "%0D", "\n": "%0A"]
    private static let propertyEscapes = escapes.merging([":": "%3A", ",": "%2C"]) { first, _ in first }
}
