import Prompts

/// The registry's own folder.
struct RegistryRoot {
    let layout: RegistryLayout
    let fileSystem: FileSystem

    /// What is at the registry's path.
    enum State {
        case missing
        /// A registry, or an empty folder, that has no folder of models yet.
        case withoutModels
        case ready
    }

    /// Finds out what is at the registry's path, and throws `.notARegistry` where it is something else.
    func state() throws(RegistryError) -> State {
        switch try fileSystem.kind(of: layout.root, follows: true) {
        case nil where try fileSystem.kind(of: layout.root, follows: false) != nil:
            throw Self.notARegistry("'\(layout.root)' is a link to something that does not exist")
        case nil: return .missing
        case .other?, .link?: throw Self.notARegistry("'\(layout.root)' is not a folder")
        case .folder?: break
        }
        switch try fileSystem.kind(of: layout.models, follows: false) {
        case .folder?: return .ready
        case .link?: throw RegistryError.link(layout.models)
        case .other?: throw Self.notARegistry("'\(layout.models)' is not a folder")
        case nil: break
        }
        guard try isEmptyOrMLflows() else {
            throw Self.notARegistry("'\(layout.root)' contains files, but none of MLflow's")
        }
        return .withoutModels
    }

    /// Makes the folder when it is missing.
    func prepare() throws(RegistryError) {
        guard try state() == .missing else { return }
        do throws(RegistryError) {
            try fileSystem.makeFolders(layout.root)
        } catch {
            // Not every filesystem has folders that can be made.
            throw error.code == .conflict ? Self.notARegistry(error.message) : error
        }
    }

    /// Whether a failure to write means that the registry exists but is read-only.
    func isReadOnly(after failure: RegistryError) -> Bool {
        failure.code == .permissionDenied && (try? state()) == .ready
    }

    private static func notARegistry(_ what: String) -> RegistryError {
        RegistryError(
            .notARegistry, what, hint: "name MLflow's folder, an empty one, or one that does not exist yet")
    }

    /// Whether the root is empty, or contains something that MLflow or promptreg made.
    private func isEmptyOrMLflows() throws(RegistryError) -> Bool {
        guard let folder = try fileSystem.root(layout.root) else { return true }
        var isEmpty = true
        for entry in try fileSystem.entries(of: folder) {
            switch entry.name {
            case RegistryLayout.trashFolder, RegistryLayout.lockFile, RegistryLayout.stagingFolder:
                return true
            // The root of a new filesystem has this.
            case "lost+found": continue
            default: isEmpty = false
            }
            // An experiment.
            if entry.kind == .folder || entry.kind == .unknown,
                try fileSystem.exists(below: folder, entry.name + "/" + RegistryLayout.metaFile)
            {
                return true
            }
        }
        return isEmpty
    }
}
