import PromptRegistry

/// What MLflow accepts as a tag (`_validate_tag_name` and its callers in MLflow 3.17.2). Keys become paths of
/// files, so that what is refused here includes every way out of the tags' folder.
enum TagRules {
    private static let longestKey = 250
    private static let longestValue = 100_000
    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    /// Linux's limit.
    private static let longestFileName = 255

    /// Checks tags that are to be written.
    ///
    /// - Parameters:
    ///   - tags: The tags; nil takes one away.
    ///   - reserved: Keys that are not the user's to write.
    /// - Throws: `RegistryError` with `.invalidValue`.
    static func check(_ tags: [String: String?], reserved: Set<String>) throws(RegistryError) {
        for (key, value) in tags {
            if let problem = problem(withKey: key) {
                throw RegistryError(.invalidValue, "the tag key '\(key)' cannot be used: \(problem)")
            }
            if reserved.contains(key) {
                throw RegistryError(
                    .invalidValue, "the tag '\(key)' is MLflow's own and cannot be set as a tag")
            }
            if let other = parents(of: key).first(where: { tags[$0] != nil }) {
                throw RegistryError(
                    .invalidValue, "the tags '\(other)' and '\(key)' cannot be used together",
                    hint: "MLflow keeps a tag in a file, and a file cannot be a folder as well")
            }
            if let value { try check(value: value, what: "the value of the tag '\(key)'") }
        }
    }

    /// Checks the length of a value that is to be stored in a tag, a prompt's text among them.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - what: What it is, for the message.
    /// - Throws: `RegistryError` with `.invalidValue`.
    static func check(value: String, what: String) throws(RegistryError) {
        // A text has no more characters than bytes: most need not be counted.
        if value.utf8.count > longestValue, value.unicodeScalars.count > longestValue {
            throw RegistryError(.invalidValue, "\(what) is longer than \(longestValue) characters")
        }
    }

    /// The folders above a key's file, as keys.
    private static func parents(of key: String) -> [String] {
        key.utf8.indices.filter { key.utf8[$0] == slash }.map { String(key[..<$0]) }
    }

    /// Why `key` cannot be a tag's key; nil when it can.
    static func problem(withKey key: String) -> String? {
        guard key.unicodeScalars.allSatisfy(isAllowed) else {
            return "it may have letters, digits, spaces and any of _ - . : / only"
        }
        if key.unicodeScalars.count > longestKey { return "it has more than \(longestKey) characters" }
        let parts = key.utf8.split(separator: slash, omittingEmptySubsequences: false)
        let isNoName = { (part: Substring.UTF8View) in part.count <= 2 && part.allSatisfy { $0 == dot } }
        if key.hasPrefix("..") || parts.contains(where: isNoName) {
            return "it would name another file than its own"
        }
        if parts.contains(where: { $0.count > longestFileName }) {
            return "a part of it has more than \(longestFileName) bytes, as no file's name can"
        }
        return nil
    }

    /// Whether Python's `[/\w.\- :]` matches.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", ":", "/", " ": return true
        case _ where scalar.isASCII: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return scalar.properties.numericType != nil
        }
    }
}
