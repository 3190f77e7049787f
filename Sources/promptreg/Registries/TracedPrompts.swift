import ArgumentParsing
import Evidence
import HTTP
import Jobs
import MLflowServer
import PromptClient
import Prompts
import Support
import Tracing

/// The version that others are compared with.
struct TraceBase: Sendable {
    /// What the command line says.
    let text: String
    /// The prompt; nil for each.
    let name: String?
    /// The version.
    let reference: PromptURI.Reference

    /// Reads it from the command line.
    ///
    /// - Parameters:
    ///   - text: `@ALIAS`, or the address of a version.
    ///   - place: Where names are looked up.
    /// - Throws: `CommandFailure`.
    init(_ text: String, place: Place) throws(CommandFailure) {
        let isAlias = text.hasPrefix("@")
        let uri = try place.uri(isAlias ? "any\(text)" : text)
        guard let reference = uri.reference else {
            throw CommandFailure(
                .usage, "--against '\(text)' names no version", hint: "pass @ALIAS, NAME@ALIAS or NAME/3")
        }
        self.text = text
        name = isAlias ? nil : uri.name
        self.reference = reference
    }

    /// The number of the version, where it is of this prompt; nil where there is none.
    func number(of prompt: ObservedPrompt) -> Int? {
        guard name ?? prompt.name == prompt.name else { return nil }
        switch reference {
        case .version(let number): return number
        case .alias(let alias): return prompt.aliases[alias]
        case .latest: return prompt.newest?.number
        }
    }

    /// What may have been meant, where none of these prompts has the version.
    func hint(for prompts: [ObservedPrompt]) -> String? {
        guard case .alias(let alias) = reference else { return nil }
        let known = Set(prompts.flatMap(\.aliases.keys)).sorted()
        return didYouMean(alias, in: known) ?? (known.isEmpty ? nil : "the aliases are \(known.listed(10))")
    }
}

/// The prompts whose traces are read.
struct TracedPrompts: Sendable {
    /// Where their names are looked up.
    let place: Place
    /// The full names.
    let names: [String]
    /// Whether a job names them, which may not have been run.
    let isJob: Bool

    /// The experiments to look in: those of the command line, else those of the job; none where neither names any.
    func experiments(_ passed: [String]) -> [TraceExperiment] {
        TraceExperiment.named(passed, in: place.job)
    }

    /// What the registry has of them.
    ///
    /// - Parameters:
    ///   - registry: The registry.
    ///   - base: The version that others are compared with.
    ///   - console: Told what is not there.
    /// - Returns: The prompts.
    /// - Throws: `RegistryError`.
    func subjects(
        in registry: any PromptRegistry, _ base: TraceBase?, _ console: Console
    ) async throws(RegistryError) -> [TraceEvidence.Subject] {
        let observed = try await registry.observe(names)
        let missing = names.filter { observed[$0] == nil }
        if let first = missing.first, !isJob || missing.count == names.count {
            throw await registry.notFound(prompt: first)
        }
        if !missing.isEmpty { console.warning("not registered: \(missing.listed(10))") }
        let prompts = names.compactMap { observed[$0] }
        let subjects = try await concurrentMap(prompts, limit: 8) { prompt async throws(RegistryError) in
            TraceEvidence.Subject(
                prompt, versions: try await registry.versions(of: prompt.name).map(\.number),
                base: base?.number(of: prompt))
        }
        if let base {
            let without = subjects.filter { subject in
                subject.base.map { !subject.versions.contains($0) } ?? true
            }.map(\.prompt.name)
            if without.count == subjects.count {
                throw RegistryError(
                    .notFound, "there is no version '\(base.text)' to compare with",
                    hint: base.hint(for: prompts))
            }
            if base.name == nil, !without.isEmpty {
                console.warning("nothing to compare with: \(without.listed(10))")
            }
        }
        return subjects
    }
}

extension CommandContext {
    /// Finds the prompts whose traces are read. The files of a job's templates are not needed.
    ///
    /// - Parameter subjects: What the command line names.
    /// - Returns: The prompts.
    /// - Throws: `CommandFailure`.
    func tracedPrompts(_ subjects: Subjects) throws(CommandFailure) -> TracedPrompts {
        guard let path = subjects.jobPath else {
            let place = try place(subjects.job)
            var names: [String] = []
            for name in subjects.names.map(place.fullName) where !names.contains(name) { names.append(name) }
            return TracedPrompts(place: place, names: names, isJob: false)
        }
        let job = try load(path, subjects.job.inputs, readsTemplates: false)
        let selected = Set(
            try PromptSelection.names(subjects.job.select, of: job.prompts.map(\.name), in: "the job"))
        return TracedPrompts(
            place: try Place(of: job, passed: subjects.job.registry, self),
            names: job.prompts.filter { selected.contains($0.name) }.map(\.fullName), isJob: true)
    }
}

extension RegistryOptions {
    /// Opens what reads traces: where `MLFLOW_TRACKING_URI` says, else at the registry's address.
    ///
    /// - Parameters:
    ///   - address: The registry's address.
    ///   - context: Its environment has the settings and credentials.
    /// - Returns: The reader; nothing is sent yet.
    /// - Throws: `RegistryError` when the address or the settings cannot be used.
    func traceReader(
        _ address: RegistryAddress, _ context: CommandContext
    ) throws(RegistryError) -> any TraceReader {
        var configuration = PromptClientConfiguration(environment: context.environment)
        configuration.registry = address.description
        let access = RegistryAccess(self, deadline: RunDeadline(total: timeout), context)
        let tracking = try configuration.trackingAddress()
        if tracking.isAbsentFolder {
            throw RegistryError(
                .notARegistry, "there are no traces in \(tracking.description): there is no such folder",
                hint: "MLFLOW_TRACKING_URI says where traces are")
        }
        do throws(HTTPError) {
            return try configuration.traceReader(at: tracking, access.settings)
        } catch {
            throw RegistryError(error)
        }
    }
}
