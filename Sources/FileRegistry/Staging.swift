import Glibc
import Prompts
import Synchronization

/// Where a run makes things, out of MLflow's sight, before one rename puts each in its place.
///
/// New prompts are made in a folder in the registry's root, and so are their first aliases: it is on the filesystem
/// of the rest, and there is no other place when the root is a mounted volume. What is new in a prompt that was
/// there before is made in that prompt's own folder, which may be a link to anywhere. The names of those prompts are noted first: so that the run which finds the
/// notes of one that died can remove what is left there, and finish what is to be done at a run's end.
final class Staging: Sendable {
    private let layout: RegistryLayout
    private let fileSystem: FileSystem
    private let device: UInt
    private let notes: Notes
    /// What begins the names of what this run makes, so that it meets nothing that a run before it left.
    private let namePrefix: String
    private let made = Atomic<Int>(0)
    /// Whether something could not be removed. Nobody is to be told: it was left after a failure that was told
    /// of, or by another run.
    private let hasLeftovers = Atomic<Bool>(false)
    private let state: Mutex<State>

    private struct State {
        /// Those that runs before this one have left to be finished.
        let inherited: Set<String>
        /// Those that this run has made.
        var made: Set<String> = []
        /// Those that this run was about to change.
        var touched: Set<String> = []
        /// Those that it did change.
        var changed: Set<String> = []
        /// Those of which a failure was told.
        var failed: Set<String> = []
        var foldersElsewhere: [UInt: String] = [:]

        var noted: Set<String> { inherited.union(touched) }
    }

    /// Makes the folder, or takes over that of a run that died. Call this under the registry's lock.
    init(layout: RegistryLayout, fileSystem: FileSystem) throws(RegistryError) {
        self.layout = layout
        self.fileSystem = fileSystem
        namePrefix = RegistryLayout.stagedPrefix + String(UInt32.random(in: .min ... .max), radix: 36) + "-"
        try fileSystem.makeFolder(layout.staging)
        let inherited = try Notes.names(layout, fileSystem)
        state = Mutex(State(inherited: inherited))
        notes = try Notes(layout: layout, fileSystem: fileSystem)
        device = try fileSystem.device(of: notes.descriptor, layout.staging)
        removeLeftovers(of: inherited)
    }

    /// A path for a new prompt, or for something new in one that this run has made.
    func newPath() -> String { newPath(in: layout.staging) }

    /// A path for something new in the folder of a prompt that is noted.
    func newPath(in model: borrowing Folder) -> String { newPath(in: model.path) }

    private func newPath(in folder: String) -> String {
        "\(folder)/\(namePrefix)\(made.add(1, ordering: .relaxed).newValue)"
    }

    /// Removes what was to be put in place when that has failed.
    func discard(_ path: String) {
        do {
            try fileSystem.removeTree(path)
        } catch {
            // The failure that led here is the one to tell of; the end of the run tries again.
            hasLeftovers.store(true, ordering: .relaxed)
        }
    }

    /// A folder on each filesystem that was written to, other than the root's.
    var foldersElsewhere: [String] { state.withLock { Array($0.foldersElsewhere.values) } }

    // MARK: - What becomes of the prompts

    /// Records that this run has made a prompt.
    func recordCreation(of name: String) { state.withLock { _ = $0.made.insert(name) } }

    /// Whether this run has made a prompt.
    func hasMade(_ name: String) -> Bool { state.withLock { $0.made.contains(name) } }

    /// Notes that a prompt is about to change.
    func noteChange(of name: String, _ model: borrowing Folder) throws(RegistryError) {
        let (isTouched, isNoted) = state.withLock {
            ($0.touched.contains(name), $0.inherited.contains(name))
        }
        if isTouched { return }
        let device = try fileSystem.device(of: model.descriptor, model.path)
        if !isNoted { try notes.add(name) }
        let path = model.path
        state.withLock {
            $0.touched.insert(name)
            if device != self.device { $0.foldersElsewhere[device] = path }
        }
    }

    /// Records that a prompt has changed, and is to be finished at the end of the run.
    func recordChange(of name: String) { state.withLock { _ = $0.changed.insert(name) } }

    /// Records that the caller is told of a failure to change a prompt.
    func recordFailure(of name: String) { state.withLock { _ = $0.failed.insert(name) } }

