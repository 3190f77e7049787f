public import FoundationEssentials
import Prompts
import Support

/// Where a client finds its registry, and what the names mean that it is asked for.
///
/// ```swift
/// var configuration = PromptClientConfiguration()  // as the environment says
/// configuration.registry = "https://mlflow.example.com"
/// configuration.aliasLifetime = .seconds(10)
/// let client = try PromptClient(configuration)
/// ```
public struct PromptClientConfiguration: Sendable {
    /// The registry: `file:DIR`, `http(s)://HOST[:PORT]` or `databricks-uc[://PROFILE]`.
    public var registry: String
    /// The catalog of names that have none; nil leaves them as they are.
    public var catalog: String?
    /// The schema of names that have none; nil leaves them as they are.
    public var schema: String?
    /// What is put in front of a name that gets a catalog and a schema, unless it begins so.
    public var namePrefix = NameRules.usualPrefix
    /// The lock file whose versions are loaded, whatever aliases point to; nil: those of the registry. Beside that of a
    /// bundle are the texts, so that no registry is asked.
    public var lockFile: String?
    /// How long it is relied on that an alias, or the newest version, is where it was; zero looks each time.
    public var aliasLifetime = Duration.seconds(60)
    /// How long a version that was loaded by its number is kept; nil: for ever, since it does not change.
    public var versionLifetime: Duration?
    /// How long one look at the registry may take, with all attempts.
    public var timeout = Duration.seconds(30)
    /// Whether credentials may be sent to `http://` addresses of other machines.
    public var allowsInsecureHTTP = false
    /// Where traces are kept: an MLflow server, `databricks[://PROFILE]`, or a folder such as that of an embedded registry;
    /// nil: where the registry is.
    public var tracking: String?
    /// The experiment of the traces, by its name, which is made where there is none; `experimentID` comes first.
    public var experiment = "Default"
    /// The experiment of the traces, by its id.
    public var experimentID: String?
    /// The run that the traces belong to, by its id: it names their prompts.
    public var runID: String?
    /// The logged model that the traces belong to, by its id: it names their prompts.
    public var modelID: String?
    /// Which part of all traces is stored, from 0 to 1.
    public var samplingRatio = 1.0 { didSet { samplingProblem = nil } }
    /// What is wrong with the ratio that the environment gives.
    private(set) var samplingProblem: String?
    /// The environment variables that hold credentials and settings of the connection.
    public var environment: [String: String]

    /// The configuration that environment variables give.
    ///
    /// The registry is that of `MLFLOW_REGISTRY_URI` or `MLFLOW_TRACKING_URI`, else `file:mlruns`. Catalog and schema are
    /// those of `PROMPTREG_CATALOG` and `PROMPTREG_SCHEMA`, `AGENT_CATALOG` and `AGENT_SCHEMA`, or
    /// `MLFLOW_PROMPT_REGISTRY_UC_SCHEMA` (`catalog.schema`). `MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS` and
    /// `MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS` set the lifetimes, in seconds. Traces go to `MLFLOW_TRACKING_URI`, to the
    /// experiment of `MLFLOW_EXPERIMENT_ID` or `MLFLOW_EXPERIMENT_NAME`; `MLFLOW_TRACE_SAMPLING_RATIO` is a part of them.
    /// `PROMPTREG_LOCK` is a lock file. Traces belong to the run of `MLFLOW_RUN_ID` and the logged model of `MLFLOW_ACTIVE_MODEL_ID`.
    ///
    /// - Parameter environment: The variables by name; those of the process if left out.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
        registry = RegistryAddress.configured(in: environment).address
        let value = environment.variable
        for prefix in ["PROMPTREG", "AGENT"] where catalog == nil {
            guard let catalog = value(prefix + "_CATALOG"), let schema = value(prefix + "_SCHEMA") else {
                continue
            }
            (self.catalog, self.schema) = (catalog, schema)
        }
        if catalog == nil, let both = value("MLFLOW_PROMPT_REGISTRY_UC_SCHEMA")?.split(separator: "."),
            both.count == 2
        {
            (catalog, schema) = (String(both[0]), String(both[1]))
        }
        lockFile = value(PromptLock.variable)
        tracking = value("MLFLOW_TRACKING_URI")
        experimentID = value("MLFLOW_EXPERIMENT_ID")
        runID = value("MLFLOW_RUN_ID")
        modelID = value("MLFLOW_ACTIVE_MODEL_ID")
        experiment = value("MLFLOW_EXPERIMENT_NAME") ?? experiment
        if let text = value(Self.samplingVariable) { takeSamplingRatio(text) }
        if let seconds = Self.seconds(value("MLFLOW_ALIAS_PROMPT_CACHE_TTL_SECONDS")) {
            aliasLifetime = .seconds(min(seconds, Self.longestLifetime))
        }
        if let seconds = Self.seconds(value("MLFLOW_VERSION_PROMPT_CACHE_TTL_SECONDS")),
            seconds < Self.longestLifetime
        {
            versionLifetime = .seconds(seconds)
        }
    }

    private static let samplingVariable = "MLFLOW_TRACE_SAMPLING_RATIO"

    /// Takes the ratio as MLflow does: a number out of its range is ignored, and what is none switches traces off.
    private mutating func takeSamplingRatio(_ text: String) {
        let ratio = Double(text.trimmed())
        samplingRatio = ratio.map { 0...1 ~= $0 ? $0 : 1 } ?? 0
        if ratio.map({ 0...1 ~= $0 }) == true { return }
        samplingProblem =
            "\(Self.samplingVariable) is '\(text)', which is no number from 0 to 1: "
            + (ratio == nil ? "no trace is stored" : "every trace is stored")
    }

    /// The longest lifetime that is counted, in seconds: a year.
    private static let longestLifetime = 31_536_000.0

    /// A lifetime in seconds; nil where it is not given as a number of at least zero.
    private static func seconds(_ text: String?) -> Double? {
        text.flatMap(Double.init).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// The prompt or version that an agent asks for, by its full name.
    func uri(_ text: String) throws(RegistryError) -> PromptURI {
        var uri = try PromptURI(text)
        guard !text.hasPrefix(PromptURI.scheme), !uri.name.contains("."), let catalog, let schema else {
            return uri
        }
        let name = uri.name.hasPrefix(namePrefix) ? uri.name : namePrefix + uri.name
        uri.name = QualifiedName(schema: .init(catalog: catalog, name: schema), name: name).description
        return uri
    }
}

extension PromptClientConfiguration: CustomStringConvertible, CustomReflectable {
    /// Where the registry is; the environment may hold secrets, and is not shown.
    public var description: String { "PromptClientConfiguration(\(registry))" }

    /// Shows no more than the description.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
