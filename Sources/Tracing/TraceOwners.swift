import HTTP
import MLflowServer
import Prompts
import Support
import Synchronization

/// The run and the logged model that traces belong to, on whose pages the prompts are shown.
package struct TraceOwners: Hashable, Sendable {
    /// The run's id.
    package var run: String?
    /// The logged model's id.
    package var model: String?

    /// Owners; none where nothing is given.
    package init(run: String? = nil, model: String? = nil) { (self.run, self.model) = (run, model) }
}

extension TraceRecord {
    /// The trace with the ids of its owners, which only the call that makes it can set.
    func belonging(to owners: TraceOwners) -> TraceRecord {
        var trace = self
        if let run = owners.run { trace.metadata["mlflow.sourceRun"] = run }
        if let model = owners.model { trace.metadata["mlflow.modelId"] = model }
        return trace
    }
}

/// Names the prompts of traces on the run and the logged model that they belong to: each prompt once.
final class OwnerLinks: Sendable {
    private let api: TraceAPI
    private let owners: TraceOwners
    private let linked = Mutex<Set<TraceRecord.Prompt>>([])

    /// Links of owners; nothing is sent yet.
    init(_ api: TraceAPI, _ owners: TraceOwners) { (self.api, self.owners) = (api, owners) }

    /// Adds the prompts of some traces. What fails in passing is tried again with these traces, all else with the next.
    func add(_ traces: [TraceRecord], _ outcome: inout TraceOutcome) async {
        let known = linked.withLock { $0 }
        var new: [TraceRecord.Prompt] = []
        for prompt in traces.flatMap(\.prompts) where !known.contains(prompt) && !new.contains(prompt) {
            new.append(prompt)
        }
        if new.isEmpty { return }
        let run = await add(new, "run", owners.run, addToRun)
        let model = await add(new, "logged model", owners.model, addToModel)
        for (error, reason) in [run, model].compactMap(\.self) {
            if error.isPassing { outcome.add(error, of: traces) } else { outcome.loss.add(reason) }
        }
        if run == nil, model == nil { linked.withLock { $0.formUnion(new) } }
    }

    /// Adds prompts to an owner, if there is one; returns why that failed.
    private func add(
        _ prompts: [TraceRecord.Prompt], _ kind: String, _ id: String?,
        _ work: (String, [TraceRecord.Prompt]) async throws(HTTPError) -> Void
    ) async -> (HTTPError, String)? {
        guard let id else { return nil }
        do throws(HTTPError) {
            try await work(id, prompts)
            return nil
        } catch {
            return (error, "the \(kind) '\(id)' does not name its prompts: \(error.description)")
        }
    }

    // MARK: - Runs

    private struct Tag: Decodable, Sendable { let key: String, value: String }

    private static func linked(_ tags: [Tag]?) -> String? {
        tags?.first { $0.key == TraceRecord.linkedPrompts }?.value
    }

    private struct RunAnswer: Decodable, Sendable {
        struct Run: Decodable, Sendable { let data: RunData? }
        struct RunData: Decodable, Sendable {
            let tags: [Tag]?
            let params: [Tag]?
        }
        let run: Run
    }

    private func addToRun(_ id: String, _ prompts: [TraceRecord.Prompt]) async throws(HTTPError) {
        let data = try await api.address.read("runs/get", [("run_id", id)], as: RunAnswer.self).run.data
        if let list = TraceRecord.Prompt.list(Self.linked(data?.tags), adding: prompts) {
            try await api.write(
                .post, "api/2.0/mlflow/runs/set-tag",
                ["run_id": .string(id), "key": .string(TraceRecord.linkedPrompts), "value": .string(list)])
        }
        // A param is set once. They are for those who filter runs; the tag has all prompts.
        guard let first = prompts.first, data?.params?.contains(where: { $0.key == "prompt_name" }) != true
        else { return }
        for (key, value) in first.params {
            try await api.write(
                .post, "api/2.0/mlflow/runs/log-parameter",
                ["run_id": .string(id), "key": .string(key), "value": .string(value)])
        }
    }

    // MARK: - Logged models

    private struct ModelAnswer: Decodable, Sendable {
        struct Model: Decodable, Sendable { let info: Info? }
        struct Info: Decodable, Sendable { let tags: [Tag]? }
        let model: Model
    }

    private func addToModel(_ id: String, _ prompts: [TraceRecord.Prompt]) async throws(HTTPError) {
        let model = try await api.address.read("logged-models/\(id)", as: ModelAnswer.self).model
        guard let list = TraceRecord.Prompt.list(Self.linked(model.info?.tags), adding: prompts) else {
            return
        }
        let tag: JSONValue = ["key": .string(TraceRecord.linkedPrompts), "value": .string(list)]
        try await api.write(.patch, "api/2.0/mlflow/logged-models/\(id)/tags", ["tags": .array([tag])])
    }
}

extension TraceRecord.Prompt {
    /// A list of prompts, as a tag has it, with some more; nil where it has them already.
    static func list(_ text: String?, adding prompts: [Self]) -> String? {
        var list: [JSONValue] = []
        if let text, case .array(let found)? = try? JSONValue(parsing: text) { list = found }
        let new = prompts.map(\.json).filter { !list.contains($0) }
        return new.isEmpty ? nil : JSONValue.array(list + new).serialized
    }

    /// The params by which people filter runs.
    var params: [(String, String)] {
        [
            ("prompt_name", QualifiedName(name).name), ("prompt_version", "\(version)"),
            ("prompt_registry_name", name),
        ]
    }
}