    /// The prompts that are to be finished: those that this run has changed, and those that others left.
    var unfinished: [String] { state.withLock { Array($0.inherited.union($0.changed)) } }

    /// Whether the caller is to be told that a prompt cannot be finished: not where it knows of a failure already,
    /// and not of what other runs did.
    func isNews(_ name: String) -> Bool {
        state.withLock { $0.changed.contains(name) && !$0.failed.contains(name) }
    }

    // MARK: - The end

    /// Removes the folder, when all that was made is in place or gone; else leaves the notes of what is not.
    ///
    /// - Parameter unfinished: The prompts that could not be finished.
    /// - Throws: `RegistryError`, unless what is in the way is left from a failure that was told of.
    func end(unfinished: Set<String>) throws(RegistryError) {
        var kept = unfinished
        let noted = state.withLock { $0.noted }
        let hadLeftovers = hasLeftovers.load(ordering: .relaxed)
        if hadLeftovers { kept.formUnion(removeLeftovers(of: noted)) }
        guard kept.isEmpty else {
            if kept != noted { keepNotes(of: kept) }
            return
        }
        do {
            try fileSystem.removeTree(layout.staging)
        } catch {
            if !hadLeftovers { throw error }
        }
    }

    /// Leaves notes of these prompts only. Where that fails the notes stay as they are, which name them too.
    private func keepNotes(of names: Set<String>) {
        let staged = newPath(in: layout.staging)
        do {
            try fileSystem.write(names.sorted().joined(separator: "\n") + "\n", to: staged)
            try fileSystem.replace(layout.staging + "/" + Notes.file, with: staged)
        } catch {
            discard(staged)
        }
    }

    /// Removes all that runs have left in the folder, but the notes, and in those of prompts.
    ///
    /// - Returns: The prompts in whose folders something may be left.
    @discardableResult
    private func removeLeftovers(of names: Set<String>) -> Set<String> {
        var kept: Set<String> = []
        for name in names {
            do throws(RegistryError) {
                try removeLeftovers(in: layout.model(name)) { $0.hasPrefix(RegistryLayout.stagedPrefix) }
            } catch {
                if !error.isOfSpoiltPrompt { kept.insert(name) }
            }
        }
        do throws(RegistryError) {
            try removeLeftovers(in: layout.staging) { $0 != Notes.file }
            if !kept.isEmpty { hasLeftovers.store(true, ordering: .relaxed) }
        } catch {
            hasLeftovers.store(true, ordering: .relaxed)
        }
        return kept
    }

    private func removeLeftovers(in path: String, where isOne: (String) -> Bool) throws(RegistryError) {
        guard let folder = try fileSystem.folder(path) else { return }
        for entry in try fileSystem.entries(of: folder) where isOne(entry.name) {
            try fileSystem.removeTree(path + "/" + entry.name)
        }
    }
}

extension RegistryError {
    /// Whether somebody else removed or spoilt a prompt that is to be finished. That is for `observe` to tell
    /// those who want it, and not for every run from now on.
    var isOfSpoiltPrompt: Bool { code == .notFound || code == .corrupt }
}

/// The file in the staging folder that names the prompts which a run has changed.
private struct Notes: ~Copyable {
    static let file = "prompts"

    let descriptor: Int32
    private let path: String
    private let fileSystem: FileSystem

    init(layout: RegistryLayout, fileSystem: FileSystem) throws(RegistryError) {
        self.fileSystem = fileSystem
        path = layout.staging + "/" + Self.file
        descriptor = try fileSystem.openToAppend(path)
    }

    deinit { close(descriptor) }

    /// Notes a prompt.
    func add(_ name: String) throws(RegistryError) {
        // The line break before it ends a line that there was no room for.
        try fileSystem.write("\n" + name + "\n", to: descriptor, path)
    }

    /// The prompts that were noted by a run that left its notes behind.
    static func names(
        _ layout: RegistryLayout, _ fileSystem: FileSystem
    ) throws(RegistryError) -> Set<String> {
        guard let folder = try fileSystem.folder(layout.staging) else { return [] }
        var buffer = FileBuffer()
        guard try fileSystem.read(file, in: folder, into: &buffer) == .file else { return [] }
        let lines = buffer.bytes.split(separator: UInt8(ascii: "\n"))
        let names = lines.map { String(decoding: $0, as: UTF8.self) }
        return Set(names.filter { NameRules.problem(withName: $0) == nil })
    }
}
