package import Execution
import Planning
import Prompts
import Support

/// The report of a run on a terminal.
package struct TextReport: Sendable {
    private let style: ANSIStyle
    private let isVerbose: Bool

    /// A renderer.
    ///
    /// - Parameters:
    ///   - color: Whether to use ANSI colours.
    ///   - verbose: Whether to list every prompt, however many there are.
    package init(color: Bool, verbose: Bool) {
        style = ANSIStyle(isOn: color)
        isVerbose = verbose
    }

    /// The report as text.
    ///
    /// - Parameter report: The report.
    /// - Returns: Lines; the last two of a run are the numbers of registered prompts and of errors.
    package func render(_ report: RunReport) -> String {
        var blocks = [
            [JobHeader.line(title: report.title, registry: report.location, target: report.target, style)],
            prompts(of: report),
        ]
        if let error = report.error { blocks.append(self.error(error, indent: "")) }
        blocks.append(RunRemarks(report).sentences)
        blocks.append(OrphanText.lines(report.orphans, arePruned: report.plan.aliasRemovals > 0))
        blocks.append(numbers(of: report))
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
            .joined(separator: "\n").withoutWorkflowCommands
    }

    /// A line for each prompt that is listed, its error below it, and a line for those that are not.
    private func prompts(of report: RunReport) -> [String] {
        let listsAll = isVerbose || report.prompts.count <= Quantity.listedPrompts
        let listed = report.prompts.filter { !$0.isUnplanned && (listsAll || !$0.isQuiet) }
        let rows = listed.map { row($0, of: report) }
        let table = TextTable(rows)
        var lines: [String] = []
        for (prompt, row) in zip(listed, rows) {
            lines.append(table.line(row, style))
            if let error = prompt.error { lines += self.error(error, indent: "    ") }
        }
        let unlisted = report.prompts.count { !$0.isUnplanned } - listed.count
        if unlisted > 0 { lines.append(style(Quantity.unlisted(unlisted), .dim)) }
        return lines
    }

    private func row(_ prompt: PromptReport, of report: RunReport) -> [TextTable.Cell] {
        let wording = PromptWording(prompt, of: report)
        return [
            .init(wording.sign, wording.look), .init(prompt.name), .init(wording.state, wording.look),
            .init(wording.version), .init(wording.aliases.joined(separator: ", ")),
        ]
    }

    private func numbers(of report: RunReport) -> [String] {
        guard report.mode == .run else { return [PlanText.counts(report.plan)] }
        return [
            "\(SummaryLine.text(report.summary)); \(Quantity.elapsed(milliseconds: report.elapsedMs))",
            "\(report.command.success): \(report.succeeded)", "Errors: \(report.errorCount)",
        ]
    }

    private func error(_ error: RegistryError, indent: String) -> [String] {
        let message = "\(error.message.escapedForTerminal) [\(error.code.rawValue)]"
        var lines = ["\(indent)\(style("error:", .red)) \(message)"]
        if let hint = error.hint {
            lines.append("\(indent)    \(style("help:", .cyan)) \(hint.escapedForTerminal)")
        }
        return lines
    }
}
