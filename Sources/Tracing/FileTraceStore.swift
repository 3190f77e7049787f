import FileRegistry
import FoundationEssentials
import Prompts
import Support

/// Keeps traces in MLflow's file store, beside the prompts of an embedded registry. It has no links: prompts are found by
/// the tags of the traces.
package actor FileTraceStore: TraceStore {
    private let folders: TraceFolders
    private let experiment: TraceExperiment
    private let owners: TraceOwners
    private var id: String?
    /// The prompts that the owners name already.
    private var named: Set<TraceRecord.Prompt> = []

    /// A store in a folder, which need not exist.
    package init(path: String, experiment: TraceExperiment, owners: TraceOwners = TraceOwners()) {
        self.owners = owners
        folders = TraceFolders(path: path)
        self.experiment = experiment
    }

    package func store(_ traces: [TraceRecord]) async -> TraceOutcome {
        var outcome = TraceOutcome()
        await store(traces, &outcome.loss)
        return outcome
    }

    private func store(_ traces: [TraceRecord], _ loss: inout TraceLoss) async {
        do throws(RegistryError) {
            let id = try await experimentID()
            let kept = traces.map { folder(of: $0.belonging(to: owners), experiment: id, &loss) }
            var written: [TraceRecord] = []
            for (trace, failure) in zip(traces, try await folders.write(kept, to: id)) {
                guard let failure else {
                    written.append(trace)
                    continue
                }
                loss.traces += 1
                loss.add(failure.message)
            }
            await name(written.flatMap(\.prompts), &loss)
        } catch {
            // It may have been deleted meanwhile.
            id = nil
            loss.traces = traces.count
            loss.add(error.hint.map { "\(error.message) (\($0))" } ?? error.message)
        }
    }

    /// Names prompts on the run and the logged model of the traces; what fails is tried again with the next ones.
    private func name(_ prompts: [TraceRecord.Prompt], _ loss: inout TraceLoss) async {
        var seen = named
        let new = prompts.filter { seen.insert($0).inserted }
        guard let first = new.first else { return }
        let all = [owners.run.map(TraceFolders.Owner.run), owners.model.map(TraceFolders.Owner.model)]
        do throws(RegistryError) {
            for owner in all.compactMap(\.self) {
                try await folders.changeTag(TraceRecord.linkedPrompts, of: owner, params: first.params) {
                    TraceRecord.Prompt.list($0, adding: new)
                }
            }
            named.formUnion(new)
        } catch {
            loss.add("the prompts of a trace are not named where it belongs to: \(error.message)")
        }
    }

    private func experimentID() async throws(RegistryError) -> String {
        if let id { return id }
        let found =
            switch experiment {
            case .id(let given): given
            case .name(let name): try await folders.experiment(named: name)
            }
        id = found
        return found
    }

    private func folder(
        of trace: TraceRecord, experiment id: String, _ loss: inout TraceLoss
    ) -> TraceFolders.Trace {
        var tags = trace.tags
        tags["mlflow.artifactLocation"] = folders.artifacts(of: trace.traceID, experiment: id)
        var info = trace.summary(experiment: id)
        // Not as in messages; a client of MLflow fails at a text.
        info["execution_duration_ms"] = JSONValue(trace.milliseconds)
        return TraceFolders.Trace(
            id: trace.traceID, info: info.serialized,
            metadata: trace.metadata, tags: Self.fitting(tags, &loss), spans: trace.stored.serialized,
            assessments: trace.assessments.map(\.serialized))
    }

    /// The tags that can be kept in files of their keys.
    private static func fitting(_ tags: [String: String], _ loss: inout TraceLoss) -> [String: String] {
        for key in tags.keys.sorted() where !TraceFolders.isKey(key) {
            loss.add("the tag '\(key.cut(to: 40))' is left out: its key cannot be the name of a file")
        }
        return tags.filter { TraceFolders.isKey($0.key) }
    }
}
