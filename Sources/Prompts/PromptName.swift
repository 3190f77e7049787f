/// The rules for names, which are MLflow's (`PROMPT_NAME_RULE`, `_validate_model_alias_name` of MLflow 3.17.2).
package enum PromptName {
    /// Why `name` cannot name a prompt; nil when it can.
    package static func problem(with name: String) -> String? {
        if name.isEmpty { return "a prompt's name cannot be empty" }
        guard name.unicodeScalars.allSatisfy({ isWord($0) || $0 == "." || $0 == "-" }) else {
            return "a prompt's name has only letters, digits, '_', '-' and '.'"
        }
        if name.allSatisfy({ $0 == "." }) { return "a prompt's name cannot be dots alone" }
        if name.utf8.count > 250 { return "a prompt's name has at most 250 characters" }
        return nil
    }

    /// Why `alias` cannot be an alias; nil when it can.
    package static func problem(withAlias alias: String) -> String? {
        if alias.isEmpty { return "an alias cannot be empty" }
        guard alias.unicodeScalars.allSatisfy({ isWord($0) || $0 == "-" }) else {
            return "an alias has only letters, digits, '_' and '-'"
        }
        if alias.utf8.count > 255 { return "an alias has at most 255 characters" }
        let lower = alias.lowercased()
        if lower == "latest" { return "'latest' is reserved: it always means the newest version" }
        if lower.hasPrefix("v"), lower.count > 1, lower.dropFirst().allSatisfy(\.isNumber) {
            return "'\(alias)' is reserved: it reads like a version number"
        }
        return nil
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": true
        default: false
        }
    }
}
