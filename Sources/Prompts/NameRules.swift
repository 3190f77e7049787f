/// The rules for the names of prompts, aliases and tags: MLflow's (`PROMPT_NAME_RULE`, `_validate_model_alias_name`
/// and `_validate_tag_name` of MLflow 3.17.2), those that Unity Catalog adds, and those of a job spec.
package enum NameRules {
    /// What a job puts in front of names where it does not say.
    package static let usualPrefix = "prompt_"
    /// The most characters that a prompt's full name can have.
    package static let longestName = 250
    private static let longestAlias = 255
    private static let longestTagKey = 250

    // MARK: - MLflow

    /// Why `name` cannot be a prompt's full name; nil when it can.
    package static func problem(withName name: String) -> String? {
        let what = "a prompt's name"
        if let problem = problem(with: what, name, allowing: "-.") { return problem }
        if name.utf8.allSatisfy({ $0 == UInt8(ascii: ".") }) { return "\(what) cannot consist of dots" }
        return name.utf8.count > longestName ? "\(what) can have at most \(longestName) characters" : nil
    }

    /// The rule for an alias as a regular expression of JSON Schema.
    package static let aliasExpression =
        "^(?!(?:[lL][aA][tT][eE][sS][tT]|[vV][0-9]+)$)[A-Za-z0-9_-]{1,\(longestAlias)}$"

    /// Why `alias` cannot be an alias; nil when it can.
    package static func problem(withAlias alias: String) -> String? {
        if let problem = problem(with: "an alias", alias, allowing: "-") { return problem }
        if alias.utf8.count > longestAlias { return "an alias can have at most \(longestAlias) characters" }
        let lower = alias.lowercased()
        if lower == "latest" { return "'latest' is reserved: it always means the newest version" }
        if lower.hasPrefix("v"), lower.utf8.count > 1, lower.utf8.dropFirst().allSatisfy({ 48...57 ~= $0 }) {
            return "'\(alias)' is reserved: it reads like a version number"
        }
        return nil
    }

    /// Why `key` cannot be a tag's key; nil when it can.
    package static func problem(withTagKey key: String) -> String? {
        if key.isEmpty { return "a tag's key cannot be empty" }
        if key.unicodeScalars.count > longestTagKey {
            return "a tag's key can have at most \(longestTagKey) characters"
        }
        guard key.unicodeScalars.allSatisfy(isAllowedInTagKey) else {
            return "a tag's key can contain only letters, digits, spaces and any of _ - . : /"
        }
        // MLflow's file store keeps a tag in a file: the key must be a normalized relative path.
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard !key.hasPrefix(".."), !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            return "a tag's key must be a normalized relative path"
        }
        return nil
    }

    /// Whether Python's `[/\w.\- :]` matches.
    private static func isAllowedInTagKey(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return isASCIIWord(UInt8(ascii: scalar)) || "/.- :".unicodeScalars.contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return scalar.properties.numericType != nil
        }
    }

    // MARK: - Unity Catalog

    /// Why `name` cannot be a prompt's full name in Unity Catalog; nil when it can.
    package static func unityCatalogProblem(withName name: String) -> String? {
        problem(withName: name)
            ?? (QualifiedName(name).hasThreeLevels
                ? nil : "Unity Catalog requires three levels, catalog.schema.name")
    }

    /// Why `key` cannot be a tag's key in Unity Catalog; nil when it can.
    package static func unityCatalogProblem(withTagKey key: String) -> String? {
        if key.isEmpty { return "a tag's key cannot be empty" }
        let character = key.first { ".,-=/:".contains($0) }
        return character.map { "Unity Catalog does not allow '\($0)' in a tag's key" }
    }

    // MARK: - Job specs and flags

    /// Why `name` cannot be a catalog or a schema; nil when it can.
    package static func problem(withLevel name: String) -> String? {
        problem(withWord: name, "a catalog or schema", allowing: "-")
    }

    /// The rule for the tag keys of a job spec as a regular expression of JSON Schema.
    package static let jobTagKeyExpression =
        "^(?!mlflow\\.|_mlflow_|promptreg_)[A-Za-z0-9_](?:[A-Za-z0-9_. -]*[A-Za-z0-9_])?$"

    /// Why a job spec cannot set a tag of this key; nil when it can. The tags of MLflow and of promptreg are reserved.
    package static func problem(withJobTagKey key: String) -> String? {
        let ends = " .-".utf8
        guard let first = key.utf8.first, let last = key.utf8.last, key.utf8.count <= longestTagKey,
            key.utf8.allSatisfy({ isASCIIWord($0) || ends.contains($0) }),
            !ends.contains(first), !ends.contains(last)
        else {
            return "a tag's key can contain only letters, digits, '_', '.', '-' and spaces, at most "
                + "\(longestTagKey) of them, and the last three not at its ends"
        }
        if key.hasPrefix("mlflow.") || key.hasPrefix("_mlflow_") { return "'\(key)' is reserved for MLflow" }
        if key.hasPrefix("promptreg_") { return "'\(key)' is reserved for promptreg" }
        return nil
    }

    /// Why `text` is not a name of ASCII letters, digits, `_` and the other characters, which cannot start it; nil when
    /// it is one. `what` is the kind of name, such as "a job's name".
    package static func problem(
        withWord text: String, _ what: String, allowing others: String
    ) -> String? {
        if let problem = problem(with: what, text, allowing: others) { return problem }
        let isWord = text.utf8.first.map(isASCIIWord) ?? false
        return isWord ? nil : "\(what) must start with a letter, a digit or '_'"
    }

    /// Why a text is empty or has other characters than ASCII letters, digits, `_` and `others`; nil when it has not.
    package static func problem(with what: String, _ text: String, allowing others: String) -> String? {
        if text.isEmpty { return "\(what) cannot be empty" }
        if text.utf8.allSatisfy({ isASCIIWord($0) || others.utf8.contains($0) }) { return nil }
        let allowed = ["letters", "digits", "'_'"] + others.map { $0 == " " ? "spaces" : "'\($0)'" }
        let list = allowed.dropLast().joined(separator: ", ") + " and " + (allowed.last ?? "")
        return "\(what) can contain only \(list)"
    }

    private static func isASCIIWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 95: true
        default: false
        }
    }
}
