import Support

/// What a run passes to a job besides the spec itself. The environment is never encoded.
package struct JobInputs: Hashable, Sendable, Codable {
    /// The target that was asked for; nil takes the default one.
    package var target: String?
    /// Values of variables that were passed by name.
    package var variables: [String: String]
    /// The environment, for `PROMPTREG_VAR_NAME` and the target.
    package var environment: [String: String] = [:]
    /// The catalog, in place of the spec's.
    package var catalog: String?
    /// The schema, in place of the spec's.
    package var schema: String?
    /// The aliases, in place of all that the spec gives; empty keeps the spec's.
    package var aliases: [String]

    /// The inputs of a run.
    package init(
        target: String? = nil, variables: [String: String] = [:], environment: [String: String] = [:],
        catalog: String? = nil, schema: String? = nil, aliases: [String] = []
    ) {
        self.target = target
        self.variables = variables
        self.environment = environment
        self.catalog = catalog
        self.schema = schema
        self.aliases = aliases
    }

    /// The environment variable with the target to use where the command line names none.
    package static let targetVariable = "PROMPTREG_TARGET"

    /// The target that an environment names; nil where it names none.
    package static func target(in environment: [String: String]) -> String? {
        environment.variable(targetVariable)
    }

    private enum CodingKeys: String, CodingKey { case target, variables, catalog, schema, aliases }
}
