import ArgumentParsing
import Execution
import FoundationEssentials
import Planning
import Reporting

/// A file that a report is written to; its ending says in which format.
struct ReportFile: Hashable {
    /// The formats of report files.
    enum Format: String, CaseIterable {
        case json
        case markdown = "md"
        case junit = "xml"
    }

    /// The path.
    let path: String
    /// The format.
    let format: Format

    /// A report file; nil when the path's ending is of no format.
    init?(path: String) {
        guard let dot = path.lastIndex(of: "."),
            let format = Format(rawValue: path[path.index(after: dot)...].lowercased())
        else { return nil }
        self.path = path
        self.format = format
    }

    /// What is wrong with a path of any other ending.
    static let unknownEnding = "it ends in none of .json, .md and .xml"

    /// Reads a path from the command line.
    static func read(_ path: String) throws(ArgumentProblem) -> ReportFile {
        guard let file = ReportFile(path: path) else { throw ArgumentProblem(unknownEnding) }
        return file
    }

    /// The report in the file's format.
    func render(_ report: RunReport, plan: Plan?) throws -> String {
        switch format {
        case .json: try JSONReport.render(report)
        case .markdown: MarkdownReport.render(report, plan: plan)
        case .junit: JUnitReport.render(report)
        }
    }
}
