import Prompts
import Synchronization

/// A run that has begun.
enum Run {
    case writing(WritingRun)
    case reading(ReadingRun)

    /// Takes the lock and makes what a run needs to write.
    ///
    /// - Parameters:
    ///   - layout: Where the registry is.
    ///   - fileSystem: The calls to the system.
    ///   - onWait: Called once when another run has to be waited for.
    /// - Throws: `RegistryError`. A registry that is there and may only be read is no failure: a run that finds
    ///   nothing to do has no need to write.
    init(
        beginningIn layout: RegistryLayout, fileSystem: FileSystem, onWait: @Sendable () -> Void
    ) async throws(RegistryError) {
        let root = RegistryRoot(layout: layout, fileSystem: fileSystem)
        let lock: RegistryLock
        do {
            try root.prepare()
            lock = try await RegistryLock(acquiring: layout.lock, fileSystem: fileSystem, onWait: onWait)
        } catch {
            guard root.isReadOnly(after: error) else { throw error }
            self = .reading(ReadingRun(lock: nil, denial: error))
            return
        }
        do {
            let isNew = try fileSystem.makeFolder(layout.models)
            let staging = try Staging(layout: layout, fileSystem: fileSystem)
            let background = BackgroundSync(root: layout.root, fileSystem: fileSystem)
            self = .writing(
                WritingRun(lock: lock, staging: staging, background: background, hasWritten: isNew))
        } catch {
            guard root.isReadOnly(after: error) else { throw error }
            self = .reading(ReadingRun(lock: lock, denial: error))
        }
    }
}

/// A run that may write.
final class WritingRun: Sendable {
    let lock: RegistryLock
    let staging: Staging
    let background: BackgroundSync
    /// Whether something was written since it was last made durable.
    let hasUnsynchronized: Atomic<Bool>

    init(
        lock: consuming RegistryLock, staging: Staging, background: BackgroundSync, hasWritten: Bool
    ) {
        self.lock = lock
        self.staging = staging
        self.background = background
        hasUnsynchronized = Atomic(hasWritten)
    }
}

/// A run on a registry that it may only read.
final class ReadingRun: Sendable {
    /// Why it may not write.
    let denial: RegistryError
    /// Held until the end of the run; nil where it cannot be had.
    private let lock: RegistryLock?

    init(lock: consuming RegistryLock?, denial: RegistryError) {
        self.lock = lock
        self.denial = denial
    }
}
