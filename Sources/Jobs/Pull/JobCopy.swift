import Glibc

/// A copy of a job's files with changes, which can be read as a job.
package struct JobCopy: Sendable {
    /// The spec's path in the copy.
    package let specPath: String
    private let folder: StagedFolder
    private let paths: [String: String]

    /// Copies the files of a job to a temporary folder.
    ///
    /// - Parameters:
    ///   - job: The job with all its prompts.
    ///   - files: The files with another content.
    /// - Throws: `StagingError`.
    package init(of job: DesiredState, changing files: [PulledFile]) throws(StagingError) {
        let changed = Dictionary(files.map { ($0.path, $0.new) }) { first, _ in first }
        let paths = Set(job.files)
        let absolute = Dictionary(paths.map { ($0, Self.absolute($0)) }) { first, _ in first }
        let base = Self.sharedFolder(of: absolute.values.map(FilePath.folder(of:)))
        folder = try StagedFolder(for: Self.temporary)
        do throws(StagingError) {
            for (path, place) in absolute.sorted(by: { $0.key < $1.key }) {
                let text: String
                if let new = changed[path] {
                    text = new
                } else {
                    do throws(TextFileError) {
                        text = try TextFile.text(of: path, limit: 8 << 20)
                    } catch {
                        throw StagingError(message: "'\(path)' \(error.reason)")
                    }
                }
                try folder.write(text, to: String(place.dropFirst(base.count + 1)))
            }
        } catch {
            folder.discard()
            throw error
        }
        let root = folder.path
        self.paths = absolute.mapValues { root + "/" + $0.dropFirst(base.count + 1) }
        specPath = self.paths[job.specPath] ?? ""
    }

    /// Where a file of the job is in the copy.
    package func path(of file: String) -> String? { paths[file] }

    /// A message about the copy with the paths of the job's files.
    package func original(_ message: String) -> String {
        message.replacing(folder.path + "/", with: "").replacing(folder.path, with: ".")
    }

    /// Removes the copy.
    package func discard() { folder.discard() }

    private static var temporary: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    /// Where a file is named, with the links of its folder resolved; its own name stays.
    private static func absolute(_ path: String) -> String {
        let folder = FilePath.folder(of: path)
        let name = FilePath.name(of: path)
        return (TextFile.resolved(folder.isEmpty ? "." : folder) ?? folder) + "/" + name
    }

    /// The folder that all folders are in; empty for the root.
    private static func sharedFolder(of folders: [String]) -> String {
        var parts = folders.first?.split(separator: "/") ?? []
        for folder in folders {
            parts = zip(parts, folder.split(separator: "/")).prefix { $0 == $1 }.map(\.0)
        }
        return parts.isEmpty ? "" : "/" + parts.joined(separator: "/")
    }
}
