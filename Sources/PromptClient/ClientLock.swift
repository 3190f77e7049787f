import FoundationEssentials
package import Prompts
import Support

/// The lock file of a client: which versions it loads, and the texts of a bundle.
package struct ClientLock: Sendable {
    private let path: String
    private let lock: PromptLock

    /// Reads a lock file.
    ///
    /// - Parameter path: Its path.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package init(contentsOf path: String) throws(RegistryError) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RegistryError(.invalidValue, "the lock file '\(path)' cannot be read")
        }
        do throws(VersionedFileError) {
            lock = try PromptLock(checking: data)
        } catch {
            let reason =
                switch error {
                case .otherFormat: "it is not a lock file"
                case .otherVersion(let version): "its format has version \(version)"
                case .invalid(let reason): reason
                }
            throw RegistryError(.invalidValue, "the lock file '\(path)' cannot be used: \(reason)")
        }
    }

    /// The version that is loaded for an address.
    ///
    /// - Parameters:
    ///   - uri: The address.
    ///   - registry: Where it is, unless the lock file is that of a bundle.
    /// - Returns: The version that is locked; for an address with another number, that one.
    /// - Throws: `RegistryError`.
    func resolve(
        _ uri: PromptURI, in registry: any PromptRegistry
    ) async throws(RegistryError) -> ResolvedVersion {
        guard let locked = try lock.prompt(for: uri, in: path) else { return try await registry.resolve(uri) }
        if let version = try bundledVersion(of: locked) {
            return ResolvedVersion(name: locked.fullName, version: version)
        }
        let found = try await registry.resolve(
            PromptURI(name: locked.fullName, reference: .version(locked.version)))
        try locked.check(found.version.content, lockedBy: path)
        return found
    }

    private func bundledVersion(of locked: LockedPrompt) throws(RegistryError) -> PromptVersion? {
        let folder = URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
        return try locked.bundledVersion { relative throws(RegistryError) in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(relative)") else {
                throw RegistryError(
                    .corrupt, "'\(folder)/\(relative)' of the bundle cannot be read", hint: "bundle it again")
            }
            return String(decoding: data, as: UTF8.self)
        }
    }
}
