package import HTTP
package import Prompts

extension UnityCatalogAPI {
    private struct Answer: Decodable, Sendable {
        struct Experiment: Decodable, Sendable { let tags: [Tag]? }
        struct Tag: Decodable, Sendable { let key: String, value: String? }
        let experiment: Experiment
    }

    private struct TagRequest: Encodable { let experimentId: String, key: String, value: String }

    /// The schema whose prompts an experiment shows, as its tag names it; nil where it names none.
    package func schemaShown(in experiment: String) async throws(HTTPError) -> String? {
        let url = experiments("get", [("experiment_id", experiment)])
        let tags = try await client.send(HTTPRequest(.get, url), as: Answer.self).experiment.tags
        return tags?.last { $0.key == ReservedTag.promptLocation }?.value
    }

    /// Names the schema whose prompts an experiment shows, which is safe to repeat.
    func showPrompts(of schema: QualifiedName.Schema, in experiment: String) async throws(HTTPError) {
        let body = TagRequest(
            experimentId: experiment, key: ReservedTag.promptLocation, value: schema.description)
        let request = try HTTPRequest(.post, experiments("set-experiment-tag"), json: body)
        _ = try await client.send(request, as: Acknowledgement.self)
    }

    private func experiments(_ call: String, _ query: [(String, String)] = []) -> HTTPURL {
        host.appending(["api", "2.0", "mlflow", "experiments", call], query: query)
    }
}

extension UnityCatalogRegistry: ExperimentPages {
    package func schemaShown(in experiment: String) async throws(RegistryError) -> String? {
        do { return try await api.schemaShown(in: experiment) } catch { throw RegistryError(error) }
    }

    package func showPrompts(
        of schema: QualifiedName.Schema, in experiment: String
    ) async throws(RegistryError) {
        do { try await api.showPrompts(of: schema, in: experiment) } catch { throw RegistryError(error) }
    }
}
