import FoundationEssentials
import Glibc
import Jobs
import Reporting

/// What may be written over: what an earlier run of the same command wrote, and whatever is empty.
enum ReplaceableFile: Hashable {
    /// A saved plan.
    case plan
    /// A lock file.
    case lock
    /// A report in a format.
    case report(ReportFile.Format)
    /// No file.
    case nothing
    /// Any file, which `--force` asks for.
    case anything

    /// The largest file that is looked into, in bytes.
    private static let sizeLimit = 256 << 20

    /// Why a file may not be written over.
    ///
    /// - Parameter path: The file, which need not exist.
    /// - Returns: The reason, as the end of a sentence about the file; nil when it may.
    func obstacle(at path: String) -> String? {
        var (status, named) = (stat(), stat())
        guard lstat(path, &named) == 0 else { return nil }
        // Whoever made the link chose a file that is to appear outside of what can be seen here.
        guard stat(path, &status) == 0 else { return "it is a link to a file that does not exist" }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0, self != .anything else { return nil }
        let noun: String
        switch self {
        case .plan: noun = "a saved plan"
        case .lock: noun = "a lock file"
        case .report(let format): noun = "a \(format.noun) report as promptreg writes it"
        case .nothing, .anything: return "it exists already"
        }
        do throws(TextFileError) {
            return covers(try TextFile.bytes(of: path, limit: Self.sizeLimit))
                ? nil : "it exists already and is not \(noun)"
        } catch {
            return "it exists already and \(error.reason), so that it may be something else than \(noun)"
        }
    }

    /// Whether a file holds a report of this program that nobody has changed.
    ///
    /// - Parameters:
    ///   - content: The file.
    ///   - start: How such a report begins.
    /// - Returns: Whether it is one.
    private static func isReport(_ content: [UInt8], startingWith start: String) -> Bool {
        content.starts(with: start.utf8)
            && ReportSeal.isUnbroken(of: String(decoding: content, as: UTF8.self))
    }

    private func covers(_ content: [UInt8]) -> Bool {
        switch self {
        case .plan: (try? JSONDecoder().decode(PlanHead.self, from: Data(content))) != nil
        case .lock: (try? JSONDecoder().decode(LockHead.self, from: Data(content))) != nil
        case .report(.json):
            (try? JSONDecoder().decode(ReportHead.self, from: Data(content)))?.tool.name == "promptreg"
        case .report(.markdown): Self.isReport(content, startingWith: "## promptreg: ")
        case .report(.junit): Self.isReport(content, startingWith: JUnitReport.start)
        case .report(.html): Self.isReport(content, startingWith: HTMLPage.start)
        case .nothing: false
        case .anything: true
        }
    }
}

/// What every prompt has that one of these files tells of.
private struct NamedPrompt: Decodable {
    let name: String
}

/// What every version of a saved plan has.
private struct PlanHead: Decodable {
    struct Plan: Decodable {
        let prompts: [NamedPrompt]
    }
    let plan_version: Int
    let tool_version: String
    let plan: Plan
}

/// What every version of a lock file has.
private struct LockHead: Decodable {
    struct Prompt: Decodable {
        let uri: String
        let content_hash: String
    }
    let schema_version: Int
    let registry: String
    let prompts: [Prompt]
}

/// What every version of a JSON report has.
private struct ReportHead: Decodable {
    struct Tool: Decodable {
        let name: String
        let version: String
    }
    let schema_version: Int
    let tool: Tool
    let prompts: [NamedPrompt]
}

extension ReportFile.Format {
    /// The format in a sentence.
    fileprivate var noun: String {
        switch self {
        case .json: "JSON"
        case .markdown: "Markdown"
        case .junit: "JUnit"
        case .html: "HTML"
        }
    }
}
