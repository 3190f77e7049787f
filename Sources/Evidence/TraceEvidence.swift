package import Prompts
package import Tracing

/// Gathers what the traces of prompts say.
package struct TraceEvidence: Sendable {
    /// A prompt whose traces are read.
    package struct Subject: Sendable {
        /// What the registry has of it.
        package var prompt: ObservedPrompt
        /// The numbers of its versions, newest first.
        package var versions: [Int]
        /// The version that the others are compared with; nil for none.
        package var base: Int?

        /// A prompt.
        package init(_ prompt: ObservedPrompt, versions: [Int], base: Int? = nil) {
            (self.prompt, self.versions, self.base) = (prompt, versions, base)
        }
    }

    private let reader: any TraceReader
    private let window: TraceWindow
    private let tellsHistory: Bool
    private let limit: Int

    /// A gatherer.
    ///
    /// - Parameters:
    ///   - reader: Reads the traces.
    ///   - window: When they began.
    ///   - tellsHistory: Whether it is told how figures went over time.
    ///   - limit: The most traces of a version that are read one by one.
    package init(
        _ reader: any TraceReader, window: TraceWindow, tellsHistory: Bool = false,
        limit: Int = TraceQuery.usualLimit
    ) {
        (self.reader, self.window, self.tellsHistory, self.limit) = (reader, window, tellsHistory, limit)
    }

    /// Reads the traces of prompts.
    ///
    /// - Parameters:
    ///   - subjects: The prompts.
    ///   - experiments: The experiments to look in; empty: all, or where they are too many or not known, those that the
    ///     prompts are tied to and MLflow's own one.
    ///   - registry: Where the prompts are.
    ///   - onProgress: Called with the number of traces that were read one by one so far.
    /// - Returns: What they say.
    /// - Throws: `RegistryError`.
    package func compare(
        _ subjects: [Subject], in experiments: [TraceExperiment], of registry: RegistryLocation,
        onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(RegistryError) -> TraceComparison {
        var given: [String] = []
        for experiment in experiments {
            let id = try await reader.id(of: experiment)
            if !given.contains(id) { given.append(id) }
        }
        var comparison = TraceComparison(registry: registry, window: window)
        var listed: [String]?
        if !given.isEmpty {
            (comparison.experiments, comparison.origin) = (given, "which --experiment or the job names")
        } else {
            var seen: Set<String> = []
            let tied =
                (subjects.flatMap(\.prompt.experiments) + (reader.defaultExperiment.map { [$0] } ?? []))
                .filter { seen.insert($0).inserted }
            let areTied = !subjects.contains(where: \.prompt.experiments.isEmpty)
            do throws(RegistryError) {
                // A prompt that becomes tied to an experiment loses no evidence of others; one that is not there has none.
                comparison.experiments = try await reader.experiments()
                comparison.origin = "as nothing names one"
                if areTied { listed = tied.filter(comparison.experiments.contains) }
            } catch  where error.code == .invalidValue && areTied {
                for id in tied where try await isThere(id) { comparison.experiments.append(id) }
                comparison.origin =
                    "the default one and those that the prompts are tied to; --experiment names others"
            }
        }
        let query = TraceQuery(
            experiments: comparison.experiments, listed: listed, window: window,
            versions: subjects.flatMap(Self.versions),
            comparesFigures: subjects.contains { $0.base != nil }, tellsHistory: tellsHistory, limit: limit)
        let reading = try await reader.read(query, onProgress: onProgress)
        comparison.notes = notes(reading)
        comparison.prompts = subjects.map { Self.prompt($0, reading) }
        return comparison
    }

    private func isThere(_ experiment: String) async throws(RegistryError) -> Bool {
        do throws(RegistryError) {
            _ = try await reader.id(of: .id(experiment))
            return true
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }

    private static func versions(_ subject: Subject) -> [TraceRecord.Prompt] {
        subject.versions.map { .init(name: subject.prompt.name, version: $0) }
    }

    private static func prompt(_ subject: Subject, _ reading: TraceReading) -> TraceComparison.Prompt {
        let figures = { (number: Int) in
            reading.figures(of: .init(name: subject.prompt.name, version: number))
        }
        return TraceComparison.Prompt(
            name: subject.prompt.name, base: subject.base,
            versions: subject.versions.map { number in
                TraceComparison.Version(
                    number: number, aliases: subject.prompt.aliases(at: number), figures: figures(number),
                    difference: subject.base.flatMap { base in
                        base == number ? nil : TraceDifference(of: figures(number), to: figures(base))
                    })
            })
    }

    private func notes(_ reading: TraceReading) -> [String] {
        var notes = reading.incomplete.map {
            "only \(reading.figures(of: $0).traces) traces of \($0.name)/\($0.version) were read, newest first; --since "
                + "narrows them down, and --max-traces reads more"
        }
        if reading.damaged > 0 { notes.append("damaged traces, which are left out: \(reading.damaged)") }
        return notes
    }
}
