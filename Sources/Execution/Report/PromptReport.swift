package import Planning
package import Prompts

/// What became of one prompt, as a report has it.
package struct PromptReport: Hashable, Sendable, Codable {
    /// The template that the prompt was made from.
    package struct Template: Hashable, Sendable, Codable {
        /// Its path in the repository, or as it is shown outside of one; nil when it is not from a file.
        package var path: String?
        /// Its length in Unicode scalars.
        package var characters: Int
        /// Its variables, sorted.
        package var variables: [String]

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .path)
            try container.encode(characters, forKey: .characters)
            try container.encode(variables, forKey: .variables)
        }

        enum CodingKeys: String, CodingKey { case path, characters, variables }
    }

    /// The name within the job.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The address of the version; nil while there is none.
    package var uri: String?
    /// The page that shows it in the browser; nil where there is none.
    package var url: String?
    /// What the plan says; nil when the run ended before there was one.
    package var action: PromptAction?
    /// Whether it was done.
    package var status: PromptOutcome.Status
    /// The newest version's number; nil while it is not made.
    package var version: Int?
    /// The newest version's number before the run.
    package var previousVersion: Int?
    /// The newest version's number as the plan expects it after the run.
    package var targetVersion: Int?
    /// What makes it differ from what the registry had.
    package var differences: [Difference]
    /// What became of each alias.
    package var aliases: [AliasReport]
    /// The template; nil when the run ended before it was known.
    package var template: Template?
    /// The line of the spec that names the prompt; nil where none does.
    package var specLine: Int?
    /// Why it failed.
    package var error: RegistryError?
    /// How long it took, in milliseconds.
    package var elapsedMs: Int

    enum CodingKeys: String, CodingKey {
        case name, uri, url, action, status, version, differences, aliases, template, error
        case fullName = "full_name"
        case previousVersion = "previous_version"
        case targetVersion = "target_version"
        case specLine = "spec_line"
        case elapsedMs = "elapsed_ms"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(fullName, forKey: .fullName)
        try container.encode(uri, forKey: .uri)
        try container.encode(url, forKey: .url)
        try container.encode(action, forKey: .action)
        try container.encode(status, forKey: .status)
        try container.encode(version, forKey: .version)
        try container.encode(previousVersion, forKey: .previousVersion)
        try container.encode(targetVersion, forKey: .targetVersion)
        try container.encode(differences, forKey: .differences)
        try container.encode(aliases, forKey: .aliases)
        try container.encode(template, forKey: .template)
        try container.encode(specLine, forKey: .specLine)
        try container.encode(error, forKey: .error)
        try container.encode(elapsedMs, forKey: .elapsedMs)
    }
}

/// What became of one alias, as a report has it.
package struct AliasReport: Hashable, Sendable, Codable {
    /// The alias.
    package var alias: String
    /// What the plan says.
    package var action: AliasAction
    /// What became of it.
    package var status: AliasStatus
    /// The version that it points to now; nil when it does not exist or is not known.
    package var version: Int?
    /// The version that it pointed to before the run.
    package var previousVersion: Int?
    /// The version that the plan expects it to point to; nil when it is to be taken away.
    package var targetVersion: Int?

    enum CodingKeys: String, CodingKey {
        case alias, action, status, version
        case previousVersion = "previous_version"
        case targetVersion = "target_version"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(alias, forKey: .alias)
        try container.encode(action, forKey: .action)
        try container.encode(status, forKey: .status)
        try container.encode(version, forKey: .version)
        try container.encode(previousVersion, forKey: .previousVersion)
        try container.encode(targetVersion, forKey: .targetVersion)
    }
}
