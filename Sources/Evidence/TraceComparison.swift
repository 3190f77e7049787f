package import Prompts
import Support
package import Tracing

/// What the traces of prompts say, version by version.
package struct TraceComparison: Sendable {
    /// A version, and what its traces say.
    package struct Version: Sendable {
        /// The version's number.
        package var number: Int
        /// The aliases that point to it, sorted.
        package var aliases: [String]
        /// What its traces say.
        package var figures: TraceFigures
        /// How that differs from the version compared with; nil for that one, and where there is none.
        package var difference: TraceDifference?
    }

    /// A prompt with its versions.
    package struct Prompt: Sendable {
        /// The full name.
        package var name: String
        /// The version that the others are compared with; nil where there is none.
        package var base: Int?
        /// The versions, newest first.
        package var versions: [Version]
    }

    /// Where the prompts are.
    package var registry: RegistryLocation
    /// The ids of the experiments in which the traces were looked for.
    package var experiments: [String]
    /// Why in those, as the end of a sentence.
    package var origin = ""
    /// Where the traces were looked for and why there, as a sentence without its full stop.
    package var whereLooked: String {
        if experiments.isEmpty { return "there is no experiment to look in" }
        let one = experiments.count == 1
        return "looked in \(one ? "experiment" : "experiments") \(experiments.listed(10)), \(origin)"
    }
    /// When they began.
    package var window: TraceWindow
    /// The prompts.
    package var prompts: [Prompt] = []
    /// Whether calls are counted, be they recorded as traces or not.
    package var countsCalls = false
    /// The version of the program that compared them.
    package var toolVersion = ""
    /// What is to be known about the figures, as sentences without their full stops.
    package var notes: [String] = []

    /// A comparison of nothing.
    package init(registry: RegistryLocation, experiments: [String] = [], window: TraceWindow) {
        (self.registry, self.experiments, self.window) = (registry, experiments, window)
    }
}
