import FoundationEssentials
package import Prompts

/// The files that credentials are read from.
package enum CredentialFiles {
    /// The text of a file.
    ///
    /// - Parameter path: The file's path.
    /// - Returns: The text; nil when there is no such file.
    /// - Throws: `RegistryError` with `.unauthenticated` when it cannot be read.
    package static func read(_ path: String) throws(RegistryError) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RegistryError(
                .unauthenticated, "\(path) cannot be read", hint: "make it a file that this user may read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw RegistryError(.unauthenticated, "\(path) is not UTF-8", hint: "save it as UTF-8")
        }
        return text
    }
}
