import ArgumentParsing

/// Writes what a command found out to the files of `--report`, and to the CI system's step summary.
struct FindingsDelivery {
    /// The files.
    let reports: [ReportFile]
    let context: CommandContext

    /// The flag of a command that changes nothing, whose findings are no test cases.
    static let report = Option(
        Flag(
            "report", value: .file("FILE"), isRepeatable: true,
            help: "Write the findings to a file, in the format of its extension: .json, .md or .html"),
        appendingTo: \[ReportFile].self
    ) { path throws(ArgumentProblem) in
        guard let file = ReportFile(path: path), file.format != .junit else {
            throw ArgumentProblem("the extension has to be .json, .md or .html")
        }
        return file
    }

    /// Checks, before anything is done, that all files can be written, and that none would replace another.
    ///
    /// - Throws: `CommandFailure`.
    func check() throws(CommandFailure) {
        try WholeFile.checkDistinct(reports.map(\.path))
        for report in reports {
            try WholeFile.checkWritable(report.path, for: "--report", replacing: .report(report.format))
        }
    }

    /// Writes the findings.
    ///
    /// - Parameter render: The findings in a format.
    /// - Throws: `CommandFailure` if a file could not be written, after all of them were tried.
    func deliver(_ render: (ReportFile.Format) -> String) throws(CommandFailure) {
        var failure = CommandFailure(.failed)
        for report in reports {
            let problem = report.write(render(report.format), replacing: .report(report.format))
            failure.messages += [problem].compactMap(\.self)
        }
        context.addStepSummary { render(.markdown) }
        if !failure.messages.isEmpty { throw failure }
    }
}
