import ArgumentParsing
import Execution
import FoundationEssentials
import Planning
import Reporting

/// A file that a report is written to; its extension is the format.
struct ReportFile: Hashable {
    /// The formats of report files.
    enum Format: String, CaseIterable {
        case json
        case markdown = "md"
        case junit = "xml"
        case html
    }

    /// The path.
    let path: String
    /// The format.
    let format: Format

    /// A report file; nil if the path has no extension of a format.
    init?(path: String) {
        guard let dot = path.lastIndex(of: "."),
            let format = Format(rawValue: path[path.index(after: dot)...].lowercased())
        else { return nil }
        self.path = path
        self.format = format
    }

    /// What is wrong with a path that has another extension.
    static let unknownEnding = "the extension has to be .json, .md, .xml or .html"

    /// Reads a path from the command line.
    static func read(_ path: String) throws(ArgumentProblem) -> ReportFile {
        guard let file = ReportFile(path: path) else { throw ArgumentProblem(unknownEnding) }
        return file
    }

    /// The report in the file's format; Markdown is short enough for a comment on a pull request.
    func render(_ report: RunReport, plan: Plan?) -> String {
        switch format {
        case .json: JSONReport.render(report)
        case .markdown: MarkdownReport.render(report, plan: plan, limits: .comment)
        case .junit: JUnitReport.render(report)
        case .html: HTMLReport.render(report, plan: plan)
        }
    }

    /// Writes a text in the file's format, with its seal where the format has comments.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - replaceable: What may be there already.
    /// - Returns: Why it could not be written; nil when it was.
    func write(_ text: String, replacing replaceable: ReplaceableFile) -> CommandFailure.Message? {
        do throws(FileWriteError) {
            let text = format == .json ? text : ReportSeal.sealed(text)
            try WholeFile.write(Data(text.utf8), to: path, replacing: replaceable)
            return nil
        } catch {
            return .init(text: "the report '\(path)' cannot be written: \(error.reason)")
        }
    }
}
