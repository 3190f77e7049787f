import Diagnostics
import Jobs
import Prompts
import Support
import Templates

extension Diagnostic.Code {
    static let unknownPrompt = Self(rawValue: "unknown-prompt")
}

/// The cases of a file that are run, each with the full name of its prompt.
struct TrySelection {
    private let file: CasesFile
    private let job: DesiredState
    private let patterns: [String]

    init(_ file: CasesFile, _ job: DesiredState, _ patterns: [String]) {
        (self.file, self.job, self.patterns) = (file, job, patterns)
    }

    /// The cases whose prompts are selected.
    ///
    /// - Returns: Each with its prompt's full name, in the order of the file.
    /// - Throws: `CommandFailure` with what is wrong with the file, and a finding for each prompt that the job does not name.
    func cases() throws(CommandFailure) -> [(one: TryCase, prompt: String)] {
        let names = job.prompts.map(\.name)
        var byName: [String: DesiredPrompt] = [:]
        for prompt in job.prompts { byName[prompt.fullName] = prompt }
        for prompt in job.prompts { byName[prompt.name] = prompt }
        var hints = NameHints()
        var findings = file.diagnostics
        var found: [(one: TryCase, prompt: DesiredPrompt)] = []
        for one in file.cases {
            guard let prompt = byName[one.prompt] else {
                findings.add(
                    .error(
                        .unknownPrompt, "the job has no prompt '\(one.prompt)'", at: one.location,
                        help: hints.didYouMean(one.prompt, in: names)
                            ?? "its prompts are \(names.prefix(20).joined(separator: ", "))"))
                continue
            }
            found.append((one, prompt))
        }
        if findings.hasErrors { throw CommandFailure(findings) }
        let selected = Set(try PromptSelection.names(patterns, of: names, in: "the job"))
        found.removeAll { !selected.contains($0.prompt.name) }
        if found.isEmpty {
            throw CommandFailure(.usage, "there is no case for the selected prompts", hint: "select others")
        }
        return found.map { ($0.one, $0.prompt.fullName) }
    }
}

extension PromptRegistry {
    /// Checks that an alias is no typing error: that any of the prompts has it.
    ///
    /// - Throws: `RegistryError`, with `.notFound` where none does.
    func checkAlias(_ alias: String, of names: [String]) async throws(RegistryError) {
        let known = Set(try await observe(names).values.flatMap(\.aliases.keys)).sorted()
        if known.contains(alias) { return }
        throw RegistryError(
            .notFound, "no prompt of the job has the alias '\(alias)'",
            hint: didYouMean(alias, in: known)
                ?? (known.isEmpty
                    ? "they have no aliases"
                    : "their aliases are \(known.prefix(20).joined(separator: ", "))"))
    }
}

/// The cases with the versions that they are run through.
struct TryPreparation: Sendable {
    /// A case with both versions of its prompt.
    struct Prepared: Sendable {
        let one: TryCase
        let prompt: String
        let candidate: ResolvedVersion
        /// Nil where there is nothing to compare with.
        let base: ResolvedVersion?
    }

    /// The cases.
    let cases: [Prepared]
    /// Where the prompts are.
    let registry: RegistryLocation
    /// The aliases of each version, by prompt and number.
    let aliases: [String: [Int: [String]]]

    /// Reads the versions.
    ///
    /// - Parameters:
    ///   - cases: The cases with the full names of their prompts.
    ///   - candidate: The alias whose version is tried.
    ///   - base: The alias whose version it is compared with.
    ///   - registry: The registry.
    ///   - console: Told of prompts that are not compared.
    /// - Throws: `RegistryError`, with `.notFound` where a prompt has no version to try.
    init(
        _ cases: [(one: TryCase, prompt: String)], candidate: String, base: String,
        in registry: any PromptRegistry, _ console: Console
    ) async throws(RegistryError) {
        var names: [String] = []
        for one in cases where !names.contains(one.prompt) { names.append(one.prompt) }
        let observed = try await registry.observe(names)
        var versions: [String: (candidate: ResolvedVersion, base: ResolvedVersion?)] = [:]
        var aliases: [String: [Int: [String]]] = [:]
        for name in names {
            guard let prompt = observed[name] else { throw await registry.notFound(prompt: name) }
            guard let number = prompt.aliases[candidate] else { throw prompt.notFound(alias: candidate) }
            let tried = ResolvedVersion(name: name, version: try await registry.version(number, of: name))
            var other: ResolvedVersion?
            switch prompt.aliases[base] {
            case nil: console.warning("\(name) has no alias '\(base)': there is nothing to compare with")
            case number?:
                console.warning(
                    "\(name): '\(candidate)' and '\(base)' are the same version, which is tried alone: every check counts"
                )
            case let older?:
                other = ResolvedVersion(name: name, version: try await registry.version(older, of: name))
            }
            versions[name] = (tried, other)
            for number in [tried, other].compactMap(\.?.version.number) {
                aliases[name, default: [:]][number] = prompt.aliases(at: number)
            }
        }
        self.cases = cases.compactMap { one, prompt in
            versions[prompt].map {
                Prepared(one: one, prompt: prompt, candidate: $0.candidate, base: $0.base)
            }
        }
        (self.registry, self.aliases) = (registry.location, aliases)
    }
}
