package import Prompts

/// Reads what traces say, by the version of the prompt that they used.
package protocol TraceReader: Sendable {
    /// Finds an experiment.
    ///
    /// - Parameter experiment: Its name or its id.
    /// - Returns: Its id.
    /// - Throws: `RegistryError`, with `.notFound` where there is none.
    func id(of experiment: TraceExperiment) async throws(RegistryError) -> String

    /// Finds all experiments that were not deleted.
    ///
    /// - Returns: Their ids.
    /// - Throws: `RegistryError`, with `.invalidValue` where there are too many to look through.
    func experiments() async throws(RegistryError) -> [String]

    /// The id of the experiment that takes the traces of agents which name none; nil where there is no such.
    var defaultExperiment: String? { get }

    /// Reads the metrics of a run.
    ///
    /// - Parameter id: The run's id.
    /// - Returns: The last value of each metric by its name; nil where there is no such run.
    /// - Throws: `RegistryError`.
    func metrics(ofRun id: String) async throws(RegistryError) -> [String: Double]?

    /// Reads traces.
    ///
    /// - Parameters:
    ///   - query: Which ones.
    ///   - onProgress: Called with the number of traces that were read one by one so far.
    /// - Returns: What they say.
    /// - Throws: `RegistryError`.
    func read(
        _ query: TraceQuery, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws(RegistryError) -> TraceReading
}

/// Which traces to read.
package struct TraceQuery: Sendable {
    /// The ids of the experiments to look in.
    package var experiments: [String]
    /// Those of them in which a server is also asked for traces whose link was never made, for which it may have to list
    /// all that there are.
    package var listed: [String]
    /// The time in which they began.
    package var window: TraceWindow
    /// The versions of prompts that they used.
    package var versions: [TraceRecord.Prompt]
    /// Whether figures are compared, for which it has to be known how far their values spread.
    package var comparesFigures: Bool
    /// Whether it is told how figures went over time, which takes a server some more answers.
    package var tellsHistory: Bool
    /// The most traces of a version that are read one by one.
    package var limit: Int

    /// The most traces of a version that are read one by one unless something else is asked for.
    package static let usualLimit = 200_000

    /// A query.
    package init(
        experiments: [String], listed: [String]? = nil, window: TraceWindow, versions: [TraceRecord.Prompt],
        comparesFigures: Bool = false, tellsHistory: Bool = false, limit: Int = usualLimit
    ) {
        (self.experiments, self.listed) = (experiments, listed ?? experiments)
        (self.window, self.versions) = (window, versions)
        (self.comparesFigures, self.tellsHistory, self.limit) = (comparesFigures, tellsHistory, limit)
    }
}

/// The time in which traces began, in milliseconds since 1970.
package struct TraceWindow: Hashable, Sendable {
    /// The first moment; nil: without beginning.
    package var since: Int?
    /// The moment after the last one, so that traces that arrive meanwhile shift nothing.
    package var until: Int

    /// A time.
    package init(since: Int? = nil, until: Int) { (self.since, self.until) = (since, until) }

    /// Whether a trace that began at this time is meant.
    func contains(_ time: Int) -> Bool { time < until && since.map { time >= $0 } ?? true }
}

/// What traces say.
package struct TraceReading: Sendable {
    /// The figures of each version that was asked for.
    package var figures: [TraceRecord.Prompt: TraceFigures]
    /// The versions of which not all traces were read.
    package var incomplete: [TraceRecord.Prompt] = []
    /// How many traces could not be read, as they are damaged.
    package var damaged = 0

    /// The figures of a version.
    package func figures(of version: TraceRecord.Prompt) -> TraceFigures {
        figures[version] ?? TraceFigures()
    }
}
