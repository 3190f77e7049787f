import Glibc
package import Prompts

/// A look at a folder that is a registry, or is to become one. Nothing is written.
package struct FileRegistryInspection: Sendable {
    /// Whether another run holds the lock.
    package enum Lock: Sendable {
        /// Nobody does.
        case free
        /// Nobody does, and a run that was stopped left unfinished prompts behind.
        case freeWithLeftovers
        /// Another run does.
        case held
    }

    private let layout: RegistryLayout
    private let fileSystem: FileSystem
    /// Whether the folder exists.
    package let exists: Bool
    /// Whether it has a folder of models.
    package let hasModels: Bool

    /// Looks at a folder.
    ///
    /// - Parameter path: The absolute path of the folder.
    /// - Throws: `RegistryError` when it cannot be a registry.
    package init(path: String) throws(RegistryError) {
        try self.init(path: path, fileSystem: FileSystem())
    }

    init(path: String, fileSystem: FileSystem) throws(RegistryError) {
        layout = RegistryLayout(root: path)
        self.fileSystem = fileSystem
        let state = try RegistryRoot(layout: layout, fileSystem: fileSystem).state()
        exists = state != .missing
        hasModels = state == .ready
    }

    /// The folder of models.
    package var modelsFolder: String { layout.models }

    /// The file that a run holds a lock on.
    package var lockFile: String { layout.lock }

    /// The folder itself, or the nearest one above it that exists, in which it would be made.
    package var nearestFolder: String {
        if exists { return layout.root }
        var path = layout.root[...]
        while !path.isEmpty, access(String(path), F_OK) != 0 {
            path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        }
        return path.isEmpty ? "/" : String(path)
    }

    /// Looks at the models as MLflow would list them.
    ///
    /// - Returns: How many there are, and the names of folders without the file that makes them models; nil where
    ///   the folder of models has just gone.
    /// - Throws: `RegistryError` when they cannot be listed.
    package func models() throws(RegistryError) -> (count: Int, incomplete: [String])? {
        guard let models = try fileSystem.folder(layout.models) else { return nil }
        var count = 0
        var incomplete: [String] = []
        for entry in try fileSystem.entries(of: models) {
            switch entry.kind {
            case .folder: break
            case .file, .other: continue
            case .link, .unknown:
                let path = layout.model(entry.name)
                guard try fileSystem.kind(of: path, follows: true) == .folder else { continue }
                if entry.kind == .link { throw RegistryError.link(path) }
            }
            count += 1
            let meta = entry.name + "/" + RegistryLayout.metaFile
            if try !fileSystem.exists(below: models, meta) { incomplete.append(entry.name) }
        }
        return (count, incomplete.sorted())
    }

    /// Reads every prompt, as commands do.
    ///
    /// - Returns: Why prompts cannot be read, such as for an alias that points nowhere, by their names.
    /// - Throws: `RegistryError` when the prompts cannot be listed.
    package func damage() throws(RegistryError) -> [String: RegistryError] {
        guard let models = try fileSystem.folder(layout.models) else { return [:] }
        var reader = ModelReader(fileSystem: fileSystem)
        var damage: [String: RegistryError] = [:]
        for entry in try fileSystem.entries(of: models) where entry.kind != .file && entry.kind != .other {
            do throws(RegistryError) {
                _ = try reader.prompt(entry.name, in: models)
            } catch {
                // Other models are none of this program's, and what is just being written is whole in a moment.
                if error.code != .nameTaken, !error.mayPass { damage[entry.name] = error }
            }
        }
        return damage
    }

    /// Why the registry cannot be read; nil when it can.
    package var readFailure: RegistryError? {
        let paths = [layout.root] + (hasModels ? [layout.models] : [])
        return paths.lazy.compactMap { denial(of: .read, R_OK | X_OK, $0) }.first
    }

    /// Why the registry, or the folder that it would be made in, cannot be written to; nil when it can.
    package var writeFailure: RegistryError? {
        if let denial = denial(of: .write, W_OK | X_OK, nearestFolder) { return denial }
        guard exists else { return nil }
        let parts = [
            (layout.models, W_OK | X_OK), (layout.staging, W_OK | X_OK), (layout.lock, R_OK | W_OK),
        ]
        for (path, mode) in parts where access(path, F_OK) == 0 {
            if let denial = denial(of: .write, mode, path) { return denial }
        }
        // Prompts are put into the folder of models by one rename.
        var (root, models) = (stat(), stat())
        guard hasModels, stat(layout.root, &root) == 0, stat(layout.models, &models) == 0,
            root.st_dev != models.st_dev
        else { return nil }
        return RegistryError(
            .failed, "'\(layout.models)' is on another filesystem than the folder that it is in",
            hint: "prompts cannot be moved there in one step; make it a folder of the registry's filesystem")
    }

    private func denial(of attempt: FileSystem.Attempt, _ mode: CInt, _ path: String) -> RegistryError? {
        if let fault = fileSystem.fault?(attempt, path) {
            return RegistryError(attempt, path, errno: fault)
        }
        guard faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 else { return nil }
        return RegistryError(attempt, path, errno: errno)
    }

    /// Looks whether another run holds the lock.
    ///
    /// The lock is taken together with others who only look, and released at once: a run that begins at this very
    /// moment waits for a fiftieth of a second.
    ///
    /// - Returns: Who holds the lock.
    /// - Throws: `RegistryError` when that cannot be found out.
    package func lock() throws(RegistryError) -> Lock {
        let opened = try fileSystem.open(
            .lock, layout.lock, from: AT_FDCWD, path: layout.lock, flags: O_RDONLY | O_NONBLOCK,
            expecting: [ENOENT, ENOTDIR])
        guard let descriptor = opened else { return .free }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
            return access(layout.staging, F_OK) == 0 ? .freeWithLeftovers : .free
        }
        guard errno == EWOULDBLOCK else {
            throw RegistryError(.lock, layout.lock, errno: errno)
        }
        return .held
    }
}
