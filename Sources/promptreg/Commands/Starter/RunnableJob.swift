import Jobs
import Support

/// A job as a pipeline or a bundle names it.
struct RunnableJob {
    /// The spec's path in the repository.
    let path: String
    /// The target that is wished for, else one that registers in Unity Catalog, of several the one that is called as
    /// production is, else one on an MLflow server, else the one in use without a flag; empty where there is none, or it registers in a folder, which a
    /// pipeline does not keep.
    let target: String
    /// The targets that were not chosen; none where none was.
    let otherTargets: [String]
    /// Whether a target on a server has to be made, as the job names folders alone.
    let needsTarget: Bool
    /// The files that it is read from, besides the spec, from the current folder.
    let files: [String]
    /// Whether that is on a server or in Unity Catalog.
    let isRemote: Bool
    /// Whether the target registers in Unity Catalog.
    let isGoverned: Bool
    /// The address of the MLflow server that the target registers on; nil where it does elsewhere.
    let server: String?
    /// Whether the job could be read; if not, the rest is guessed.
    let isValid: Bool
    /// The job's name.
    let name: String
    /// The catalog and the schema of its prompts.
    let schema: (catalog: String, name: String)

    /// How teams call the target that serves.
    private static let productionNames = ["prod", "production", "live"]

    /// Reads a job. What no pipeline could write down is left out.
    ///
    /// - Parameters:
    ///   - path: The spec's path in the repository.
    ///   - file: The spec's path from the current folder.
    ///   - wish: The target that is wished for; nil chooses one.
    /// - Throws: `CommandFailure` where a pipeline would read the path as something else, or the job has no such target.
    init(_ path: String, at file: String, target wish: String? = nil) throws(CommandFailure) {
        guard Self.isPlain(path) else {
            throw CommandFailure(
                .usage, "'\(path)' cannot be named in a pipeline",
                hint: "rename it: letters, digits, '.', '-' and '_' mean the same on every CI system")
        }
        func state(_ target: String?, readsTemplates: Bool = true) -> DesiredState? {
            LoadedJob(path: file, inputs: JobInputs(target: target), readsTemplates: readsTemplates).state
        }
        func plain(_ word: String?) -> String? {
            word.flatMap { !$0.isEmpty && Self.isPlain($0) ? $0 : nil }
        }
        let usual = state(nil) ?? state("prod")
        let targets = (usual?.targets ?? []).compactMap { state($0, readsTemplates: false) }.filter {
            plain($0.target) != nil
        }
        func registers(_ state: DesiredState?, in prefixes: [String]) -> Bool {
            prefixes.contains { state?.registry?.hasPrefix($0) == true }
        }
        let prefixes = [["databricks-uc"], ["http://", "https://"]]
        let kinds = prefixes.map { kind in targets.filter { registers($0, in: kind) } }
        let alike = kinds.first { !$0.isEmpty } ?? []
        let wished = targets.first { $0.target == wish && wish != nil }
        if let wish, wished == nil {
            let names = targets.compactMap(\.target)
            throw CommandFailure(
                .usage, "'\(file)' has no target '\(wish)' that a pipeline can name",
                hint: didYouMean(wish, in: names)
                    ?? (names.isEmpty ? nil : "its targets are \(names.listed(10))"))
        }
        let chosen =
            wished ?? Self.productionNames.lazy.compactMap { name in alike.first { $0.target == name } }.first
            ?? alike.first
        let governed = registers(chosen, in: prefixes[0]) ? chosen : nil
        let last = path.split(separator: "/").last ?? ""
        self.path = path
        isRemote = registers(chosen ?? usual, in: prefixes.flatMap(\.self))
        needsTarget = !isRemote && usual?.registry != nil
        let target = needsTarget ? nil : plain(chosen?.target ?? usual?.target)
        self.target = target ?? ""
        otherTargets = target == nil ? [] : targets.compactMap(\.target).filter { $0 != target }
        files = usual?.prompts.flatMap(\.files) ?? []
        isValid = usual != nil
        isGoverned = governed != nil
        server = (chosen ?? usual)?.registry.flatMap { $0.hasPrefix("http") ? $0 : nil }
        name = plain(usual?.job) ?? String(last.prefix { $0 != "." })
        let parts = (governed ?? usual)?.prompts.first?.fullName.split(separator: ".").map(String.init) ?? []
        schema =
            parts.count == 3
            ? (plain(parts[0]) ?? "main", plain(parts[1]) ?? name) : ("main", name)
    }

    /// Whether a word means itself in YAML, in Groovy, in a shell and to every CI system.
    static func isPlain(_ word: String) -> Bool {
        word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "/", ".", "_", "-": true
            default: false
            }
        }
    }
}
