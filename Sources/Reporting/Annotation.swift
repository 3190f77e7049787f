import Diagnostics
import Execution
import Prompts
import Support

/// A finding or a failure as a CI system shows it, on a line of a file where there is one.
struct Annotation {
    /// Where it is shown.
    struct Place {
        var file: String
        var line: Int
        var column: Int?
    }

    var severity: Diagnostic.Severity
    var place: Place?
    /// What it is about, in few words; the code itself for a finding.
    var title: String
    var code: String
    var message: String
    var help: String?

    /// A finding about the user's input.
    init(_ finding: Diagnostic) {
        severity = finding.severity
        place = finding.location.map { Place(file: $0.file, line: $0.line, column: $0.column) }
        title = finding.code.rawValue
        code = finding.code.rawValue
        message = finding.message
        help = finding.help
    }

    /// The failures of a run.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - specPath: The job spec; nil points to the templates instead.
    /// - Returns: One for the run and one for each prompt that failed.
    static func failures(of report: RunReport, specPath: String?) -> [Annotation] {
        let run = report.error.map { [Annotation($0, title: "promptreg")] } ?? []
        return run
            + report.prompts.filter { $0.status == .failed }.map { prompt in
                let title = "prompt \(prompt.name): \(prompt.failure)"
                let error = prompt.error ?? RegistryError(.failed, prompt.failure)
                return Annotation(error, title: title, place: place(of: prompt, specPath: specPath))
            }
    }

    private init(_ error: RegistryError, title: String, place: Place? = nil) {
        severity = .error
        self.place = place
        self.title = title
        code = error.code.rawValue
        message = error.message
        help = error.hint
    }

    /// The line of the spec that names a prompt, or else its template.
    private static func place(of prompt: PromptReport, specPath: String?) -> Place? {
        if let specPath, let line = prompt.specLine { return Place(file: specPath, line: line) }
        return prompt.template?.path.map { Place(file: $0, line: 1) }
    }
}

extension String {
    /// The text as the runner of a CI system reads it back, with visible control characters.
    ///
    /// - Parameter escapes: What stands for a character that would end the text, or begin an escape.
    /// - Returns: The text.
    func escaped(by escapes: [Unicode.Scalar: String]) -> String {
        unicodeScalars.reduce(into: "") { $0 += escapes[$1] ?? String($1).escapedForTerminal }
    }
}
