import Glibc
package import Prompts

/// Finds out whether runs can use a registry in a folder.
package struct FileRegistryExamination: ExaminableRegistry {
    /// How many names are told of many.
    private static let toldNames = 3

    private let layout: RegistryLayout
    private let fileSystem: FileSystem

    /// An examination of a registry, which need not exist yet.
    ///
    /// - Parameter path: The absolute path of its folder.
    package init(path: String) {
        self.init(path: path, fileSystem: FileSystem())
    }

    init(path: String, fileSystem: FileSystem) {
        layout = RegistryLayout(root: path)
        self.fileSystem = fileSystem
    }

    package func examine(_ scope: ExaminationScope) async -> [RegistryFinding] {
        do throws(RegistryError) {
            let state = try RegistryRoot(layout: layout, fileSystem: fileSystem).state()
            let place = state == .missing ? nearestFolder : layout.root
            let reachability =
                state == .missing
                ? "there is no folder '\(layout.root)' yet; the first run makes it"
                : "'\(layout.root)' is a folder"
            return [
                .ok(.reachability, reachability), layoutFinding(state), reading(state), writing(state, place),
                FreeSpace(of: place).finding, lock(state),
            ]
        } catch {
            let reason = "there is nothing to look at"
            let others: [RegistryFinding.Check] = [.layout, .reading, .writing, .space, .lock]
            return [.fail(.reachability, error)] + others.map { .skip($0, reason) }
        }
    }

    // MARK: - What is there

    /// What the folder is laid out as, and what in it MLflow would stumble over.
    private func layoutFinding(_ state: RegistryRoot.State) -> RegistryFinding {
        switch state {
        case .missing: return .skip(.layout, "there is no folder yet")
        case .withoutModels: return .ok(.layout, "MLflow's file store, or room for one, without any models")
        case .ready: break
        }
        do throws(RegistryError) {
            guard let models = try fileSystem.folder(layout.models) else {
                return .skip(.layout, "it is being changed just now")
            }
            var count = 0
            var broken: [String] = []
            for entry in try fileSystem.entries(of: models) {
                guard try isFolder(entry) else { continue }
                count += 1
                let meta = entry.name + "/" + RegistryLayout.metaFile
                if try !fileSystem.exists(meta, in: models) { broken.append(entry.name) }
            }
            guard broken.isEmpty else { return misplaced(broken.sorted()) }
            return .ok(
                .layout, "MLflow's file store with \(count) registered \(count == 1 ? "model" : "models")")
        } catch {
            return .skip(.layout, error.message)
        }
    }

    /// Whether MLflow takes something in the folder of models for one.
    private func isFolder(_ entry: Folder.Entry) throws(RegistryError) -> Bool {
        switch entry.kind {
        case .folder: true
        case .file, .other: false
        case .link, .unknown: try fileSystem.kind(of: layout.model(entry.name)) == .folder
        }
    }

    private func misplaced(_ names: [String]) -> RegistryFinding {
        let told = names.prefix(Self.toldNames).map { "'\($0)'" }.joined(separator: ", ")
        let more = names.count > Self.toldNames ? " and \(names.count - Self.toldNames) more" : ""
        return .warn(
            .layout,
            "in '\(layout.models)' \(told)\(more) \(names.count == 1 ? "has" : "have") no "
                + "\(RegistryLayout.metaFile), and MLflow lists nothing because of that",
            hint: "restore it from a backup, or move it out of that folder")
    }

    // MARK: - What may be done

    private func reading(_ state: RegistryRoot.State) -> RegistryFinding {
        if state == .missing { return .skip(.reading, "there is no folder yet") }
        for path in [layout.root] + (state == .ready ? [layout.models] : []) {
            if let denial = denial(of: .read, R_OK | X_OK, path) { return .fail(.reading, denial) }
        }
        return .ok(.reading, "the folder may be read")
    }

    private func writing(_ state: RegistryRoot.State, _ place: String) -> RegistryFinding {
        if let denial = denial(of: .write, W_OK | X_OK, place) { return .fail(.writing, denial) }
        guard state != .missing else { return .ok(.writing, "'\(place)' may be written to") }
        let parts = [
            (layout.models, W_OK | X_OK), (layout.staging, W_OK | X_OK), (layout.lock, R_OK | W_OK),
        ]
        for (path, mode) in parts where access(path, F_OK) == 0 {
            if let denial = denial(of: .write, mode, path) { return .fail(.writing, denial) }
        }
        if state == .ready, let error = otherDevice { return .fail(.writing, error) }
        return .ok(.writing, "the folder may be written to")
    }

    /// Why prompts cannot be put into the folder of models by one rename; nil when they can.
    private var otherDevice: RegistryError? {
        var (root, models) = (stat(), stat())
        guard stat(layout.root, &root) == 0, stat(layout.models, &models) == 0, root.st_dev != models.st_dev
        else { return nil }
        return RegistryError(
            .failed, "'\(layout.models)' is on another filesystem than the folder that it is in",
            hint: "new prompts cannot be put there whole; make it a folder of the registry's filesystem")
    }

    /// Why something may not be done with a path; nil when it may.
    private func denial(of attempt: FileSystem.Attempt, _ mode: CInt, _ path: String) -> RegistryError? {
        var failure: CInt = 0
        if let fault = fileSystem.fault?(attempt, path) {
            failure = fault
        } else if faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 {
            failure = errno
        }
        return failure == 0 ? nil : RegistryError(attempt, path, errno: failure)
    }

    /// The folder that exists and that the others would be made in.
    private var nearestFolder: String {
        var path = layout.root[...]
        repeat {
            path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        } while !path.isEmpty && access(String(path), F_OK) != 0
        return path.isEmpty ? "/" : String(path)
    }

    // MARK: - Other runs

    /// Whether another run holds the lock.
    ///
    /// It is asked for together with whoever else only asks, and let go at once: a run that begins at this very
    /// moment waits for a fiftieth of a second.
    private func lock(_ state: RegistryRoot.State) -> RegistryFinding {
        let free = "no other run is under way"
        let descriptor = open(layout.lock, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .ok(.lock, free) }
            return .fail(.lock, RegistryError(.lock, layout.lock, errno: errno))
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else {
            guard access(layout.staging, F_OK) == 0 else { return .ok(.lock, free) }
            return .ok(.lock, "\(free); the next one finishes what one that was stopped has left")
        }
        guard errno == EWOULDBLOCK else {
            return .fail(.lock, RegistryError(.lock, layout.lock, errno: errno))
        }
        return .warn(
            .lock, "another run is under way, and holds '\(layout.lock)'",
            hint: "a run that begins now waits until that one is done")
    }
}
