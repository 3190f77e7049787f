import Execution
import FoundationEssentials

extension RunReport {
    /// Reads the JSON report of a run that moved aliases.
    ///
    /// - Parameters:
    ///   - path: The report's file.
    ///   - console: Told why it cannot be used.
    /// - Throws: `ExitCode`, after the reason was reported.
    init(contentsOf path: String, console: Console) throws(ExitCode) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            console.error("the report '\(path)' cannot be read: \(error.reason)")
            throw ExitCode.invalidInput
        }
        let make = "a run writes one with --report FILE.json"
        guard let report = try? JSONDecoder().decode(RunReport.self, from: data) else {
            console.error("'\(path)' is no JSON report of a run", hint: make)
            throw ExitCode.invalidInput
        }
        guard report.schemaVersion == Self.currentSchemaVersion else {
            console.error(
                "the report '\(path)' has version \(report.schemaVersion); this promptreg reads version "
                    + "\(Self.currentSchemaVersion)")
            throw ExitCode.invalidInput
        }
        guard report.mode == .run else {
            console.error("the report '\(path)' is of a run that only showed what it would do", hint: make)
            throw ExitCode.invalidInput
        }
        self = report
    }
}
