import Support

extension LockedPrompt {
    /// The template and the settings of a version, as a bundle has them.
    package struct BundledFiles: Hashable, Sendable {
        /// The path of the template, relative to the lock file, and its text.
        package var template: (path: String, text: String) { (templatePath, content.template) }
        /// The path of the settings and their text; nil where there are none.
        package let settings: Settings?
        private let templatePath: String
        private let content: PromptContent

        /// A file with model_config and response_format.
        package struct Settings: Hashable, Sendable {
            /// Its path, relative to the lock file.
            package var path: String
            /// Its text.
            package var text: String
        }

        fileprivate init(_ content: PromptContent, fullName: String) {
            self.content = content
            templatePath = "prompts/\(fullName).\(content.kind == .chat ? "json" : "txt")"
            guard content.modelConfig != nil || content.responseFormat != nil else {
                settings = nil
                return
            }
            let value: JSONValue = [
                "model_config": JSONValue(stored: content.modelConfig),
                "response_format": JSONValue(stored: content.responseFormat),
            ]
            settings = Settings(path: "settings/\(fullName).json", text: value.document)
        }
    }

    /// Names the files of a bundle that have the version's content.
    ///
    /// - Parameter content: The content.
    /// - Returns: The files.
    package mutating func bundle(_ content: PromptContent) -> BundledFiles {
        let files = BundledFiles(content, fullName: fullName)
        bundle = Bundle(
            kind: content.kind, file: files.template.path, settingsFile: files.settings?.path)
        return files
    }

    /// Makes sure that the registry still has what was locked.
    ///
    /// - Parameters:
    ///   - content: What the registry has as the version.
    ///   - path: The lock file.
    /// - Throws: `RegistryError` with `.corrupt` where it has something else.
    package func check(_ content: PromptContent, lockedBy path: String) throws(RegistryError) {
        guard content.hash != contentHash else { return }
        throw RegistryError(
            .corrupt, "version \(version) of '\(fullName)' is not what was locked",
            hint: "promptreg verify --lock \(path.shellWord) shows what changed")
    }

    /// The version, from the files of a bundle.
    ///
    /// - Parameter read: Reads a file, by its path relative to the lock file.
    /// - Returns: The version; nil where the lock file is not that of a bundle.
    /// - Throws: `RegistryError` with `.corrupt` where the files are not what was locked, and what `read` throws.
    package func bundledVersion(
        _ read: (String) throws(RegistryError) -> String
    ) throws(RegistryError) -> PromptVersion? {
        guard let bundle else { return nil }
        var content = PromptContent(kind: bundle.kind, template: try read(bundle.file))
        if let settingsFile = bundle.settingsFile {
            let text = try read(settingsFile)
            let settings = try? JSONValue(parsing: text)
            content.modelConfig = Self.text(settings?["model_config"])
            content.responseFormat = Self.text(settings?["response_format"])
        }
        guard content.hash == contentHash else {
            throw RegistryError(
                .corrupt, "the text of '\(fullName)' in the bundle is not what was locked",
                hint: "bundle it again")
        }
        var tags: [String: String] = [:]
        tags[ProvenanceTag.commit] = commit
        tags[ProvenanceTag.dirty] = dirty.map { "\($0)" }
        return PromptVersion(number: version, content: content, tags: tags)
    }

    private static func text(_ value: JSONValue?) -> String? {
        value.flatMap { $0 == .null ? nil : $0.serialized }
    }
}
