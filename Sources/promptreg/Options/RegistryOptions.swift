import ArgumentParsing
import HTTP
import PromptClient
import Prompts

/// What the command line says of reaching a registry.
struct RegistryOptions: Hashable, Sendable {
    /// How long the work may take.
    var timeout = Duration.seconds(300)
    /// Whether credentials may cross a network in plain text.
    var allowsInsecureHTTP = false

    /// The address; nil leaves it to the job and the environment.
    static let registry = Option(
        Flag(
            "registry", value: .text("URI"),
            help: "The registry: file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]",
            defaultText: "the target's, the job's, else file:mlruns", environment: "MLFLOW_REGISTRY_URI"),
        \String?.self)
    static let timeout = timeout(
        help: "How long the work may take, such as 90s, 30m or 2h", defaultText: "5m")
    static let insecureHTTP = Option(
        Flag("insecure-http", help: "Send credentials to http:// addresses of other machines, unencrypted"),
        \RegistryOptions.allowsInsecureHTTP)

    /// A time limit.
    static func timeout(help: String, defaultText: String) -> Option<RegistryOptions> {
        Option(
            Flag("timeout", value: .text("DURATION"), help: help, defaultText: defaultText),
            \RegistryOptions.timeout
        ) { text throws(ArgumentProblem) in
            guard let duration = Duration.parse(text) else {
                throw ArgumentProblem("it is not a duration such as 90s, 5m or 1h")
            }
            return duration
        }
    }

    /// The flags for remote registries.
    static func group<Settings>(_ access: Option<Settings>.Setting<RegistryOptions>) -> OptionGroup<Settings>
    {
        OptionGroup("Remote registry flags", [timeout, insecureHTTP].at(access))
    }

    /// Opens a registry, and names it when more is wanted.
    ///
    /// - Parameters:
    ///   - address: Where it is.
    ///   - context: Its environment has the settings and credentials; its console shows every request.
    /// - Returns: The registry, to which nothing is sent yet, and its deadline.
    /// - Throws: `RegistryError` when the environment's settings cannot be used.
    func open(
        _ address: RegistryAddress, _ context: CommandContext
    ) throws(RegistryError) -> (registry: any PromptRegistry, deadline: RunDeadline) {
        let deadline = RunDeadline(total: timeout, spent: ReadingTime.end())
        let access = RegistryAccess(self, deadline: deadline, context)
        let registry = try address.open(environment: access.environment, settings: access.settings)
        context.console.detail("registry \(registry.location)")
        return (registry, deadline)
    }
}
