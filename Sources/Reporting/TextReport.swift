package import Execution
import Planning
import Prompts
import Support

/// The report of a run on a terminal.
package enum TextReport {
    /// The report as text.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - style: How to write it; a verbose one lists every prompt.
    /// - Returns: Lines; the last two of a run are the numbers of registered prompts and of errors.
    package static func render(_ report: RunReport, _ style: TextStyle) -> String {
        [
            [
                style.header(
                    report.title, report.location, target: report.target,
                    isElsewhere: report.registryOverridden ?? false)
            ],
            prompts(of: report, style), report.drifted.map(\.escapedForTerminal),
            sharedErrors(of: report, style),
            report.error.map { error($0, indent: "", style) } ?? [],
            report.remarks, OrphanText.lines(report.orphans, report.plan),
            numbers(of: report),
        ].text
    }

    /// A line for each listed prompt with its error below, and a line that counts those that are not listed.
    private static func prompts(of report: RunReport, _ style: TextStyle) -> [String] {
        let planned = report.prompts.filter { !$0.isUnplanned }
        let listsAll = style.isVerbose || report.prompts.count <= Quantity.listedPrompts
        // Whoever interrupts a long run wants to know how far it came.
        let isInterrupted = report.status == .interrupted
        let listed = planned.filter { listsAll || (isInterrupted ? $0.error != nil : !$0.isQuiet) }
        let rows = listed.map { prompt -> [TextTable.Cell] in
            let wording = PromptWording(prompt, of: report)
            return [
                .init(wording.sign, wording.look), .init(prompt.name), .init(wording.state, wording.look),
                .init(wording.version), .init(wording.aliases.joined(separator: ", ")),
            ]
        }
        let errors = Dictionary(
            report.toldErrors.filter { !$0.isShared }.map { ($0.names[0], $0.error) }
        ) { first, _ in first }
        let lines = zip(listed, TextTable.lines(rows, style)).flatMap { prompt, line in
            [line] + (prompt.gates ?? []).map { "    " + $0.text(style) }
                + ((prompt.error == nil ? nil : errors[prompt.name]).map { error($0, indent: "    ", style) }
                    ?? [])
        }
        let summary = listsAll ? [] : report.doneBeforeInterruption.map(\.escapedForTerminal)
        return lines + summary
            + Quantity.unlisted(
                planned.count - listed.count, isInterrupted ? "prompt" : "unchanged prompt", style)
    }

    /// The errors that several prompts have alike.
    private static func sharedErrors(of report: RunReport, _ style: TextStyle) -> [String] {
        report.toldErrors.filter(\.isShared).flatMap { told in
            var error = told.error
            error.message = "\(told.subject): \(error.message)"
            return self.error(error, indent: "", style)
        }
    }

    private static func numbers(of report: RunReport) -> [String] {
        guard report.mode == .run else { return [PlanText.counts(report.plan, of: report.command)] }
        return [
            "\(report.summaryLine); \(Quantity.elapsed(milliseconds: report.elapsedMs))",
            "\(report.command.success): \(report.succeeded)", "Errors: \(report.errorCount)",
        ]
    }

    private static func error(_ error: RegistryError, indent: String, _ style: TextStyle) -> [String] {
        let message = "\(error.message.escapedForTerminal) [\(error.code.rawValue)]"
        return (["\(style("error:", .red)) \(message)"] + style.help(error.hint)).map { indent + $0 }
    }
}
