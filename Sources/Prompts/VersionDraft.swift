/// A version to be registered.
package struct VersionDraft: Hashable, Sendable, Codable {
    /// The content.
    package var content: PromptContent
    /// Its commit message.
    package var description: String?
    /// Its tags, without those that carry the content.
    package var tags: [String: String]

    /// A version.
    package init(content: PromptContent, description: String? = nil, tags: [String: String] = [:]) {
        self.content = content
        self.description = description
        self.tags = tags
    }

    /// Makes sure that a registry stored what it was sent.
    ///
    /// - Parameters:
    ///   - stored: What it says that it stored.
    ///   - name: The prompt.
    /// - Throws: `RegistryError` with `.corrupt`.
    package func check(storedAs stored: PromptVersion, of name: String) throws(RegistryError) {
        var parts = content.differences(from: stored.content).map(\.rawValue)
        if (description ?? "") != (stored.description ?? "") { parts.append("message") }
        parts += tags.sorted { $0.key < $1.key }.filter { stored.tags[$0.key] != $0.value }.map {
            "tag \($0.key)"
        }
        guard !parts.isEmpty else { return }
        throw RegistryError(
            .corrupt,
            "the registry stored version \(stored.number) of '\(name)' otherwise than it was sent: \(parts.joined(separator: ", "))",
            hint:
                "check what is between this machine and the registry, such as a gateway that rewrites requests"
        )
    }
}
