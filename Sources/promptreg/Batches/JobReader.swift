import Diagnostics
import Glibc
import Jobs
import Prompts
import Support

/// A job that was read and checked, with its prompts selected and its registry known.
struct PreparedJob: Sendable {
    /// What the job wants, of the selected prompts.
    let desired: DesiredState
    /// What the job wants, of all its prompts.
    let whole: DesiredState
    /// Where to register.
    let address: RegistryAddress
}

extension CommandContext {
    /// Reads and checks a job, before any registry is asked, and prints its warnings.
    ///
    /// - Parameters:
    ///   - path: The spec's path.
    ///   - options: What is passed to the job.
    /// - Returns: The job.
    /// - Throws: `CommandFailure`.
    func job(_ path: String, _ options: JobOptions) throws(CommandFailure) -> PreparedJob {
        let select = options.select
        let place = try Place(
            of: try load(
                path, options.inputs, isStrict: options.isStrict, checksRegistryRules: true,
                registry: options.registry),
            passed: options.registry, by: options.planPath, self)
        guard let whole = place.job else { throw DefaultJob.missing("no job is named") }
        var desired = whole
        if !select.isEmpty {
            let names = Set(
                try PromptSelection.names(select, of: whole.prompts.map(\.name), in: "the job"))
            desired.prompts.removeAll { !names.contains($0.name) }
        }
        return PreparedJob(desired: desired, whole: whole, address: place.address)
    }

    /// Reads and checks a job, and prints its warnings.
    ///
    /// - Parameters:
    ///   - path: The spec's path.
    ///   - inputs: What is passed to the job.
    ///   - readsTemplates: Whether its templates are wanted; without them, nothing is said of what is odd.
    ///   - isStrict: Whether a warning is as bad as an error.
    ///   - checksRegistryRules: Whether names and tags are held to the rules of the registry.
    ///   - registry: The registry's address that was passed, whose rules count then.
    /// - Returns: The job.
    /// - Throws: `CommandFailure` when it has errors.
    func load(
        _ path: String, _ inputs: JobInputs, readsTemplates: Bool = true, isStrict: Bool = false,
        checksRegistryRules: Bool = false, registry: String? = nil
    ) throws(CommandFailure) -> DesiredState {
        var inputs = inputs
        inputs.environment = environment
        let job = LoadedJob(
            path: path, inputs: inputs, readsTemplates: readsTemplates,
            checksRegistryRules: checksRegistryRules, registry: registry)
        guard let state = job.state else {
            throw DefaultJob.misnamed(path) ?? CommandFailure(job.diagnostics)
        }
        if isStrict, job.diagnostics.count(.warning) > 0 { throw CommandFailure(strict: job.diagnostics) }
        if readsTemplates { console.report(job.diagnostics) }
        return state
    }

    /// The address of a registry without a job.
    func address(passed: String?) throws(CommandFailure) -> RegistryAddress {
        try Place(of: nil, passed: passed, self).address
    }

    /// Reads a registry.
    ///
    /// - Parameters:
    ///   - address: Where the registry is.
    ///   - options: How it is reached.
    ///   - mayBeAbsent: Whether a folder without a registry is as good as an empty one, as for a job that will make it.
    ///   - work: What to read.
    /// - Returns: What was read.
    /// - Throws: `CommandFailure`.
    func read<Value>(
        _ address: RegistryAddress, _ options: RegistryOptions, mayBeAbsent: Bool = false,
        _ work: (any PromptRegistry) async throws(RegistryError) -> Value
    ) async throws(CommandFailure) -> Value {
        do throws(RegistryError) {
            if !mayBeAbsent { try address.checkPresence() }
            return try await work(try options.open(address, self).registry)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Reads the registry of a place, as `read` does.
    func read<Value>(
        _ place: Place, _ options: RegistryOptions,
        _ work: (any PromptRegistry) async throws(RegistryError) -> Value
    ) async throws(CommandFailure) -> Value {
        try await read(place.address, options, mayBeAbsent: true) { registry async throws(RegistryError) in
            do throws(RegistryError) {
                try place.address.checkPresence()
                return try await work(registry)
            } catch {
                throw place.explained(error)
            }
        }
    }
}

/// The names and patterns of `--select`.
enum PromptSelection {
    /// Whether a pattern, in which `*` and `?` match any characters, matches a name.
    static func matches(_ pattern: String, _ name: String) -> Bool { fnmatch(pattern, name, 0) == 0 }

    /// The names that patterns match.
    ///
    /// - Parameters:
    ///   - patterns: Names and patterns; none selects all.
    ///   - names: The names of the prompts.
    ///   - place: Where they are from, for the message.
    ///   - forms: The forms of a name that a pattern may match.
    /// - Returns: The selected ones, in their order.
    /// - Throws: `CommandFailure` for a pattern that matches none.
    static func names(
        _ patterns: [String], of names: [String], in place: String,
        forms: (String) -> [String] = { [$0] }
    ) throws(CommandFailure) -> [String] {
        guard !patterns.isEmpty else { return names }
        let all = names.map(forms)
        for pattern in patterns where !all.joined().contains(where: { matches(pattern, $0) }) {
            throw CommandFailure(
                .usage, "--select '\(pattern)' matches no prompt of \(place)",
                hint: didYouMean(pattern, in: all.joined() + schemas(of: names))
                    ?? didYouMean(pattern.filter { !"*?".contains($0) }, in: all.joined())
                    ?? "its prompts are \(names.prefix(20).joined(separator: ", "))")
        }
        return zip(names, all).filter { _, forms in selects(patterns, forms) }.map(\.0)
    }

    /// The patterns that select all prompts of a schema.
    private static func schemas(of names: [String]) -> [String] {
        Set(names.compactMap { QualifiedName($0).schema?.description }).sorted().map { $0 + ".*" }
    }

    /// Whether a pattern matches one of the forms of a name.
    static func selects(_ patterns: [String], _ forms: [String]) -> Bool {
        patterns.contains { pattern in forms.contains { matches(pattern, $0) } }
    }

    /// The forms of a full name: itself, the part after the schema, and that without the usual prefix.
    static func forms(_ fullName: String) -> [String] {
        let name = QualifiedName(fullName).name
        let prefix = NameRules.usualPrefix
        return [fullName, name] + (name.hasPrefix(prefix) ? [String(name.dropFirst(prefix.count))] : [])
    }
}
