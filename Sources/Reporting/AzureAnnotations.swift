package import Diagnostics
package import Execution
import Support

/// Findings and failures as logging commands of Azure Pipelines, which lists them for a run of the pipeline.
///
/// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
package enum AzureAnnotations {
    /// Errors and warnings about the user's input, a line each, and notes as plain text: Azure has none.
    ///
    /// - Parameter list: The findings.
    /// - Returns: Lines, each ended by a newline; empty if there are no findings.
    package static func render(_ list: DiagnosticList) -> String {
        list.sorted.map { finding in
            let annotation = Annotation(finding)
            guard finding.severity == .note else { return command(annotation) }
            return "note: \(text(of: annotation).escapedForTerminal)\n".withoutWorkflowCommands
        }.joined()
    }

    /// The failures of a run, a line each.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - specPath: The job spec; nil points to the templates instead.
    /// - Returns: Lines, each ended by a newline; empty if nothing failed.
    package static func render(_ report: RunReport, specPath: String?) -> String {
        Annotation.failures(of: report, specPath: specPath).map(command).joined()
    }

    /// The command that shows a Markdown file beside the results of a pipeline's run.
    ///
    /// - Parameter path: The absolute path, which the agent reads after the step wrote this.
    /// - Returns: A line.
    package static func uploadSummary(_ path: String) -> String {
        "##vso[task.uploadsummary]\(path.escaped(by: escapes))\n"
    }

    private static func command(_ annotation: Annotation) -> String {
        var properties = [("type", annotation.severity.rawValue)]
        if let place = annotation.place {
            properties += [("sourcepath", place.file), ("linenumber", String(place.line))]
            if let column = place.column { properties.append(("columnnumber", String(max(1, column)))) }
        }
        properties.append(("code", annotation.code))
        let list = properties.map { "\($0)=\($1.escaped(by: propertyEscapes))" }.joined(separator: ";")
        return "##vso[task.logissue \(list)]\(text(of: annotation).escaped(by: escapes))\n"
    }

    /// What it says. Azure has no title for what the code does not say.
    private static func text(of annotation: Annotation) -> String {
        let start = annotation.title == annotation.code ? "" : annotation.title + ": "
        return start + annotation.message + (annotation.help.map { " (help: \($0))" } ?? "")
    }

    /// How Azure's agent reads texts back: `CommandStringConvertor` of azure-pipelines-agent.
    private static let escapes: [Unicode.Scalar: String] = ["%": "%AZP25", "\r": "%0D", "\n": "%0A"]
    private static let propertyEscapes = escapes.merging([";": "%3B", "]": "%5D"]) { first, _ in first }
}
