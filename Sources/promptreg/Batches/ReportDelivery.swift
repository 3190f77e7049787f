import Execution
import FoundationEssentials
import Glibc
import Planning
import Prompts
import Reporting

/// Brings a report to everyone who reads it: the terminal, files, and GitHub.
struct ReportDelivery {
    let settings: BatchSettings
    let console: Console
    let environment: [String: String]
    /// The spec's path in its repository, for annotations.
    var specPath: String?

    /// Makes sure, before anything is done, that what is asked for can be written.
    ///
    /// - Throws: `ExitCode`, after the reason was reported.
    func checkFiles() throws(ExitCode) {
        let paths =
            settings.reports.map { ("--report", $0.path) } + (settings.outFile.map { [("--out", $0)] } ?? [])
        for (flag, path) in paths {
            do throws(FileWriteError) {
                try WholeFile.checkWritable(path)
            } catch {
                console.error("\(flag) '\(path)' cannot be written: \(error.reason)")
                throw ExitCode.usage
            }
        }
    }

    /// Writes the report everywhere.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - plan: What it is the report of; nil when nothing could be planned.
    /// - Throws: `ExitCode` when a file could not be written, after all others were.
    func deliver(_ report: RunReport, plan: Plan?) throws(ExitCode) {
        try deliverFiles(report, plan: plan)
        if let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
            if let reason = append(MarkdownReport.render(report, plan: plan), to: path) {
                console.warning("the step summary '\(path)' cannot be written: \(reason)")
            }
        }
        if environment["GITHUB_ACTIONS"] == "true" {
            console.writeError(GitHubAnnotations.render(report, specPath: specPath))
        }
        try deliverOutput(report, plan: plan)
    }

    /// Brings a report of what cannot be begun to programs; people were told already.
    ///
    /// - Parameter report: The report.
    func deliver(refusal report: RunReport) {
        do throws(ExitCode) {
            try deliverFiles(report, plan: nil)
            if settings.format == .json { try deliverOutput(report, plan: nil) }
        } catch {
            // The user was told; how the program ends is for what could not be begun to say.
        }
    }

    private func deliverOutput(_ report: RunReport, plan: Plan?) throws(ExitCode) {
        do {
            try show(report, plan: plan)
        } catch {
            console.error("the report cannot be written as JSON: \(error)")
            throw ExitCode.failed
        }
    }

    private func deliverFiles(_ report: RunReport, plan: Plan?) throws(ExitCode) {
        var failed = false
        for file in settings.reports {
            do {
                try WholeFile.write(Data(try file.render(report, plan: plan).utf8), to: file.path)
            } catch {
                console.error("the report '\(file.path)' cannot be written: \(error.reason)")
                failed = true
            }
        }
        if failed { throw ExitCode.failed }
    }

    private func show(_ report: RunReport, plan: Plan?) throws {
        switch settings.format {
        case .json: console.write(try JSONReport.render(report))
        case .text where console.isQuiet:
            // What kept a run from beginning was said already.
            guard plan != nil else { break }
            if let error = report.error { console.error(error.message, hint: error.hint) }
            for prompt in report.prompts {
                if let error = prompt.error {
                    console.error("\(prompt.name): \(error.message)", hint: error.hint)
                }
            }
        case .text:
            // Where there was no plan there is nothing to tell but the error, which was told.
            guard let plan else { break }
            let color = console.colorsOutput
            if report.mode == .run {
                console.write(TextReport(color: color, verbose: console.isVerbose).render(report))
            } else {
                console.write(PlanText(color: color, verbose: console.isVerbose).render(plan))
            }
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
