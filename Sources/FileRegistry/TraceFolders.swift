import FoundationEssentials
package import Prompts
import Support
import YAML

/// The experiments and traces of MLflow's file store, in the folder that also holds the prompts.
package struct TraceFolders: Sendable {
    private let layout: RegistryLayout
    private let fileSystem = FileSystem()

    private static let tracesFolder = "traces"
    private static let defaultID = "0"
    private static let infoFile = "trace_info.yaml"

    /// The folder of a file store, which need not exist.
    package init(path: String) { layout = RegistryLayout(root: path) }

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

        /// A trace.
        package init(
            id: String, info: String, metadata: [String: String], tags: [String: String], spans: String
        ) {
            (self.id, self.info, self.metadata, self.tags, self.spans) = (id, info, metadata, tags, spans)
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
    package func experiment(named name: String) throws(RegistryError) -> String {
        try RegistryRoot(layout: layout, fileSystem: fileSystem).prepare()
        let root = try openRoot()
        var buffer = FileBuffer()
        var taken: Set<String> = []
        for id in try fileSystem.entries(of: root).map(\.name) where id.utf8.allSatisfy({ 0x30...0x39 ~= $0 })
        {
            taken.insert(id)
            guard let folder = try fileSystem.folder(id, in: root),
                try fileSystem.read(RegistryLayout.metaFile, in: folder, into: &buffer) == .file,
                let meta = try? JSONValue(parsingYAML: Array(buffer.bytes)), meta["name"] == .string(name),
                meta["lifecycle_stage"] == .string("active")
            else { continue }
            return id
        }
        return try make(name, besides: taken, in: root)
    }

    private func openRoot() throws(RegistryError) -> Folder {
        guard let root = try fileSystem.root(layout.root) else {
            throw RegistryError(.unreachable, "there is no folder '\(layout.root)'")
        }
        return root
    }

    /// Makes an experiment as MLflow does; its own name for the one that is always there is taken as that.
    private func make(
        _ name: String, besides taken: Set<String>, in root: borrowing Folder
    ) throws(RegistryError) -> String {
        let isDefault = name == "Default" && !taken.contains(Self.defaultID)
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

    /// Writes a trace whole, or not at all; one that is there already stays.
    ///
    /// - Parameters:
    ///   - trace: The trace.
    ///   - experiment: The id of the experiment that it belongs to.
    /// - Throws: `RegistryError`.
    package func write(_ trace: Trace, to experiment: String) throws(RegistryError) {
        // MLflow's ids are digits; anything else may be a way to another folder.
        guard !experiment.isEmpty, experiment.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            throw RegistryError(.invalidValue, "'\(experiment)' is not the id of an experiment")
        }
        guard let folder = try fileSystem.folder(experiment, in: try openRoot()) else {
            throw RegistryError(.notFound, "there is no experiment '\(experiment)' in '\(layout.root)'")
        }
        let traces = try fileSystem.makeAndOpenFolder(Self.tracesFolder, in: folder)
        if try fileSystem.folder(trace.id, in: traces) != nil { return }
        try place(at: trace.id, in: traces) { folder throws(RegistryError) in
            for (name, texts) in [
                ("request_metadata", trace.metadata), (RegistryLayout.tagsFolder, trace.tags),
            ] {
                let files = try fileSystem.makeAndOpenFolder(name, in: folder)
                for (key, text) in texts where Self.isFile(key) {
                    try fileSystem.write(text, to: key, in: files)
                }
            }
            let artifacts = try fileSystem.makeAndOpenFolder("artifacts", in: folder)
            try fileSystem.write(trace.spans, to: "traces.json", in: artifacts)
            // The last file: MLflow takes a folder with it for a trace.
            try fileSystem.write(trace.info, to: Self.infoFile, in: folder)
        }
    }

    /// Whether a key can be the name of a file; MLflow refuses others.
    private static func isFile(_ key: String) -> Bool {
        TagFiles.isFile(key) && !["", ".", ".."].contains(key)
            && !key.utf8.contains { [0, UInt8(ascii: "/")].contains($0) }
    }

    /// Makes a folder with its content under another name, and renames it; one of that name that is there stays.
    private func place(
        at name: String, in parent: borrowing Folder, _ fill: (borrowing Folder) throws(RegistryError) -> Void
    ) throws(RegistryError) {
        let staged = RegistryLayout.stagedPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
        do throws(RegistryError) {
            try fill(try fileSystem.makeAndOpenFolder(staged, in: parent))
            if try fileSystem.place(staged, from: parent, at: name, in: parent) { return }
        } catch {
            try? fileSystem.removeTree(staged, in: parent)
            throw error
        }
        try fileSystem.removeTree(staged, in: parent)
    }
}
