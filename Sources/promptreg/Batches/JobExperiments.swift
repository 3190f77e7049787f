import Jobs
import Prompts
import Tracing

/// The experiments that are to show a job's prompts.
struct JobExperiments {
    private let ids: [String]
    private let schema: QualifiedName.Schema

    /// The experiments of a job; nil where it names none, or its prompts are in no schema.
    init?(_ job: DesiredState?) {
        guard let job, let name = job.prompts.first?.fullName, let schema = QualifiedName(name).schema else {
            return nil
        }
        ids = job.experiments
        self.schema = schema
        if ids.isEmpty { return nil }
    }

    /// Lets them show the prompts, where the registry's pages belong to experiments. What fails is only warned of.
    func showPrompts(of registry: any PromptRegistry, _ console: Console) async {
        guard let pages = registry as? any ExperimentPages else { return }
        for id in ids {
            do throws(RegistryError) {
                guard let shown = try await pages.schemaShown(in: id) else {
                    try await pages.showPrompts(of: schema, in: id)
                    continue
                }
                guard shown != schema.description else { continue }
                console.note(
                    "the experiment \(id) shows the prompts of '\(shown)', not those of \(schema): "
                        + "its tag \(ReservedTag.promptLocation) is left as it is")
            } catch {
                console.warning("the experiment \(id) may not show the prompts: \(error.message)")
            }
        }
    }
}

extension TraceReader {
    /// Those ids of experiments that there is none of, as far as that can be told.
    func missing(of ids: [String]) async -> [String] {
        var missing: [String] = []
        for id in ids {
            do throws(RegistryError) {
                _ = try await self.id(of: .id(id))
            } catch  where error.code == .notFound {
                missing.append(id)
            } catch {
                return missing
            }
        }
        return missing
    }
}

extension DesiredState {
    /// The experiments of all prompts, each once.
    var experiments: [String] {
        var seen: Set<String> = []
        return prompts.flatMap(\.experiments).filter { seen.insert($0).inserted }
    }
}

extension TraceExperiment {
    /// The experiments to look in: those of the command line, else those of the job; none where neither names any.
    static func named(_ passed: [String], in job: DesiredState?) -> [TraceExperiment] {
        passed.isEmpty ? (job?.experiments ?? []).map(Self.id) : passed.map { TraceExperiment($0) }
    }
}
