import Support

/// A prompt at one version, as a lock file has it.
package struct LockedPrompt: Hashable, Sendable, Decodable {
    /// The name within the job.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The URI of the version.
    package var uri: String
    /// The version's number.
    package var version: Int
    /// The digest of the version's content.
    package var contentHash: String
    /// The commit that the version came from; nil where that is not known.
    package var commit: String?
    /// Whether it came from files with changes that are not in the commit; nil without one.
    package var dirty: Bool?
    /// The files that have the version's content; nil where it is in the registry only.
    package var bundle: Bundle?

    /// Files beside a lock file that have a version's content.
    package struct Bundle: Hashable, Sendable, Decodable {
        /// The kind of the template.
        package var kind: PromptContent.Kind
        /// Where the template is, relative to the lock file.
        package var file: String
        /// Where model_config and response_format are; nil where there are none.
        package var settingsFile: String?

        /// The files of a version.
        package init(kind: PromptContent.Kind, file: String, settingsFile: String? = nil) {
            self.kind = kind
            self.file = file
            self.settingsFile = settingsFile
        }
    }

    /// A version.
    ///
    /// - Parameters:
    ///   - name: The name within the job.
    ///   - fullName: The name in the registry.
    ///   - number: The version's number.
    ///   - content: Its content.
    ///   - commit: The commit that it came from.
    ///   - isDirty: Whether it came from files that differ from the commit.
    package init(
        name: String, fullName: String, number: Int, content: PromptContent, commit: String?, isDirty: Bool?
    ) {
        self.name = name
        self.fullName = fullName
        uri = PromptURI(name: fullName, reference: .version(number)).description
        version = number
        contentHash = content.hash
        self.commit = commit
        dirty = commit == nil ? nil : isDirty
    }

    /// A version that a registry has.
    package init(name: String, fullName: String, _ version: PromptVersion) {
        let origin = VersionOrigin(of: version)
        self.init(
            name: name, fullName: fullName, number: version.number, content: version.content,
            commit: origin.commit, isDirty: origin.isDirty)
    }

    /// What the full name has before the name within the job; nil where it does not end with that.
    var prefix: Substring? {
        fullName.hasSuffix(name) && !name.isEmpty ? fullName.dropLast(name.count) : nil
    }

    /// What cannot be so in a lock file, in words; nil where nothing is wrong.
    var contradiction: String? {
        if let problem = NameRules.problem(withName: fullName) { return "'\(fullName)': \(problem)" }
        guard 1...PromptVersion.largestNumber ~= version,
            uri == PromptURI(name: fullName, reference: .version(version)).description
        else { return "the URI of '\(fullName)' is not that of its version" }
        let isOutside = [bundle?.file, bundle?.settingsFile].compactMap(\.self).contains { path in
            path.hasPrefix("/") || path.split(separator: "/").contains("..")
        }
        return isOutside ? "a file of '\(fullName)' is not beside the lock file" : nil
    }
}
