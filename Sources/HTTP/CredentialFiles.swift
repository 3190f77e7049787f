import FoundationEssentials

/// The files that credentials are read from.
package enum CredentialFiles {
    /// A path, which may begin with `~/`.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - home: The user's folder.
    /// - Returns: The path below it; nil where it is not known, as what is in a folder called `~` is anybody's.
    package static func expanding(_ path: String, home: String?) -> String? {
        path.hasPrefix("~/") ? home.map { $0 + path.dropFirst() } : path
    }

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
