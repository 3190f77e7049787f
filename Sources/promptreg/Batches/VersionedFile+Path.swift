import Execution
import FoundationEssentials
import Jobs
import Support

/// The largest plan or report that is read, in bytes.
private let versionedFileLimit = 256 << 20

extension VersionedFile {
    /// Reads a file that the command line names.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - noun: What it should be, such as `saved plan`.
    ///   - remedy: How to get one, in the imperative.
    /// - Throws: `CommandFailure`.
    init(contentsOf path: String, _ noun: String, remedy: String) throws(CommandFailure) {
        let data: Data
        do throws(TextFileError) {
            data = Data(try TextFile.bytes(of: path, limit: versionedFileLimit))
        } catch {
            throw CommandFailure(.invalidInput, "the \(noun) '\(path)' \(error.reason)")
        }
        do throws(VersionedFileError) {
            try self.init(json: data)
        } catch {
            switch error {
            case .otherFormat:
                if let encoding = wideEncoding(of: data) {
                    throw CommandFailure(
                        .invalidInput, "the \(noun) '\(path)' is \(encoding), not UTF-8",
                        hint: "save it as UTF-8, or \(remedy)")
                }
                throw CommandFailure(.invalidInput, "'\(path)' is not a \(noun)", hint: remedy)
            case .invalid(let reason):
                throw CommandFailure(
                    .invalidInput, "the \(noun) '\(path)' is damaged: \(reason)", hint: remedy)
            case .otherVersion(let version):
                throw CommandFailure(
                    .invalidInput,
                    "the \(noun) '\(path)' has version \(version); this promptreg reads version "
                        + "\(Self.currentVersion)", hint: "use the promptreg that wrote it, or \(remedy)")
            }
        }
    }
}

extension RunReport {
    /// Reads the JSON report of a run that may have moved aliases.
    ///
    /// - Parameter path: The report's file.
    /// - Throws: `CommandFailure`.
    init(ofRunAt path: String) throws(CommandFailure) {
        let remedy = "write one with run --report FILE.json"
        let report = try RunReport(contentsOf: path, "JSON report", remedy: remedy)
        guard report.mode == .run else {
            throw CommandFailure(
                .invalidInput, "'\(path)' is the report of a dry run or a plan, which moves no alias",
                hint: remedy)
        }
        if let contradiction = report.contradiction {
            throw CommandFailure(
                .invalidInput, "the JSON report '\(path)' is damaged: \(contradiction)", hint: remedy)
        }
        self = report
    }
}
