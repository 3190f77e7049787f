import Prompts

/// The limits that MLflow's file store adds to tags, as it keeps each in a file named after its key.
enum TagFiles {
    private static let slash = UInt8(ascii: "/")
    /// Linux's limit, in bytes.
    private static let longestFileName = 255

    /// Checks tags that are to be written or, where they are nil, deleted.
    static func check(_ tags: [String: String?]) throws(RegistryError) {
        for key in tags.keys.sorted() {
            guard isFile(key) else {
                throw RegistryError(
                    .invalidValue,
                    "the tag '\(key)' cannot be used: a part of it has more than \(longestFileName) bytes, "
                        + "the limit for file names")
            }
            let folders = key.utf8.indices.filter { key.utf8[$0] == slash }.map { String(key[..<$0]) }
            if let other = folders.first(where: { tags[$0] != nil }) {
                throw RegistryError(
                    .invalidValue, "the tags '\(other)' and '\(key)' cannot be used together",
                    hint: "MLflow keeps a tag in a file, and a file cannot be a folder as well")
            }
        }
    }

    /// Whether a tag with this key can be in a file.
    static func isFile(_ key: String) -> Bool {
        key.utf8.split(separator: slash).allSatisfy { $0.count <= longestFileName }
    }
}
