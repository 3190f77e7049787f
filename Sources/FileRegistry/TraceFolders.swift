import FoundationEssentials
import Glibc
package import Prompts
import Support
import YAML

/// The experiments and traces of MLflow's file store, in the folder that also holds the prompts.
package struct TraceFolders: Sendable {
    let layout: RegistryLayout
    let fileSystem: FileSystem

    static let tracesFolder = "traces"
    /// The id of the experiment that MLflow always has, on servers too.
    package static let defaultID = "0"
    private static let defaultName = "Default"
    static let infoFile = "trace_info.yaml"
    static let metadataFolder = "request_metadata"
    static let assessmentsFolder = "assessments"

    /// The folder of a file store, which need not exist.
    package init(path: String) { self.init(layout: RegistryLayout(root: path), fileSystem: FileSystem()) }

    init(layout: RegistryLayout, fileSystem: FileSystem) {
        (self.layout, self.fileSystem) = (layout, fileSystem)
    }

    /// What makes the folder of a trace.
    package struct Trace: Sendable {
        /// MLflow's id, which is the folder's name.
        package let id: String
        /// What is known of the trace as a whole, as JSON.
        package let info: String
        /// Its metadata and tags, a file each.
        package let metadata: [String: String]
        package let tags: [String: String]
        /// Its steps as JSON.
        package let spans: String
        /// What was said of it, each as JSON.
        package let assessments: [String]

        /// A trace.
        package init(
            id: String, info: String, metadata: [String: String], tags: [String: String], spans: String,
            assessments: [String] = []
        ) {
            (self.id, self.info, self.metadata, self.tags, self.spans) = (id, info, metadata, tags, spans)
            self.assessments = assessments
        }
    }

    /// Where the artifacts of a trace are, as MLflow's tag says it.
    package func artifacts(of id: String, experiment: String) -> String {
        RegistryAddress.file(path: "\(layout.root)/\(experiment)/\(Self.tracesFolder)/\(id)/artifacts")
            .description
    }

    /// Finds an experiment.
    ///
    /// - Parameter name: Its name; it is made where there is none.
    /// - Returns: Its id, which is its folder's name.
    /// - Throws: `RegistryError`.
    package func experiment(named name: String) async throws(RegistryError) -> String {
        try RegistryRoot(layout: layout, fileSystem: fileSystem).prepare()
        if let id = try existing(name) { return id }
        let lock = try await takeLock()
        defer { lock.release() }
        // Another agent may have made it while this one waited.
        if let id = try existing(name) { return id }
        return try make(name)
    }

    /// Writes traces, each whole or not at all; those that are there already stay.
    ///
    /// - Parameters:
    ///   - traces: The traces.
    ///   - experiment: The id of the experiment that they belong to.
    /// - Returns: For each trace, why it could not be written; nil where it was.
    /// - Throws: `RegistryError` when none can be written.
    package func write(
        _ traces: [Trace], to experiment: String
    ) async throws(RegistryError) -> [RegistryError?] {
        // MLflow's ids are digits; anything else may be a way to another folder.
        guard Self.isID(experiment) else {
            throw RegistryError(.invalidValue, "'\(experiment)' is not the id of an experiment")
        }
        let lock = try await takeLock()
        defer { lock.release() }
        guard let folder = try fileSystem.folder(experiment, in: try openRoot()) else {
            throw RegistryError(.notFound, "there is no experiment '\(experiment)' in '\(layout.root)'")
        }
        let parent = try fileSystem.makeAndOpenFolder(Self.tracesFolder, in: folder)
        var failures: [RegistryError?] = []
        for trace in traces {
            do throws(RegistryError) {
                try write(trace, to: parent)
                failures.append(nil)
            } catch {
                failures.append(error)
            }
        }
        return failures
    }

    /// Whether a key can be the name of a file, in which a tag is kept; MLflow refuses others.
    package static func isKey(_ key: String) -> Bool {
        TagFiles.isFile(key) && !["", ".", ".."].contains(key)
            && !key.utf8.contains { [0, UInt8(ascii: "/")].contains($0) }
    }

    // MARK: - Experiments

    /// Whether a folder's name is the id of an experiment.
    static func isID(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    /// Opens the folder of the store.
    func openRoot() throws(RegistryError) -> Folder {
        guard let root = try fileSystem.root(layout.root) else {
            throw RegistryError(.unreachable, "there is no folder '\(layout.root)'")
        }
        return root
    }

    /// The id of an experiment; nil where there is none of that name. As for MLflow, a deleted one keeps its name.
    func existing(_ name: String) throws(RegistryError) -> String? {
        let root = try openRoot()
        if let id = try id(of: name, in: root) { return id }
        guard let trash = try fileSystem.folder(RegistryLayout.trashFolder, in: root),
            try id(of: name, in: trash) != nil
        else { return nil }
        throw RegistryError(
            .notFound, "the experiment '\(name)' was deleted", hint: "restore it, or name another one")
    }

    private func id(of name: String, in folder: borrowing Folder) throws(RegistryError) -> String? {
        var found: String?
        try readNames(in: folder) { id, other in
            if other == name { found = id }
            return found == nil
        }
        return found
    }

    /// Reads the names of experiments, until `take` returns false.
    func readNames(in folder: borrowing Folder, _ take: (_ id: String, _ name: String) -> Bool)
        throws(RegistryError)
    {
        var buffer = FileBuffer()
        for id in try fileSystem.entries(of: folder).map(\.name) where Self.isID(id) {
            guard let experiment = try fileSystem.folder(id, in: folder),
                try fileSystem.read(RegistryLayout.metaFile, in: experiment, into: &buffer) == .file,
                let meta = try? JSONValue(parsingYAML: Array(buffer.bytes)),
                case .string(let name)? = meta["name"]
            else { continue }
            if !take(id, name) { return }
        }
    }

    /// Makes MLflow's default experiment in a store that has never had one. MLflow makes it with the store's folder, and
    /// only then: without it, the traces of a client that names no experiment are lost. The caller holds the lock.
    func makeFirstExperiment() throws(RegistryError) {
        let root = try openRoot()
        if try fileSystem.exists(Self.defaultID, in: root) { return }
        let trash = try fileSystem.folder(RegistryLayout.trashFolder, in: root)
        let deleted = if let trash { try fileSystem.entries(of: trash).map(\.name) } else { [String]() }
        guard try experiments().isEmpty, !deleted.contains(where: Self.isID) else { return }
        _ = try make(Self.defaultName)
    }

    /// Makes an experiment as MLflow does; its own name for the one that is always there is taken as that.
    private func make(_ name: String) throws(RegistryError) -> String {
        let root = try openRoot()
        let isFirst = try !fileSystem.exists(Self.defaultID, in: root)
        let isDefault = name == Self.defaultName && isFirst
        let id =
            isDefault
            ? Self.defaultID : String(UInt64.random(in: 100_000_000_000_000_000..<1_000_000_000_000_000_000))
        let now = Int(Date().timeIntervalSince1970 * 1_000)
        let meta: JSONValue = [
            "artifact_location": .string(RegistryAddress.file(path: "\(layout.root)/\(id)").description),
            "creation_time": JSONValue(now), "experiment_id": .string(id), "last_update_time": JSONValue(now),
            "lifecycle_stage": .string("active"), "name": .string(name),
        ]
        try place(at: id, in: root) { folder throws(RegistryError) in
            try fileSystem.write(meta.yamlText, to: RegistryLayout.metaFile, in: folder)
        }
        return id
    }

    // MARK: - Writing

    private func write(_ trace: Trace, to traces: borrowing Folder) throws(RegistryError) {
        if try fileSystem.folder(trace.id, in: traces) != nil { return }
        try place(at: trace.id, in: traces) { folder throws(RegistryError) in
            for (name, texts) in [
                (Self.metadataFolder, trace.metadata), (RegistryLayout.tagsFolder, trace.tags),
            ] {
                let files = try fileSystem.makeAndOpenFolder(name, in: folder)
                for (key, text) in texts { try fileSystem.write(text, to: key, in: files) }
            }
            let artifacts = try fileSystem.makeAndOpenFolder("artifacts", in: folder)
            try fileSystem.write(trace.spans, to: "traces.json", in: artifacts)
            try write(trace.assessments, to: folder)
            try fileSystem.write(trace.info, to: Self.infoFile, in: folder)
        }
    }

    private func write(_ assessments: [String], to trace: borrowing Folder) throws(RegistryError) {
        if assessments.isEmpty { return }
        let files = try fileSystem.makeAndOpenFolder(Self.assessmentsFolder, in: trace)
        for assessment in assessments {
            guard case .string(let id)? = (try? JSONValue(parsing: assessment))?["assessment_id"] else {
                continue
            }
            try fileSystem.write(assessment, to: "\(id).yaml", in: files)
        }
    }

    /// Waits until no run and no other agent writes. What one that died left is removed by the next run.
    func takeLock() async throws(RegistryError) -> HeldLock {
        HeldLock(try await RegistryLock(acquiring: layout.lock, fileSystem: fileSystem, onWait: {}))
    }

    /// Makes a folder with its content in the staging folder, which MLflow does not look into, and renames it; one of
    /// that name that is there stays. The caller holds the lock.
    private func place(
        at name: String, in parent: borrowing Folder, _ fill: (borrowing Folder) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        let staging = try fileSystem.makeAndOpenFolder(layout.staging)
        let staged = RegistryLayout.stagedPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
        do throws(RegistryError) {
            try fill(try fileSystem.makeAndOpenFolder(staged, in: staging))
            if try !fileSystem.place(staged, from: staging, at: name, in: parent) {
                try fileSystem.removeTree(staged, in: staging)
            }
        } catch {
            try? fileSystem.removeTree(staged, in: staging)
            throw error
        }
        // What a run that died left in it stays for the next one.
        _ = rmdir(layout.staging)
    }
}

/// A lock that is released at the end of a scope.
final class HeldLock {
    private var lock: RegistryLock?

    /// A lock that was taken.
    init(_ lock: consuming RegistryLock) { self.lock = consume lock }

    /// Releases it.
    func release() { lock = nil }
}
