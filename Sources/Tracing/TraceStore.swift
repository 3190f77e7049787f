/// Where traces are kept.
package protocol TraceStore: Sendable {
    /// Stores traces; those that are there already stay once.
    ///
    /// - Parameter traces: The traces.
    /// - Returns: What was not stored, and why.
    func store(_ traces: [TraceRecord]) async -> TraceOutcome

    /// The page of a trace that was stored; nil where there are no pages.
    func page(of traceID: String) -> String?
}

extension TraceStore {
    package func page(of traceID: String) -> String? { nil }
}

/// The experiment that traces belong to.
package enum TraceExperiment: Hashable, Sendable {
    /// By its id.
    case id(String)
    /// By its name; it is made where there is none.
    case name(String)

    /// An experiment by what somebody calls it: MLflow's ids are numbers.
    package init(_ text: String) {
        let isID = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        self = isID ? .id(text) : .name(text)
    }

    /// The name or the id.
    package var text: String {
        switch self {
        case .id(let text), .name(let text): text
        }
    }
}

/// What has become of some traces that were to be stored.
package struct TraceOutcome: Sendable {
    /// What was not stored, and never will be.
    package var loss = TraceLoss()
    /// The traces to store later, each as a whole: the server is away, or cannot keep up.
    package var again: [TraceRecord] = []
    /// Why, as a sentence without its full stop.
    package var outage: String?
    /// How long the server asks to wait before that.
    package var pause: Duration?

    /// All were stored, but for what is added.
    package init() {}
}

/// What of some traces was not stored.
package struct TraceLoss: Hashable, Sendable {
    /// How many traces were not stored, in part or at all.
    package var traces = 0
    /// How many steps ended after the rest of their trace was handed over.
    package var steps = 0
    /// How many links from stored traces to prompts were refused. The traces have them as tags.
    package var links = 0
    /// What happened, each kind once, as sentences without their full stops.
    package var reasons: [String] = []

    /// The most reasons that are kept; an agent runs for long.
    private static let mostReasons = 20

    /// Nothing.
    package init() {}

    /// Adds a reason that is not there yet.
    mutating func add(_ reason: String) {
        if reasons.count < Self.mostReasons, !reasons.contains(reason) { reasons.append(reason) }
    }

    /// Adds another loss.
    mutating func add(_ other: TraceLoss) {
        traces += other.traces
        steps += other.steps
        links += other.links
        for reason in other.reasons { add(reason) }
    }
}
