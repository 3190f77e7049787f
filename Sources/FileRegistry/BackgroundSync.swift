import Dispatch
import Prompts
import Synchronization

/// Has the system write out what a run makes while the run makes more, so that less is left to wait for at the end.
///
/// Nothing is durable by this alone. What fails here is no loss: the system tells of it to the descriptor that the
/// run synchronizes by, too, which was open before.
final class BackgroundSync: Sendable {
    /// After how many versions it is worth while.
    static let interval = 256

    private let root: String
    private let fileSystem: FileSystem
    private let versions = Atomic<Int>(0)
    private let isBusy = Atomic<Bool>(false)

    init(root: String, fileSystem: FileSystem) {
        self.root = root
        self.fileSystem = fileSystem
    }

    /// Counts a version that was made.
    func countVersion() {
        guard versions.add(1, ordering: .relaxed).newValue.isMultiple(of: Self.interval) else { return }
        guard !isBusy.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Not in a task: there are only as many threads for tasks as processors, and this one waits for the disk.
        DispatchQueue.global().async { [self] in
            do throws(RegistryError) {
                if let folder = try fileSystem.folder(root) {
                    try fileSystem.synchronize(folder.descriptor, root)
                }
            } catch {
                // The run's own synchronizing is told of it as well, and tells the user.
            }
            isBusy.store(false, ordering: .releasing)
        }
    }
}
