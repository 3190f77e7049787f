import Diagnostics
import Foundation

@testable import Jobs

/// A scratch folder with a job in it: `jobs/job.yaml` and templates in `prompts/`.
final class JobFolder {
    let root: URL

    init(_ files: [String: String] = [:]) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "promptreg-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: root.appending(path: "prompts"), withIntermediateDirectories: true)
        for (path, text) in files { try write(Data(text.utf8), to: path) }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ data: Data, to path: String) throws {
        let url = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }

    func path(_ relative: String) -> String { root.appending(path: relative).path }

    /// Loads a job with this spec.
    func load(_ spec: String, inputs: JobInputs = JobInputs()) throws -> LoadedJob {
        try write(Data(spec.utf8), to: "jobs/job.yaml")
        return LoadedJob(path: path("jobs/job.yaml"), inputs: inputs)
    }
}

extension LoadedJob {
    /// Each finding as `code@line:column`, or `code` where it has no place, by file and place.
    var findings: [String] {
        diagnostics.sorted.map { diagnostic in
            let place = diagnostic.location.map { "@\($0.line):\($0.column)" } ?? ""
            return diagnostic.code.rawValue + place
        }
    }
}
