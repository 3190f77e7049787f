import Execution
import FoundationEssentials
import Glibc
import Planning
import Prompts
import Reporting

/// Brings a report to everyone who reads it: the terminal, files, and GitHub.
struct ReportDelivery {
    let options: BatchOptions
    let outFile: String?
    let context: CommandContext
    /// The spec's path in its repository, for annotations.
    var specPath: String?

    /// Makes sure, before anything is done, that what is asked for can be written.
    ///
    /// - Throws: `CommandFailure`, after the reason was reported.
    func checkFiles() throws(CommandFailure) {
        for report in options.reports { try WholeFile.checkWritable(report.path, for: "--report") }
        if let outFile { try WholeFile.checkWritable(outFile, for: "--out") }
    }

    /// Writes the report everywhere.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - plan: What it is the report of; nil when nothing could be planned.
    /// - Throws: `CommandFailure` when a file could not be written, after all others were.
    func deliver(_ report: RunReport, plan: Plan?) throws(CommandFailure) {
        try deliverFiles(report, plan: plan)
        if let path = context.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
            if let reason = append(MarkdownReport.render(report, plan: plan), to: path) {
                context.console.warning("the step summary '\(path)' cannot be written: \(reason)")
            }
        }
        if context.environment["GITHUB_ACTIONS"] == "true" {
            context.console.writeError(GitHubAnnotations.render(report, specPath: specPath))
        }
        show(report, plan: plan)
    }

    /// Delivers the report of a batch that failed before there was a plan.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - failure: Why it failed.
    ///   - isPrepared: Whether the job could be used; else files and programs alone get the report.
    /// - Returns: The failure, with what could not be written.
    func deliver(_ report: RunReport, of failure: CommandFailure, isPrepared: Bool) -> CommandFailure {
        do throws(CommandFailure) {
            if isPrepared {
                try deliver(report, plan: nil)
            } else {
                try deliverFiles(report, plan: nil)
                if options.format == .json { show(report, plan: nil) }
            }
            return failure
        } catch {
            var both = failure
            both.messages += error.messages
            return both
        }
    }

    private func deliverFiles(_ report: RunReport, plan: Plan?) throws(CommandFailure) {
        var failure = CommandFailure(.failed)
        for file in options.reports {
            do {
                try WholeFile.write(Data(file.render(report, plan: plan).utf8), to: file.path)
            } catch {
                let text = "the report '\(file.path)' cannot be written: \(error.reason)"
                failure.messages.append(CommandFailure.Message(text: text))
            }
        }
        if !failure.messages.isEmpty { throw failure }
    }

    private func show(_ report: RunReport, plan: Plan?) {
        switch options.format {
        case .json: context.console.write(JSONReport.render(report))
        case .text where context.console.isQuiet:
            // What kept a run from beginning was said already.
            guard plan != nil else { break }
            if let error = report.error { context.console.error(error.message, hint: error.hint) }
            for prompt in report.prompts {
                if let error = prompt.error {
                    context.console.error("\(prompt.name): \(error.message)", hint: error.hint)
                }
            }
        case .text:
            // Without a plan there is nothing to tell but the error, which was told.
            guard let plan else { break }
            let style = context.console.textStyle
            context.console.write(
                report.mode == .run ? TextReport.render(report, style) : PlanText.render(plan, style))
        }
    }

    /// Adds to a file that others add to as well.
    ///
    /// - Returns: Why it could not be done; nil when it could.
    private func append(_ text: String, to path: String) -> String? {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { return String(cString: strerror(errno)) }
        defer { close(file) }
        return text.writeAll(to: file)
    }
}
