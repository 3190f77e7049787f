package import Prompts
package import Support
import YAML

// Reading traces, as MLflow's file store and this program keep them.
extension TraceFolders {
    /// A trace that was read.
    package struct Stored: Sendable {
        /// MLflow's id, which is the folder's name.
        package let id: String
        /// What is known of the trace as a whole.
        package let info: JSONValue
        /// The parts of its metadata that were asked for, by their keys.
        package let metadata: [String: String]
        /// The tags that were asked for, by their keys.
        package let tags: [String: String]
        /// What was said of it.
        package let assessments: [JSONValue]
    }

    /// Finds an experiment.
    ///
    /// - Parameter name: Its name.
    /// - Returns: Its id; nil where there is none.
    /// - Throws: `RegistryError`, also where it was deleted.
    package func knownExperiment(named name: String) throws(RegistryError) -> String? { try existing(name) }

    /// The names of the experiments that were not deleted.
    package func experimentNames() throws(RegistryError) -> [String] {
        guard let root = try fileSystem.root(layout.root) else { return [] }
        var names: [String] = []
        try readNames(in: root) { _, name in
            names.append(name)
            return true
        }
        return names
    }

    /// The ids of the experiments that were not deleted.
    package func experiments() throws(RegistryError) -> [String] {
        guard let root = try fileSystem.root(layout.root) else { return [] }
        return try fileSystem.entries(of: root).map(\.name).filter(Self.isID).sorted()
    }

    /// Reads the traces of an experiment, one after the other; none where there is no such experiment.
    ///
    /// - Parameters:
    ///   - experiment: The experiment's id.
    ///   - isTag: Whether a tag is asked for, by its key.
    ///   - isWanted: Whether a trace is, by those tags.
    ///   - metadata: The keys of the metadata that are asked for.
    ///   - take: Takes each trace.
    /// - Returns: How many traces could not be read, as they are damaged.
    /// - Throws: `RegistryError` where the folder cannot be read.
    package func read(
        experiment: String, isTag: (String) -> Bool, isWanted: ([String: String]) -> Bool,
        metadata: [String], _ take: (Stored) -> Void
    ) throws(RegistryError) -> Int {
        guard Self.isID(experiment), let root = try fileSystem.root(layout.root),
            let folder = try fileSystem.folder(experiment, in: root),
            let traces = try fileSystem.folder(Self.tracesFolder, in: folder)
        else { return 0 }
        var (buffer, damaged) = (FileBuffer(), 0)
        for id in try fileSystem.entries(of: traces).map(\.name) {
            do throws(RegistryError) {
                // It may be deleted meanwhile.
                guard let trace = try fileSystem.folder(id, in: traces) else { continue }
                let tags = try texts(in: RegistryLayout.tagsFolder, of: trace, &buffer, isTag)
                guard isWanted(tags), let info = try value(Self.infoFile, in: trace, &buffer) else {
                    continue
                }
                let parts = try texts(in: Self.metadataFolder, of: trace, &buffer) { metadata.contains($0) }
                take(
                    Stored(
                        id: id, info: info, metadata: parts, tags: tags,
                        assessments: try assessments(of: trace, &buffer)))
            } catch {
                guard error.code == .corrupt else { throw error }
                damaged += 1
            }
        }
        return damaged
    }

    /// The texts of some files of a folder by their names.
    private func texts(
        in name: String, of trace: borrowing Folder, _ buffer: inout FileBuffer, _ isWanted: (String) -> Bool
    ) throws(RegistryError) -> [String: String] {
        guard let folder = try fileSystem.folder(name, in: trace) else { return [:] }
        var texts: [String: String] = [:]
        for key in try fileSystem.entries(of: folder).map(\.name) where isWanted(key) {
            guard try fileSystem.read(key, in: folder, into: &buffer) == .file else { continue }
            texts[key] = buffer.text
        }
        return texts
    }

    private func assessments(
        of trace: borrowing Folder, _ buffer: inout FileBuffer
    ) throws(RegistryError) -> [JSONValue] {
        guard let folder = try fileSystem.folder(Self.assessmentsFolder, in: trace) else { return [] }
        var found: [JSONValue] = []
        for name in try fileSystem.entries(of: folder).map(\.name) where name.hasSuffix(".yaml") {
            if let assessment = try value(name, in: folder, &buffer) { found.append(assessment) }
        }
        return found
    }

    /// What a file says in YAML; nil where it is not there, or not yet.
    private func value(
        _ name: String, in folder: borrowing Folder, _ buffer: inout FileBuffer
    ) throws(RegistryError) -> JSONValue? {
        guard try fileSystem.read(name, in: folder, into: &buffer) == .file else { return nil }
        guard let value = try? JSONValue(parsingYAML: Array(buffer.bytes)) else {
            throw RegistryError.corrupt("\(folder.path)/\(name)", "is not YAML")
        }
        return value
    }
}
