package import Jobs
package import Prompts

/// Two contents of a prompt and how they differ.
package struct PromptComparison: Hashable, Sendable {
    /// One of the two.
    package struct Side: Hashable, Sendable {
        /// Its name: the URI of a version, or the path of a file.
        package var name: String
        /// The version's number; nil for a file.
        package var version: Int?
        /// The content.
        package var content: PromptContent
        /// The files whose texts are parts of it; nil where none are.
        package var parts: TemplateParts?
    }

    /// The prompt's full name; that of the new side if they differ.
    package var fullName: String
    /// The name within the job; nil if versions are compared.
    package var nameInJob: String?
    /// The old content; nil if the registry has none.
    package var old: Side?
    /// The new content.
    package var new: Side
    /// How they differ.
    package var difference: ContentDiff

    init(fullName: String, nameInJob: String? = nil, old: Side?, new: Side) {
        self.fullName = fullName
        self.nameInJob = nameInJob
        self.old = old
        self.new = new
        difference = ContentDiff(from: old?.content, to: new.content)
    }
}

extension PromptComparison.Side {
    init(_ resolved: ResolvedVersion) {
        name = resolved.uri.description
        version = resolved.version.number
        content = resolved.version.content
    }
}

/// Comparisons of two versions, or of a job's prompts.
package struct ComparisonReport: Hashable, Sendable {
    /// Where the registry is.
    package var registry: RegistryLocation
    /// The job whose files are compared; nil if versions are.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// Whether the registry is another one than the target's.
    package var isElsewhere = false
    /// The comparisons, in the job's order.
    package var prompts: [PromptComparison]
}

extension ComparisonReport {
    /// Whether anything differs.
    package var hasDifferences: Bool { prompts.contains { !$0.difference.isEmpty } }

    /// Compares two versions.
    ///
    /// - Parameters:
    ///   - old: The URI of the old one.
    ///   - new: The URI of the new one.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`, with `.notFound` if there is no such version.
    package init(
        from old: PromptURI, to new: PromptURI, in registry: any PromptRegistry
    ) async throws(RegistryError) {
        self.registry = registry.location
        let (before, after) = (try await registry.resolve(old), try await registry.resolve(new))
        prompts = [PromptComparison(fullName: after.name, old: .init(before), new: .init(after))]
    }

    /// Compares a job's files with the newest versions.
    ///
    /// - Parameters:
    ///   - desired: The job.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`.
    package init(of desired: DesiredState, in registry: any PromptRegistry) async throws(RegistryError) {
        self.registry = registry.location
        job = desired.job
        (target, isElsewhere) = (desired.target, desired.isElsewhere)
        let observed = try await registry.observe(desired.prompts.map(\.fullName))
        prompts = desired.prompts.map { prompt in
            let old = observed[prompt.fullName]?.newest.map { newest in
                PromptComparison.Side(ResolvedVersion(name: prompt.fullName, version: newest))
            }
            let new = PromptComparison.Side(
                name: prompt.template.path, content: prompt.content, parts: prompt.template.parts)
            return PromptComparison(fullName: prompt.fullName, nameInJob: prompt.name, old: old, new: new)
        }
    }
}
