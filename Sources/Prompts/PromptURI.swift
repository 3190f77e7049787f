import Support

/// The URI of a prompt or of one of its versions, as MLflow's `load_prompt` takes it.
package struct PromptURI: Hashable, Sendable {
    /// A reference to a version.
    package enum Reference: Hashable, Sendable {
        /// Its number.
        case version(Int)
        /// An alias that points to it.
        case alias(String)
        /// The one with the highest number.
        case latest
    }

    /// The prompt's full name.
    package var name: String
    /// The version; nil for a name alone, which loads as the latest.
    package var reference: Reference?

    /// What may stand in front.
    package static let scheme = "prompts:/"

    /// A URI.
    package init(name: String, reference: Reference? = nil) {
        self.name = name
        self.reference = reference
    }

    /// Reads a URI.
    ///
    /// - Parameter text: `prompts:/NAME/3`, `prompts:/NAME@alias`, `prompts:/NAME@latest` or `prompts:/NAME`, with or
    ///   without `prompts:/`.
    /// - Throws: `RegistryError` with `.invalidValue`.
    package init(_ text: String) throws(RegistryError) {
        if text.hasToken { throw Self.invalid("•••", "it has what looks like an access token") }
        var rest = text[...]
        if rest.hasPrefix(Self.scheme) {
            rest = rest.dropFirst(Self.scheme.count)
        } else if rest.contains(":") {
            throw Self.invalid(text, "it is not a prompt URI")
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
                throw Self.invalid(text, "the part after '/' is not a version number")
            }
            reference = .version(number)
        } else {
            name = rest
            reference = nil
        }
        if let problem = NameRules.problem(withName: String(name)) { throw Self.invalid(text, problem) }
        self.name = String(name)
    }

    /// The URI in its usual spelling, such as `prompts:/main.agent.prompt_cost/3`.
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
            .invalidValue, "invalid prompt '\(text)': \(reason)",
            hint: "use prompts:/NAME/3, prompts:/NAME@ALIAS, prompts:/NAME@latest, or a name alone")
    }
}
