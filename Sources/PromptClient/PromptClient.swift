import FoundationEssentials
import HTTP
package import Prompts
import Support
import Synchronization
package import Tracing

/// Loads prompts from the registry that promptreg registers them in.
///
/// ```swift
/// let client = try PromptClient()
/// let prompt = try await client.load("prompts:/main.agent.prompt_cost_worker@production")
/// ```
///
/// Within `withSpan`, every prompt that is loaded is tied to the trace. A version never changes, so that it is loaded once.
/// An alias is looked up again after a minute, in the background, and while the registry fails its last known version is
/// served.
public final class PromptClient: Sendable {
    private let registry: any PromptRegistry
    let configuration: PromptClientConfiguration
    /// Takes traces; nil where they cannot be stored.
    let exporter: TraceExporter?
    /// Why traces cannot be stored.
    let tracingProblem: String?
    /// The traces whose root has ended before other steps.
    let unfinished = Mutex<[TraceInProgress]>([])
    private let cache: PromptCache
    private let lock: ClientLock?

    /// The most traces that wait for steps that have not ended.
    static let mostUnfinished = 1_000

    /// A client.
    ///
    /// - Parameter configuration: Where the registry is, and what names mean; by default as the environment says.
    /// - Throws: `PromptClientError` with `.invalid` where an address or a setting cannot be used. Nothing is sent yet.
    public convenience init(
        _ configuration: PromptClientConfiguration = PromptClientConfiguration()
    ) throws(PromptClientError) {
        do throws(RegistryError) {
            let settings = HTTPSettings(allowsInsecure: configuration.allowsInsecureHTTP)
            let address = try RegistryAddress(
                configuration.registry, relativeTo: FileManager.default.currentDirectoryPath)
            let (store, problem) = configuration.traceStore()
            let lock = try configuration.lockFile.map { path throws(RegistryError) in
                try ClientLock(contentsOf: path)
            }
            self.init(
                try address.open(environment: configuration.environment, settings: settings), configuration,
                lock: lock, traces: store, problem)
        } catch {
            throw PromptClientError(error)
        }
    }

    /// A client of a registry that is open.
    ///
    /// - Parameters:
    ///   - registry: The registry.
    ///   - configuration: What names mean, and how long what is loaded is kept.
    ///   - pause: How long a registry that failed is left alone.
    ///   - lock: Which versions are loaded; nil: those that the registry serves.
    ///   - store: Where traces are kept; nil where they are not.
    ///   - problem: Why they are not.
    ///   - patience: For how long a server that is away is asked to store traces; nil: as long as there is room for them.
    package init(
        _ registry: any PromptRegistry, _ configuration: PromptClientConfiguration,
        pause: Duration = .seconds(5),
        lock: ClientLock? = nil,
        traces store: (any TraceStore)? = nil, _ problem: String? = nil,
        patience: Duration? = nil
    ) {
        self.lock = lock
        exporter = store.map { TraceExporter($0, mask: configuration.mask(), patience: patience) }
        tracingProblem = problem
        cache = PromptCache(pause: pause)
        self.registry = registry
        self.configuration = configuration
    }

    /// Loads a version of a prompt. What is kept is returned without a change of threads.
    ///
    /// ```swift
    /// let prompt = try await client.load("cost_worker@production")
    /// ```
    ///
    /// - Parameter uri: `prompts:/NAME@ALIAS`, `prompts:/NAME/3` or `prompts:/NAME@latest`, with or without `prompts:/`;
    ///   a name alone is the newest version, as in MLflow. A name without a catalog, without `prompts:/` in front, gets
    ///   the configuration's catalog, schema and prefix.
    /// - Returns: The version.
    /// - Throws: `PromptClientError`.
    public nonisolated(nonsending) func load(_ uri: String) async throws(PromptClientError) -> Prompt {
        let name = uri.hasPrefix(PromptURI.scheme) ? uri.dropFirst(PromptURI.scheme.count) : uri[...]
        let isVersion = name.last?.isNumber == true && name.contains("/")
        let lifetime = isVersion ? configuration.versionLifetime : configuration.aliasLifetime
        let prompt = try await cache.prompt(for: uri, lifetime: lifetime) { [self] in
            let remedy = "raise PromptClientConfiguration.timeout"
            return await HTTPClient.within(configuration.timeout, remedy: remedy) {
                await Result { () async throws(PromptClientError) in try await self.read(uri) }
            }
        }.get()
        Span.current?.link(prompt)
        return prompt
    }

    /// Loads a version of a prompt, or takes a text of the caller's where that fails.
    ///
    /// ```swift
    /// let prompt = await client.load("cost_worker@production", fallback: "Answer {{query}} from {{data}}.")
    /// ```
    ///
    /// - Parameters:
    ///   - uri: The version, as for `load(_:)`.
    ///   - fallback: The template to use when the version cannot be loaded and none is known.
    /// - Returns: The version, or the fallback, which has no version and says why it was taken.
    public nonisolated(nonsending) func load(_ uri: String, fallback: String) async -> Prompt {
        do throws(PromptClientError) {
            return try await load(uri)
        } catch {
            let name = (try? configuration.uri(uri).name) ?? uri
            let prompt = Prompt(fallback: fallback, for: name, error)
            Span.current?.link(prompt)
            return prompt
        }
    }

    private func read(_ uri: String) async throws(PromptClientError) -> Prompt {
        do throws(RegistryError) {
            let uri = try configuration.uri(uri)
            guard let lock else { return Prompt(try await registry.resolve(uri)) }
            return Prompt(try await lock.resolve(uri, in: registry))
        } catch {
            throw PromptClientError(error)
        }
    }
}
