import Execution
import FoundationEssentials

extension RunReport {
    /// Reads the JSON report of a run that moved aliases.
    ///
    /// - Parameter path: The report's file.
    /// - Throws: `CommandFailure`.
    init(contentsOf path: String) throws(CommandFailure) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure(
                .invalidInput, "the report '\(path)' cannot be read: \(error.reason)")
        }
        let make = "a run writes one with --report FILE.json"
        guard let report = try? JSONDecoder().decode(RunReport.self, from: data) else {
            throw CommandFailure(
                .invalidInput, "'\(path)' is not a JSON report of a run", hint: make)
        }
        guard report.schemaVersion == Self.currentSchemaVersion else {
            throw CommandFailure(
                .invalidInput,
                "the report '\(path)' has version \(report.schemaVersion); this promptreg reads version "
                    + "\(Self.currentSchemaVersion)")
        }
        guard report.mode == .run else {
            throw CommandFailure(
                .invalidInput, "the report '\(path)' is of a run that only showed what it would do",
                hint: make)
        }
        self = report
    }
}
