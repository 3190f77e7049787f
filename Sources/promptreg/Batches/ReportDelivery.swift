import Execution
import FoundationEssentials
import Planning
import Prompts
import Reporting

/// Writes a report everywhere it is read: to the terminal, to files, and to the CI system.
struct ReportDelivery {
    let options: BatchOptions
    let outFile: String?
    let context: CommandContext
    /// The spec's path in its repository, for annotations.
    var specPath: String?

    /// Checks, before anything is done, that all files can be written, and that none would replace another.
    ///
    /// - Throws: `CommandFailure`.
    func checkFiles() throws(CommandFailure) {
        try WholeFile.checkDistinct(
            options.reports.map(\.path) + [outFile, options.lockFile].compactMap(\.self))
        for report in options.reports {
            try WholeFile.checkWritable(
                report.path, for: "--report", replacing: replaceable(.report(report.format)))
        }
        if let outFile {
            try WholeFile.checkWritable(outFile, for: "--out", replacing: replaceable(.plan))
        }
        if let lockFile = options.lockFile {
            try WholeFile.checkWritable(lockFile, for: "--lock", replacing: replaceable(.lock))
        }
    }

    /// What may be there already: only that, unless any file may be replaced.
    func replaceable(_ usual: ReplaceableFile) -> ReplaceableFile {
        options.replacesFiles ? .anything : usual
    }

    /// Writes the report everywhere.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - plan: The plan that it is the report of; nil if there is none.
    /// - Throws: `CommandFailure` if a report file could not be written, after all of them were tried.
    func deliver(_ report: RunReport, plan: Plan?) throws(CommandFailure) {
        try deliverFiles(report, plan: plan)
        context.addStepSummary { MarkdownReport.render(report, plan: plan) }
        if let workspace = AnnotatedWorkspace(context.environment) {
            context.console.writeError(workspace.annotations(report, specPath: specPath))
        }
        show(report, plan: plan)
    }

    /// Delivers the report of a batch that failed before there was a plan.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - failure: Why it failed.
    ///   - isPrepared: Whether the job is valid; if not, only files and programs get the report.
    /// - Returns: The failure, with the files that could not be written.
    func deliver(_ report: RunReport, of failure: CommandFailure, isPrepared: Bool) -> CommandFailure {
        var failure = failure
        do throws(CommandFailure) {
            if isPrepared {
                try deliver(report, plan: nil)
            } else {
                try deliverFiles(report, plan: nil)
                if options.format == .json { show(report, plan: nil) }
            }
        } catch {
            failure.messages += error.messages
        }
        return failure
    }

    private func deliverFiles(_ report: RunReport, plan: Plan?) throws(CommandFailure) {
        var failure = CommandFailure(.failed)
        for file in options.reports {
            let problem = file.write(
                file.render(report, plan: plan), replacing: replaceable(.report(file.format)))
            failure.messages += [problem].compactMap(\.self)
        }
        if !failure.messages.isEmpty { throw failure }
    }

    private func show(_ report: RunReport, plan: Plan?) {
        let console = context.console
        if options.format == .json { return console.write(JSONReport.render(report)) }
        // Without a plan there is only the error, which is printed with the command's failure.
        guard let plan else { return }
        if console.isQuiet {
            if let error = report.error { console.error(error.message, hint: error.hint) }
            for told in report.toldErrors {
                console.error("\(told.subject): \(told.error.message)", hint: told.error.hint)
            }
        } else if report.mode == .run {
            console.write(TextReport.render(report, console.textStyle))
        } else {
            console.write(PlanText.render(plan, console.textStyle))
        }
    }
}
