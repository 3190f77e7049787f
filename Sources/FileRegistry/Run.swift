import Dispatch
import Prompts
import Synchronization

/// A run that has begun: its lock, and what it takes to write.
final class Run: Sendable {
    /// After this many new versions the system is asked to write out what there is.
    static let syncInterval = 256

    /// Held until the end of the run; nil where the registry can only be read.
    private let lock: RegistryLock?
    private let lockDescriptor: Int32?
    /// Where changes are staged, or why the registry cannot be written to.
    let staging: Result<Staging, RegistryError>
    /// Whether something was written since the last synchronization.
    let hasUnsynchronized: Atomic<Bool>
    private let root: String
    private let fileSystem: FileSystem
    private let versionCount = Atomic<Int>(0)
    private let isSynchronizing = Atomic<Bool>(false)

    /// Takes the lock and prepares the registry for writing. It is no failure that an existing registry is read-only: a
    /// run that changes nothing does not have to write.
    init(
        beginningIn layout: RegistryLayout, fileSystem: FileSystem, onWait: @Sendable () -> Void
    ) async throws(RegistryError) {
        let root = RegistryRoot(layout: layout, fileSystem: fileSystem)
        self.root = layout.root
        self.fileSystem = fileSystem
        var taken: RegistryLock?
        var isNew = false
        do {
            try root.prepare()
            taken = try await RegistryLock(acquiring: layout.lock, fileSystem: fileSystem, onWait: onWait)
            // Before the models, so that a registry with models has it whenever a run dies.
            try TraceFolders(layout: layout, fileSystem: fileSystem).makeFirstExperiment()
            isNew = try fileSystem.makeFolder(layout.models)
            staging = .success(try Staging(layout: layout, fileSystem: fileSystem))
        } catch {
            guard root.isReadOnly(after: error) else { throw error }
            staging = .failure(error)
        }
        lockDescriptor = taken?.descriptor
        lock = taken
        hasUnsynchronized = Atomic(isNew)
    }

    /// Counts a new version, and now and then has the system write out in the background what there is so far, so that
    /// less is left for the end.
    func countVersion() {
        guard versionCount.add(1, ordering: .relaxed).newValue.isMultiple(of: Self.syncInterval) else {
            return
        }
        guard !isSynchronizing.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Not in a task: this blocks its thread, and tasks have only as many threads as there are processors.
        DispatchQueue.global().async { [self] in
            // The run's own synchronization reports what fails here: its descriptor was open before.
            if let folder = try? fileSystem.root(root) {
                try? fileSystem.synchronize(folder.descriptor, root)
            }
            isSynchronizing.store(false, ordering: .releasing)
        }
    }

    /// Makes durable what was written so far.
    func synchronize() throws(RegistryError) {
        guard case .success = staging,
            hasUnsynchronized.exchange(false, ordering: .acquiringAndReleasing)
        else { return }
        do {
            // The lock file was opened before the first write, so its descriptor reports every failure since.
            if let lockDescriptor { try fileSystem.synchronize(lockDescriptor, root) }
        } catch {
            hasUnsynchronized.store(true, ordering: .releasing)
            throw error
        }
    }
}
