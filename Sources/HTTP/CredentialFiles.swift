import FoundationEssentials

/// The files that credentials are read from.
package enum CredentialFiles {
    /// The text of a file.
    ///
    /// - Parameter path: The file's path.
    /// - Returns: The text; nil when there is no such file.
    /// - Throws: `HTTPError` with `.unauthenticated` when it cannot be read.
    package static func read(_ path: String) throws(HTTPError) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HTTPError(
                .unauthenticated, "\(path) cannot be read", hint: "make it a file that this user can read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw HTTPError(.unauthenticated, "\(path) is not UTF-8", hint: "save it as UTF-8")
        }
        return text
    }
}
