package import Jobs
package import Prompts

/// Two contents of a prompt, and what differs between them.
package struct PromptComparison: Hashable, Sendable {
    /// One of the two.
    package struct Side: Hashable, Sendable {
        /// What it is called: a version's address, or a file's path.
        package var name: String
        /// The version's number; nil for a file.
        package var version: Int?
        /// What it says.
        package var content: PromptContent
    }

    /// The prompt's full name, of the new side where there are two.
    package var fullName: String
    /// The name within the job; nil when versions are compared.
    package var nameInJob: String?
    /// The old content; nil when the registry has none.
    package var old: Side?
    /// The new content.
    package var new: Side
    /// What differs.
    package var difference: ContentDiff

    /// Compares two contents.
    package init(fullName: String, nameInJob: String? = nil, old: Side?, new: Side) {
        self.fullName = fullName
        self.nameInJob = nameInJob
        self.old = old
        self.new = new
        difference = ContentDiff(from: old?.content, to: new.content)
    }
}

extension PromptComparison.Side {
    /// A version.
    package init(_ resolved: ResolvedVersion) {
        name = resolved.uri.description
        version = resolved.version.number
        content = resolved.version.content
    }

    /// What a job wants.
    package init(_ desired: DesiredPrompt) {
        name = desired.template.path
        content = desired.content
    }
}

/// Comparisons that were asked for together.
package struct ComparisonReport: Hashable, Sendable {
    /// Where the registry is.
    package var registry: RegistryLocation
    /// The job whose files are compared; nil when versions are.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// The comparisons, in the job's order.
    package var prompts: [PromptComparison]
}

extension ComparisonReport {
    /// Whether anything differs.
    package var hasDifferences: Bool { prompts.contains { !$0.difference.isEmpty } }

    /// Compares two versions.
    ///
    /// - Parameters:
    ///   - old: The address of the old one.
    ///   - new: The address of the new one.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`, with `.notFound` where there is no such version.
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
        target = desired.target
        let observed = try await registry.observe(desired.prompts.map(\.fullName))
        prompts = desired.prompts.map { prompt in
            let newest = observed[prompt.fullName]?.newest
            let old = newest.map { ResolvedVersion(name: prompt.fullName, version: $0) }
            return PromptComparison(
                fullName: prompt.fullName, nameInJob: prompt.name, old: old.map(PromptComparison.Side.init),
                new: .init(prompt))
        }
    }
}
