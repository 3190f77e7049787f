/// The address of a prompt or of one of its versions, as MLflow's `load_prompt` takes it.
package struct PromptURI: Hashable, Sendable {
    /// Which version is meant.
    package enum Reference: Hashable, Sendable {
        /// The version of this number.
        case version(Int)
        /// The one that an alias points to.
        case alias(String)
        /// The one with the highest number.
        case latest
    }

    /// The prompt's full name.
    package var name: String
    /// Which version is meant; nil when the text names the prompt alone, which loads as the latest.
    package var reference: Reference?

    private static let scheme = "prompts:/"

    /// An address.
    package init(name: String, reference: Reference? = nil) {
        self.name = name
        self.reference = reference
    }

    /// Reads an address.
    ///
    /// - Parameter text: `prompts:/NAME/3`, `prompts:/NAME@alias`, `prompts:/NAME@latest`, or any of these without
    ///   `prompts:/`, or a name alone.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package init(_ text: String) throws(RegistryError) {
        var rest = text[...]
        if rest.hasPrefix(Self.scheme) {
            rest = rest.dropFirst(Self.scheme.count)
        } else if rest.contains(":") {
            throw Self.invalid(text, "it is no address of a prompt")
        }
        let name: Substring
        if let at = rest.lastIndex(of: "@") {
            name = rest[..<at]
            let alias = String(rest[rest.index(after: at)...])
            if alias.lowercased() == "latest" {
                reference = .latest
            } else if let problem = NameRules.problem(withAlias: alias) {
                throw Self.invalid(text, problem)
            } else {
                reference = .alias(alias)
            }
        } else if let slash = rest.lastIndex(of: "/") {
            name = rest[..<slash]
            guard let number = PromptVersion.number(parsing: rest[rest.index(after: slash)...]) else {
                throw Self.invalid(text, "what follows the '/' is no version number")
            }
            reference = .version(number)
        } else {
            name = rest
            reference = nil
        }
        if let problem = NameRules.problem(withName: String(name)) { throw Self.invalid(text, problem) }
        self.name = String(name)
    }

    /// The address in its usual spelling, such as `prompts:/main.agent.prompt_cost/3`.
    package var description: String {
        switch reference {
        case .version(let number): "\(Self.scheme)\(name)/\(number)"
        case .alias(let alias): "\(Self.scheme)\(name)@\(alias)"
        case .latest: "\(Self.scheme)\(name)@latest"
        case nil: Self.scheme + name
        }
    }

    private static func invalid(_ text: String, _ reason: String) -> RegistryError {
        RegistryError(
            .invalidValue, "'\(text)' names no prompt: \(reason)",
            hint: "write prompts:/NAME/3, prompts:/NAME@ALIAS, prompts:/NAME@latest, or a name alone")
    }
}
