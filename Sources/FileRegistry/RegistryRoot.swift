import Prompts

/// The registry's own folder: whether it is one, and making it.
struct RegistryRoot {
    let layout: RegistryLayout
    let fileSystem: FileSystem

    /// What is at the registry's path.
    enum State {
        case missing
        /// A registry, or an empty folder, without a folder of models yet.
        case withoutModels
        case ready
    }

    /// Looks what is there.
    ///
    /// - Throws: `RegistryError` with `.notARegistry` where there is something else.
    func state() throws(RegistryError) -> State {
        switch try fileSystem.kind(of: layout.root) {
        case nil: return .missing
        case .other?: throw Self.notARegistry("'\(layout.root)' is not a folder")
        case .folder?: break
        }
        switch try fileSystem.kind(of: layout.models) {
        case .folder?: return .ready
        case .other?: throw Self.notARegistry("'\(layout.models)' is not a folder")
        case nil: break
        }
        if try !isEmptyOrMLflows() {
            throw Self.notARegistry("'\(layout.root)' has files in it, none of them MLflow's")
        }
        return .withoutModels
    }

    /// Makes the folder when it is missing.
    func prepare() throws(RegistryError) {
        if try state() == .missing { try fileSystem.makeFolders(layout.root) }
    }

    /// Whether the failure to write is that of a registry which is there, but may only be read.
    func isReadOnly(after failure: RegistryError) -> Bool {
        guard failure.code == .permissionDenied else { return false }
        return (try? state()) == .ready
    }

    private static func notARegistry(_ what: String) -> RegistryError {
        RegistryError(
            .notARegistry, what,
            hint: "name a folder of MLflow's, an empty one, or one that does not exist yet")
    }

    /// Whether the root holds nothing, or something that shows that MLflow or promptreg made it.
    private func isEmptyOrMLflows() throws(RegistryError) -> Bool {
        guard let folder = try fileSystem.folder(layout.root) else { return true }
        var isEmpty = true
        for entry in try fileSystem.entries(of: folder) {
            switch entry.name {
            case RegistryLayout.trashFolder, RegistryLayout.lockFile, RegistryLayout.stagingFolder:
                return true
            // The root of a freshly made filesystem has this.
            case "lost+found": continue
            default: isEmpty = false
            }
            // An experiment.
            let meta = layout.root + "/" + entry.name + "/" + RegistryLayout.metaFile
            if entry.kind != .file, try fileSystem.kind(of: meta) != nil { return true }
        }
        return isEmpty
    }
}
