package import FoundationEssentials
package import Support

/// The versions of a job's prompts at one moment: what an agent was built with.
package struct PromptLock: Hashable, Sendable, VersionedFile {
    /// The version of the file's format.
    package static let currentVersion = 1
    package static let versionKey = "schema_version"
    /// The variable that names the lock file of an agent.
    package static let variable = "PROMPTREG_LOCK"

    /// The version of the file's format.
    package var schemaVersion = Self.currentVersion
    /// The job.
    package var job: String
    /// The target in use; nil for a job without one.
    package var target: String?
    /// The registry's address; a folder is relative to the lock file where both can be moved together.
    package var registry: String
    /// The workspace behind the address; nil where that says it all.
    package var workspace: String?
    /// The alias whose versions were taken; nil: the newest ones.
    package var alias: String?
    /// The prompts, by their names.
    package var prompts: [LockedPrompt]

    /// A lock.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - target: The target in use.
    ///   - location: Where the registry is.
    ///   - alias: The alias whose versions were taken.
    ///   - prompts: The prompts.
    package init(
        job: String, target: String?, registry location: RegistryLocation, alias: String? = nil,
        prompts: [LockedPrompt]
    ) {
        self.job = job
        self.target = target
        registry = location.address
        workspace = location.workspace
        self.alias = alias
        self.prompts = prompts.sorted { $0.fullName < $1.fullName }
    }

    /// Reads a lock file.
    ///
    /// - Parameter json: The file's content.
    /// - Throws: `VersionedFileError`.
    package init(checking json: Data) throws(VersionedFileError) {
        try self.init(json: json)
        if let contradiction { throw .invalid(contradiction) }
    }

    /// What cannot be so in a lock file, in words; nil where nothing is wrong.
    package var contradiction: String? {
        if let problem = prompts.lazy.compactMap(\.contradiction).first { return problem }
        var names: Set<String> = []
        if let repeated = prompts.first(where: { !names.insert($0.fullName).inserted }) {
            return "it names the prompt '\(repeated.fullName)' twice"
        }
        // A job puts one prefix before all of its names, so that none can be told as the name of another.
        let prefix = prompts.first?.prefix
        let misnamed = prompts.first { $0.prefix == nil || $0.prefix != prefix }
        return misnamed.map { "the job's name of '\($0.fullName)' cannot be '\($0.name)'" }
    }
}

extension PromptLock {
    /// The prompt of a name.
    ///
    /// - Parameter name: The name within the job, with or without the job's prefix, or the full name.
    /// - Returns: The prompt; nil where the lock has none of that name.
    package func prompt(named name: String) -> LockedPrompt? {
        prompts.first { $0.fullName == name } ?? prompts.first { $0.name == name }
            ?? prompts.first { QualifiedName($0.fullName).name == name }
    }

    /// The locked version in place of what an address says that may change: an alias, or the newest version.
    ///
    /// - Parameters:
    ///   - uri: The address.
    ///   - path: The lock file, for the message.
    /// - Returns: The prompt; nil for another version, which is named by its number.
    /// - Throws: `RegistryError` with `.notFound` where the lock has no such prompt.
    package func prompt(for uri: PromptURI, in path: String) throws(RegistryError) -> LockedPrompt? {
        guard let prompt = prompt(named: uri.name) else {
            if case .version = uri.reference { return nil }
            let near = nearestName(to: uri.name, in: prompts.flatMap { [$0.name, $0.fullName] })
            throw RegistryError(
                .notFound, "the lock file '\(path)' has no prompt '\(uri.name)'",
                hint: near.map { "did you mean '\($0)'?" } ?? "lock the job again")
        }
        if case .version(let number) = uri.reference, number != prompt.version { return nil }
        return prompt
    }
}
