import FileRegistry
package import HTTP
import MLflowServer
package import Prompts
import Support
import Synchronization

/// Reads traces from an MLflow server, or from a workspace of Databricks.
///
/// The server counts those that promptreg's own tag names. Others, such as those of agents in Python, are found by their
/// links and read one by one; where a version has both, percentiles can be told of all together only, so that all are read.
package struct ServerTraceReader: TraceReader {
    private let api: TraceAPI
    /// Whether it is an MLflow server, whose version says what it can do.
    private let isServer: Bool

    /// How many versions are worked on at a time.
    static let concurrency = 4

    /// The most experiments that are looked through where none is named.
    private static let mostExperiments = 1_000

    /// A reader; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - url: The server's address.
    ///   - environment: The variables with credentials and settings of the connection.
    ///   - settings: How requests are sent.
    /// - Throws: `HTTPError` when the address or the settings cannot be used.
    package init(
        url: String, environment: [String: String], settings: HTTPSettings
    ) throws(HTTPError) {
        let found = try MLflowSettings(environment: environment)
        let base = try HTTPURL(url)
        api = TraceAPI(base: base, client: try found.client(for: base, settings), headers: found.headers)
        isServer = true
    }

    /// A reader of a workspace of Databricks; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - workspace: The workspace's address.
    ///   - client: Sends requests to it.
    package init(workspace: HTTPURL, client: HTTPClient) {
        api = TraceAPI(base: workspace, client: client)
        isServer = false
    }

    package func id(of experiment: TraceExperiment) async throws(RegistryError) -> String {
        do throws(HTTPError) {
            if let id = try await api.id(of: experiment) { return id }
        } catch {
            throw RegistryError(error)
        }
        // A workspace has too many to look through for a hint.
        let names =
            isServer ? (try? await api.experiments(atMost: Self.mostExperiments))?.compactMap(\.name) : nil
        throw RegistryError(
            .notFound, "there is no experiment '\(experiment.text)'",
            hint: didYouMean(experiment.text, in: names ?? []))
    }

    package var defaultExperiment: String? { isServer ? TraceFolders.defaultID : nil }

    package func experiments() async throws(RegistryError) -> [String] {
        guard isServer else {
            throw RegistryError(
                .invalidValue, "it is not known in which experiment the traces are",
                hint: "name it with --experiment, or in the job")
        }
        do throws(HTTPError) {
            let found = try await api.experiments(atMost: Self.mostExperiments + 1)
            if found.count <= Self.mostExperiments { return found.map(\.experimentId) }
        } catch {
            throw RegistryError(error)
        }
        throw RegistryError(
            .invalidValue, "the server has more than \(Self.mostExperiments) experiments",
            hint: "name those of the agent with --experiment, or in the job")
    }

    package func metrics(ofRun id: String) async throws(RegistryError) -> [String: Double]? {
        do throws(HTTPError) {
            return try await api.metrics(ofRun: id)
        } catch {
            throw RegistryError(error)
        }
    }

    package func read(
        _ query: TraceQuery, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws(RegistryError) -> TraceReading {
        guard !query.experiments.isEmpty, !query.versions.isEmpty else { return TraceReading(figures: [:]) }
        let version = isServer ? await api.version() : nil
        if let problem = version?.readingProblem { throw RegistryError(problem) }
        let reading = VersionReading(
            query: query,
            search: TraceSearch(api: api, experiments: query.experiments, window: query.window),
            metrics: TraceMetrics(api: api, experiments: query.experiments, window: query.window),
            counts: version.map { $0.countsTraces && $0.findsUntaggedTraces } ?? false,
            findsLinks: isServer && version?.findsLinkedTraces != false, onProgress: onProgress)
        do throws(HTTPError) {
            return try await reading.all()
        } catch {
            throw RegistryError(error)
        }
    }
}

extension TraceAPI {
    struct ExperimentAnswer: Decodable, Sendable {
        struct Experiment: Decodable, Sendable {
            let experimentId: String
            let name: String?
            let lifecycleStage: String?
        }
        let experiment: Experiment
    }

    private struct ExperimentsAnswer: Decodable, Sendable {
        let experiments: [ExperimentAnswer.Experiment]?
        let nextPageToken: String?
    }

    /// The id of an experiment; nil where there is none.
    func id(of experiment: TraceExperiment) async throws(HTTPError) -> String? {
        let (call, key) =
            switch experiment {
            case .id: ("experiments/get", "experiment_id")
            case .name: ("experiments/get-by-name", "experiment_name")
            }
        do throws(HTTPError) {
            let found = try await address.read(call, [(key, experiment.text)], as: ExperimentAnswer.self)
                .experiment
            guard found.lifecycleStage != "deleted" else {
                throw HTTPError(
                    .notFound, "the experiment '\(experiment.text)' was deleted",
                    hint: "restore it, or name another one")
            }
            return found.experimentId
        } catch  where error.apiCode == "RESOURCE_DOES_NOT_EXIST" {
            return nil
        }
    }

    /// The experiments that were not deleted, up to so many.
    func experiments(atMost limit: Int) async throws(HTTPError) -> [ExperimentAnswer.Experiment] {
        var all: [ExperimentAnswer.Experiment] = []
        try await readPages { token throws(HTTPError) in
            var query = [("max_results", "1000"), ("view_type", "ACTIVE_ONLY")]
            if let token { query.append(("page_token", token)) }
            let page = try await address.read("experiments/search", query, as: ExperimentsAnswer.self)
            let found = page.experiments ?? []
            all += found
            return PageLink(all.count < limit ? page.nextPageToken : nil, after: found.map(\.experimentId))
        }
        return all
    }

    private struct RunAnswer: Decodable, Sendable {
        struct Run: Decodable, Sendable { let data: RunData? }
        struct RunData: Decodable, Sendable { let metrics: [Metric]? }
        struct Metric: Decodable, Sendable {
            let key: String
            let value: Double

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                key = try container.decode(String.self, forKey: .key)
                // What is not a number comes as a text.
                let text = try? container.decode(String.self, forKey: .value)
                value =
                    (try? container.decode(Double.self, forKey: .value)) ?? text.flatMap(Double.init) ?? .nan
            }

            enum CodingKeys: CodingKey { case key, value }
        }
        let run: Run
    }

    /// The last value of each metric of a run; nil where there is no such run.
    func metrics(ofRun id: String) async throws(HTTPError) -> [String: Double]? {
        do throws(HTTPError) {
            let data = try await address.read("runs/get", [("run_id", id)], as: RunAnswer.self).run.data
            return Dictionary((data?.metrics ?? []).map { ($0.key, $0.value) }) { first, _ in first }
        } catch  where error.apiCode == "RESOURCE_DOES_NOT_EXIST" {
            return nil
        }
    }
}
