import Dispatch
import Execution
import Foundation
import Jobs
import Synchronization

/// What git says of the files of a job.
enum GitRepository {
    /// Asks git for the commit and for the job's files that differ from it.
    ///
    /// - Parameters:
    ///   - desired: The job.
    ///   - console: Told why, when git refuses.
    /// - Returns: What git knows; nothing outside a repository or without git.
    static func provenance(of desired: DesiredState, _ console: Console) async -> Provenance {
        let folder = desired.specFolder.isEmpty ? "." : desired.specFolder
        let files = [desired.specPath] + desired.prompts.flatMap(\.files)
        let placesByFile = places(of: files)
        async let top = git(["rev-parse", "--show-toplevel"], in: folder)
        async let status = status(of: folders(of: placesByFile.values.joined()), in: folder)
        let (root, state) = (await top, await status)
        guard root.code == 0, state.code == 0 else {
            report(root.code == 0 ? state : root, console)
            return .none
        }
        let prefix = root.output.trimmingCharacters(in: .newlines) + "/"
        var provenance = Provenance.none
        let (commit, changed) = parse(state.output)
        provenance.commit = commit
        for (shown, paths) in placesByFile {
            let inside = paths.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            provenance.repositoryPaths[shown] = inside.last
            // A file outside of the repository is in no commit of it.
            let isChanged = inside.isEmpty || inside.contains { changed.covers($0) }
            if isChanged { provenance.changedPaths.insert(shown) }
        }
        return provenance
    }

    /// Asks git for the commit that is checked out in the current folder.
    ///
    /// - Returns: What git knows; nothing outside a repository, before the first commit, or without git.
    static func provenanceOfCurrentFolder() async -> Provenance {
        let answer = await git(["rev-parse", "--verify", "--quiet", "HEAD"], in: ".")
        guard answer.code == 0 else { return .none }
        return Provenance(
            commit: answer.output.trimmingCharacters(in: .newlines), repositoryPaths: [:], changedPaths: [])
    }

    /// Says why no commit is known, unless that is only because there is no repository.
    private static func report(_ answer: Answer, _ console: Console) {
        // 128 is git's answer outside a repository as well as for one that it does not trust.
        guard answer.code != nil, !answer.error.contains("not a git repository") else { return }
        let reason = answer.error.isEmpty ? "it ended with \(answer.code ?? 0)" : answer.error
        console.warning("no commit is recorded: git says: \(reason)")
    }

    /// Where files lie: the path of each as it is named, and, where a link leads elsewhere, the one that it leads to.
    private static func places(of files: [String]) -> [String: [String]] {
        var folders: [Substring: String] = [:]
        var places: [String: [String]] = [:]
        for file in files {
            let slash = file.lastIndex(of: "/")
            let folder = slash.map { file[...$0] } ?? "./"
            let name = slash.map { file[file.index(after: $0)...] } ?? file[...]
            let resolvedFolder = folders[folder] ?? resolve(String(folder))
            folders[folder] = resolvedFolder
            let (named, resolved) = (resolvedFolder + "/" + name, resolve(file))
            places[file] = named == resolved ? [resolved] : [named, resolved]
        }
        return places
    }

    /// The folders of files, without those that lie in others; none when there are too many for a command line.
    private static func folders(of paths: some Sequence<String>) -> [String] {
        var folders: [String] = []
        for folder in Set(paths.map { $0[..<($0.lastIndex(of: "/") ?? $0.startIndex)] }).map(String.init)
            .sorted()
        {
            if let last = folders.last, folder.hasPrefix(last + "/") { continue }
            folders.append(folder)
        }
        return folders.count <= 200 ? folders : []
    }

    /// The state of folders; of the whole repository where some of them lie outside of it.
    private static func status(of folders: [String], in folder: String) async -> Answer {
        let command = [
            "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--ignored=matching", "--",
        ]
        let answer = await git(command + folders, in: folder)
        return answer.code == 0 || folders.isEmpty ? answer : await git(command, in: folder)
    }

    /// Reads git's porcelain format, version 2, with NULs between the records.
    private static func parse(_ output: String) -> (commit: String?, changed: ChangedPaths) {
        var commit: String?
        var changed = ChangedPaths()
        var records = output.split(separator: "\0").makeIterator()
        while let record = records.next() {
            switch record.first {
            case "#":
                let oid = record.dropFirst("# branch.oid ".count)
                if record.hasPrefix("# branch.oid "), oid != "(initial)" { commit = String(oid) }
            case "1": changed.insert(path(of: record, fields: 8))
            case "2":
                changed.insert(path(of: record, fields: 9))
                if let old = records.next() { changed.insert(String(old)) }
            case "u": changed.insert(path(of: record, fields: 10))
            case "?", "!": changed.insert(path(of: record, fields: 1))
            default: break
            }
        }
        return (commit, changed)
    }

    /// Paths that differ from the commit. A folder stands for all in it: one that is ignored, or a submodule.
    private struct ChangedPaths {
        private var paths: Set<String> = []

        mutating func insert(_ path: String) {
            paths.insert(path.hasSuffix("/") ? String(path.dropLast()) : path)
        }

        /// Whether a path, or a folder that it lies in, is among them.
        func covers(_ path: String) -> Bool {
            var path = path[...]
            while !paths.contains(String(path)) {
                guard let slash = path.lastIndex(of: "/") else { return false }
                path = path[..<slash]
            }
            return true
        }
    }

    /// The path of a record, which follows a number of fields with one blank after each.
    private static func path(of record: Substring, fields: Int) -> String {
        String(record.split(separator: " ", maxSplits: fields, omittingEmptySubsequences: false).last ?? "")
    }

    private static func resolve(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// What git answered.
    private struct Answer: Sendable {
        /// Its exit code; nil when it cannot be run.
        var code: Int32?
        var output = ""
        var error = ""
    }

    /// What git wrote to its standard error.
    private final class Complaint: Sendable {
        let text = Mutex("")
        let isRead = DispatchSemaphore(value: 0)
    }

    /// Runs git on a thread of its own, as waiting for it must not keep a task's thread from others.
    private static func git(_ arguments: [String], in folder: String) async -> Answer {
        let process = Process()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(returning: run(process, arguments, in: folder))
                }
            }
        } onCancel: {
            if process.isRunning { process.terminate() }
        }
    }

    private static func run(_ process: Process, _ arguments: [String], in folder: String) -> Answer {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "-C", folder] + arguments
        // A plan writes nothing, not even git's cache of the files' times.
        // What a git hook says of its repository is relative to another folder.
        process.environment = ProcessInfo.processInfo.environment
            .filter { !["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"].contains($0.key) }
            .merging(["GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"]) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do { try process.run() } catch { return Answer() }
        // Both pipes are read at once, for git would wait on a full one. Dispatch's threads will not do: where all
        // of them wait, it takes a second to see that.
        let complaint = Complaint()
        Thread.detachNewThread {
            let data = errors.fileHandleForReading.readDataToEndOfFile()
            complaint.text.withLock { $0 = String(decoding: data, as: UTF8.self) }
            complaint.isRead.signal()
        }
        let text = output.fileHandleForReading.readDataToEndOfFile()
        complaint.isRead.wait()
        // Process.waitUntilExit looks once a second where no run loop is.
        ended.wait()
        let isThere = process.terminationStatus != 127
        return Answer(
            code: isThere ? process.terminationStatus : nil, output: String(decoding: text, as: UTF8.self),
            error: complaint.text.withLock(\.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
