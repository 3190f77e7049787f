import Glibc
import Prompts
import Synchronization

/// Where a run writes, out of MLflow's sight, before it renames into place.
///
/// A new prompt, and its first aliases, are staged in a folder of the registry's root, which is on the same filesystem.
/// What is new in an existing prompt is staged in the prompt's own folder. The names of those prompts are journaled
/// first, so that the next run can clean up, and finish, after a run that died.
final class Staging: Sendable {
    private let layout: RegistryLayout
    private let fileSystem: FileSystem
    /// The staging folder.
    let folder: Folder
    /// The folder of all models.
    let models: Folder
    /// The file in the staging folder that names the prompts that a run changes.
    private let journal: String
    /// Starts the names of what this run stages, so that they differ from what an earlier run left.
    private let namePrefix: String
    private let stagedCount = Atomic<Int>(0)
    /// Whether something could not be removed. That is not reported: it remained after a failure that was, or from
    /// another run.
    private let hasLeftovers = Atomic<Bool>(false)
    private let state: Mutex<State>

    /// A file that is open as long as something refers to it.
    private final class OpenFile: Sendable {
        let descriptor: Int32
        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }
    }

    /// The journal, and the names of prompts by what became of them.
    private struct State {
        /// The journal, as long as it may be added to.
        var openJournal: OpenFile?
        /// Earlier runs left these unfinished.
        let inherited: Set<String>
        var created: Set<String> = []
        /// This run was about to change these.
        var touched: Set<String> = []
        var changed: Set<String> = []
        /// A failure to change these was reported.
        var failed: Set<String> = []
    }

    /// Makes the staging folder, or takes over that of a run that died. The caller holds the registry's lock.
    init(layout: RegistryLayout, fileSystem: FileSystem) throws(RegistryError) {
        self.layout = layout
        self.fileSystem = fileSystem
        namePrefix = RegistryLayout.stagedPrefix + String(UInt32.random(in: .min ... .max), radix: 36) + "-"
        journal = layout.staging + "/" + Self.journalFile
        guard let models = try fileSystem.folder(layout.models) else {
            throw RegistryError(.open, layout.models, errno: ENOENT)
        }
        self.models = models
        folder = try fileSystem.makeAndOpenFolder(layout.staging)
        let inherited = try Self.journaledNames(in: folder, fileSystem)
        let opened = OpenFile(try fileSystem.openToAppend(Self.journalFile, in: folder))
        state = Mutex(State(openJournal: opened, inherited: inherited))
        removeLeftovers(of: inherited)
    }

    private static let journalFile = "prompts"

    /// The prompts in the journal that a run left behind.
    private static func journaledNames(
        in folder: borrowing Folder, _ fileSystem: FileSystem
    ) throws(RegistryError) -> Set<String> {
        var buffer = FileBuffer()
        guard try fileSystem.read(journalFile, in: folder, into: &buffer) == .file else { return [] }
        let lines = buffer.bytes.split(separator: UInt8(ascii: "\n"))
        let names = lines.map { String(decoding: $0, as: UTF8.self) }
        return Set(names.filter { NameRules.problem(withName: $0) == nil })
    }

    /// A name for something new: in the staging folder for a new prompt, or for what is new in a prompt that this run
    /// created, and in the folder of a journaled prompt for what is new in that.
    func newName() -> String { namePrefix + String(stagedCount.add(1, ordering: .relaxed).newValue) }

    /// Removes something staged after a failure.
    func discard(_ name: String, in stage: borrowing Folder) {
        do {
            try fileSystem.removeTree(name, in: stage)
        } catch {
            // The first failure is the one to report; the end of the run tries again.
            hasLeftovers.store(true, ordering: .relaxed)
        }
    }

    // MARK: - Prompts

    func recordCreation(of name: String) { state.withLock { _ = $0.created.insert(name) } }
    func hasCreated(_ name: String) -> Bool { state.withLock { $0.created.contains(name) } }

    /// Journals that a prompt is about to change.
    func willChange(_ name: String) throws(RegistryError) {
        let (isTouched, isJournaled, opened) = state.withLock {
            ($0.touched.contains(name), $0.inherited.contains(name), $0.openJournal)
        }
        if isTouched { return }
        if !isJournaled {
            guard let opened else { throw RegistryError(.write, journal, errno: EBADF) }
            // The first line break ends a line that was cut off when the disk was full.
            try fileSystem.append("\n\(name)\n", to: opened.descriptor, journal)
        }
        state.withLock { _ = $0.touched.insert(name) }
    }

    /// Records that a prompt changed, and is to be finished at the end of the run.
    func recordChange(of name: String) { state.withLock { _ = $0.changed.insert(name) } }

    func recordFailure(of name: String) { state.withLock { _ = $0.failed.insert(name) } }

    /// The prompts to finish: those that this run changed, and those that earlier runs left.
    var unfinished: [String] { state.withLock { Array($0.inherited.union($0.changed)) } }

    /// Whether it is to be reported that a prompt could not be finished: not after an earlier failure, and not for
    /// what other runs did.
    func isToBeReported(_ name: String) -> Bool {
        state.withLock { $0.changed.contains(name) && !$0.failed.contains(name) }
    }

    // MARK: - The end

    /// Removes the staging folder, or leaves a journal of what is unfinished for the next run.
    ///
    /// - Parameter unfinished: The prompts that could not be finished.
    /// - Throws: `RegistryError`, unless a reported failure left what is in the way.
    func end(unfinished: Set<String>) throws(RegistryError) {
        var kept = unfinished
        let journaled = state.withLock { $0.inherited.union($0.touched) }
        let hadLeftovers = hasLeftovers.load(ordering: .relaxed)
        if hadLeftovers { kept.formUnion(removeLeftovers(of: journaled)) }
        guard kept.isEmpty else {
            if kept != journaled { rewriteJournal(kept) }
            return
        }
        // Network filesystems keep a file that is open under another name when it is removed.
        state.withLock { $0.openJournal = nil }
        do {
            try fileSystem.removeTree(layout.staging)
        } catch {
            if !hadLeftovers { throw error }
        }
    }

    /// Leaves only these prompts in the journal. Where that fails it stays as it is, which includes them.
    private func rewriteJournal(_ names: Set<String>) {
        let staged = newName()
        do {
            let lines = names.sorted().joined(separator: "\n") + "\n"
            try fileSystem.write(lines, to: staged, in: folder)
            try fileSystem.replace(Self.journalFile, in: folder, with: staged, from: folder)
        } catch {
            discard(staged, in: folder)
        }
    }

    /// Removes what runs left in the staging folder, except the journal, and in the folders of prompts.
    ///
    /// - Returns: The prompts whose folders may still have something in them.
    @discardableResult
    private func removeLeftovers(of names: Set<String>) -> Set<String> {
        let kept = names.filter { name in
            do throws(RegistryError) {
                guard let model = try fileSystem.folder(name, in: models) else { return false }
                try removeLeftovers(in: model) { $0.hasPrefix(RegistryLayout.stagedPrefix) }
                return false
            } catch {
                return !error.isAboutDamagedPrompt
            }
        }
        if !kept.isEmpty { hasLeftovers.store(true, ordering: .relaxed) }
        do throws(RegistryError) {
            if let folder = try fileSystem.folder(layout.staging) {
                try removeLeftovers(in: folder) { $0 != Self.journalFile }
            }
        } catch {
            hasLeftovers.store(true, ordering: .relaxed)
        }
        return kept
    }

    private func removeLeftovers(
        in folder: borrowing Folder, where isLeftover: (String) -> Bool
    ) throws(RegistryError) {
        for entry in try fileSystem.entries(of: folder) where isLeftover(entry.name) {
            try fileSystem.removeTree(entry.name, in: folder)
        }
    }
}
