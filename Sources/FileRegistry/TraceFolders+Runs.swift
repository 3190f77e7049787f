package import Prompts

// Runs, as MLflow's file store keeps them beside the traces of an experiment.
extension TraceFolders {
    /// Reads the metrics of a run.
    ///
    /// - Parameter id: The run's id.
    /// - Returns: The last value of each metric by its name; nil where there is no such run.
    /// - Throws: `RegistryError` where the folder cannot be read.
    package func metrics(ofRun id: String) throws(RegistryError) -> [String: Double]? {
        guard Self.isKey(id), let root = try fileSystem.root(layout.root) else { return nil }
        for experiment in try experiments() {
            guard let folder = try fileSystem.folder(experiment, in: root),
                let run = try fileSystem.folder(id, in: folder),
                try fileSystem.exists(RegistryLayout.metaFile, in: run)
            else { continue }
            guard let metrics = try fileSystem.folder("metrics", in: run) else { return [:] }
            var values: [String: Double] = [:]
            try read(metrics, "", &values)
            return values
        }
        return nil
    }

    /// Reads the metrics of a folder; the names of some have slashes.
    private func read(
        _ folder: borrowing Folder, _ prefix: String, _ values: inout [String: Double]
    ) throws(RegistryError) {
        var buffer = FileBuffer()
        for name in try fileSystem.entries(of: folder).map(\.name) {
            switch try fileSystem.read(name, in: folder, into: &buffer) {
            case .file:
                // A line for each time that it was logged: the time, the value and the step.
                let parts = buffer.text?.split(separator: "\n").last?.split(separator: " ") ?? []
                if parts.count >= 2 { values[prefix + name] = Double(parts[1]) }
            case .folder:
                if let inner = try fileSystem.folder(name, in: folder) {
                    try read(inner, "\(prefix)\(name)/", &values)
                }
            case .nothing: break
            }
        }
    }
}
