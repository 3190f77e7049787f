import FileRegistry
package import Prompts
import Support

/// Reads the traces of MLflow's file store. It has no links, so that a trace's tags tell which versions it used.
package struct FileTraceReader: TraceReader {
    private let folders: TraceFolders
    private let path: String

    /// A reader of a folder, which need not exist.
    package init(path: String) {
        self.path = path
        folders = TraceFolders(path: path)
    }

    package func id(of experiment: TraceExperiment) async throws(RegistryError) -> String {
        switch experiment {
        case .id(let id): if try folders.experiments().contains(id) { return id }
        case .name(let name): if let id = try folders.knownExperiment(named: name) { return id }
        }
        throw RegistryError(
            .notFound, "there is no experiment '\(experiment.text)' in '\(path)'",
            hint: try didYouMean(experiment.text, in: folders.experimentNames()))
    }

    package var defaultExperiment: String? { TraceFolders.defaultID }

    package func experiments() async throws(RegistryError) -> [String] { try folders.experiments() }

    package func metrics(ofRun id: String) async throws(RegistryError) -> [String: Double]? {
        try folders.metrics(ofRun: id)
    }

    package func read(
        _ query: TraceQuery, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws(RegistryError) -> TraceReading {
        let wanted = Set(query.versions)
        let tags = Set(wanted.map { TraceRecord.ownTagPrefix + $0.name } + [TraceRecord.linkedPrompts])
        var tallies: [TraceRecord.Prompt: TraceTally] = [:]
        var (read, damaged) = (0, 0)
        for experiment in query.experiments {
            try RegistryError.checkCancellation()
            damaged += try folders.read(
                experiment: experiment, isTag: tags.contains,
                isWanted: { !wanted.isDisjoint(with: ReadTrace.versions(of: $0)) },
                metadata: [TraceRecord.usageKey, TraceRecord.costKey]
            ) { stored in
                guard let trace = Self.trace(stored), query.window.contains(trace.time) else { return }
                for version in wanted.intersection(trace.versions) {
                    tallies[version, default: TraceTally()].add(trace)
                }
                read += 1
                if read.isMultiple(of: TraceSearch.pageSize) { onProgress(read) }
            }
        }
        return TraceReading(figures: tallies.mapValues(\.figures), damaged: damaged)
    }

    /// A trace as it is stored, also by older versions of MLflow; nil while it is not whole.
    private static func trace(_ stored: TraceFolders.Stored) -> ReadTrace? {
        let info = stored.info
        guard
            let time = info["request_time"]?.text.flatMap({ milliseconds(ofTimestamp: $0) })
                ?? info["timestamp_ms"]?.whole
        else { return nil }
        var trace = ReadTrace(
            id: stored.id, time: time, state: (info["state"] ?? info["status"])?.text,
            usage: stored.metadata[TraceRecord.usageKey],
            price: stored.metadata[TraceRecord.costKey], tags: stored.tags)
        trace.latency =
            (info["execution_duration_ms"] ?? info["execution_time_ms"])?.whole
            ?? info["execution_duration"]?.text.flatMap(ReadTrace.milliseconds)
        trace.feedback = stored.assessments.compactMap(feedback)
        return trace
    }

    private static func feedback(_ assessment: JSONValue) -> ReadTrace.Feedback? {
        guard assessment["valid"] != .bool(false), let name = assessment["assessment_name"]?.text,
            let given = assessment["feedback"], given["error"] ?? .null == .null, let value = given["value"],
            value != .null
        else { return nil }
        return .init(name: name, number: ReadTrace.number(value))
    }
}

extension JSONValue {
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }

    fileprivate var whole: Int? { finiteNumber.flatMap { Int(exactly: $0.rounded()) } }
}
