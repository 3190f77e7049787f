import Prompts

/// What keeps tags from being files: MLflow's file store makes a path of each key.
enum TagFiles {
    private static let slash = UInt8(ascii: "/")
    /// Linux's limit, in bytes.
    private static let longestFileName = 255

    /// Checks tags that are to be written, whose keys are such as MLflow allows.
    ///
    /// - Parameter tags: The tags; nil takes one away.
    /// - Throws: `RegistryError` with `.invalidValue`.
    static func check(_ tags: [String: String?]) throws(RegistryError) {
        for key in tags.keys.sorted() {
            guard isFile(key) else {
                throw RegistryError(
                    .invalidValue,
                    "the tag '\(key)' cannot be used: a part of it has more than \(longestFileName) bytes, "
                        + "as no file's name can")
            }
            if let other = parents(of: key).first(where: { tags[$0] != nil }) {
                throw RegistryError(
                    .invalidValue, "the tags '\(other)' and '\(key)' cannot be used together",
                    hint: "MLflow keeps a tag in a file, and a file cannot be a folder as well")
            }
        }
    }

    /// Whether a tag of this key can be in a file.
    static func isFile(_ key: String) -> Bool {
        key.utf8.split(separator: slash).allSatisfy { $0.count <= longestFileName }
    }

    /// The folders above a key's file, as keys.
    private static func parents(of key: String) -> [String] {
        key.utf8.indices.filter { key.utf8[$0] == slash }.map { String(key[..<$0]) }
    }
}
