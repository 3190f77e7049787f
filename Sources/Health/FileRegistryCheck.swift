import FileRegistry
import Prompts
import Support

/// Checks whether runs can use a registry in a folder.
package struct FileRegistryCheck: HealthCheck {
    /// How many names of many are shown.
    private static let shownNames = 3

    private let path: String
    private let inspect: @Sendable (String) throws(RegistryError) -> FileRegistryInspection

    /// A check of a registry, which need not exist yet.
    ///
    /// - Parameter path: The absolute path of its folder.
    package init(path: String) {
        self.init(path: path) { path throws(RegistryError) in try FileRegistryInspection(path: path) }
    }

    init(
        path: String, inspect: @escaping @Sendable (String) throws(RegistryError) -> FileRegistryInspection
    ) {
        self.path = path
        self.inspect = inspect
    }

    package func run(for scope: HealthCheckScope) async -> [HealthCheckResult] {
        do throws(RegistryError) {
            let folder = try inspect(path)
            let reachability =
                folder.exists
                ? "'\(path)' is a folder" : "there is no folder '\(path)' yet; the first run creates it"
            return [
                .ok(.reachability, reachability), layout(folder), reading(folder), writing(folder),
                FreeSpace(of: folder.nearestFolder).result, lock(folder),
            ]
        } catch {
            let reason = "there is no registry to check"
            return [.fail(.reachability, error)]
                + HealthCheckResult.skip(.layout, .reading, .writing, .space, .lock, because: reason)
        }
    }

    /// How the folder is laid out, and what in it would break MLflow's own listing.
    private func layout(_ folder: FileRegistryInspection) -> HealthCheckResult {
        if !folder.exists { return .skip(.layout, "there is no folder yet") }
        if !folder.hasModels {
            return .ok(.layout, "MLflow's file store, or room for one, without any models")
        }
        do throws(RegistryError) {
            guard let (count, incomplete) = try folder.models() else {
                return .skip(.layout, "another process is changing it")
            }
            guard incomplete.isEmpty else { return self.incomplete(incomplete, in: folder.modelsFolder) }
            return .ok(
                .layout, "MLflow's file store with \(count) registered \(count == 1 ? "model" : "models")")
        } catch {
            return error.code == .corrupt ? .fail(.layout, error) : .skip(.layout, error.message)
        }
    }

    private func incomplete(_ names: [String], in folder: String) -> HealthCheckResult {
        let shown = names.map { "'\($0)'" }.listed(Self.shownNames)
        return .warn(
            .layout,
            "in '\(folder)' \(shown) \(names.count == 1 ? "has" : "have") no meta.yaml, and MLflow lists "
                + "nothing because of that",
            hint: "restore it from a backup, or move it out of that folder")
    }

    private func reading(_ folder: FileRegistryInspection) -> HealthCheckResult {
        if !folder.exists { return .skip(.reading, "there is no folder yet") }
        if let failure = folder.readFailure { return .fail(.reading, failure) }
        do throws(RegistryError) {
            // What has no meta.yaml is told where the layout is.
            let incomplete = Set(try folder.models()?.incomplete ?? [])
            let damage = try folder.damage().filter { !incomplete.contains($0.key) }.sorted {
                $0.key < $1.key
            }
            guard var first = damage.first?.value else { return .ok(.reading, "the folder can be read") }
            if damage.count > 1 {
                first.message +=
                    "; \(damage.count) prompts cannot be read: "
                    + damage.map { "'\($0.key)'" }.listed(Self.shownNames)
            }
            return .fail(.reading, first, hint: first.hint ?? "restore that prompt from a backup")
        } catch {
            return .fail(.reading, error)
        }
    }

    private func writing(_ folder: FileRegistryInspection) -> HealthCheckResult {
        if let failure = folder.writeFailure { return .fail(.writing, failure) }
        return .ok(
            .writing, "\(folder.exists ? "the folder" : "'\(folder.nearestFolder)'") can be written to")
    }

    private func lock(_ folder: FileRegistryInspection) -> HealthCheckResult {
        let free = "no other run is in progress"
        do throws(RegistryError) {
            switch try folder.lock() {
            case .free: return .ok(.lock, free)
            case .freeWithLeftovers:
                return .ok(.lock, "\(free); the next one cleans up after one that was stopped")
            case .held:
                return .warn(
                    .lock, "another run is in progress and holds '\(folder.lockFile)'",
                    hint: "a run that starts now waits until that one is done")
            }
        } catch {
            return .fail(.lock, error)
        }
    }
}
