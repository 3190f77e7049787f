import ArgumentParsing
import Tracing

/// Which traces a command reads.
struct TraceOptions: Hashable, Sendable {
    /// When they began at the earliest, in milliseconds since 1970; nil: ever.
    var since: Int?
    /// The same as it was written.
    var sinceText = ""
    /// The moment before which they began; nil: now.
    var until: Int?
    /// The names or ids of the experiments to look in.
    var experiments: [String] = []
    /// The most traces of a version that are read one by one from a server; a folder has all of them at hand.
    var limit = TraceQuery.usualLimit

    /// The time in which they began.
    var window: TraceWindow { TraceWindow(since: since, until: until ?? ProcessEnvironment.now + 1) }

    /// Checks that the time is one.
    func validate() throws(UsageError.Reason) {
        guard let since, since >= window.until else { return }
        throw .invalidValue(
            subject: "--since", value: sinceText, problem: "that is not before --until")
    }

    static let options: [Option<TraceOptions>] = [
        Option(
            Flag(
                "since", value: .text("TIME"),
                help: "Only traces from this time on: 7d, 12h, 2w, a date, or a time in RFC 3339"),
        ) { options, text throws(ArgumentProblem) in
            (options.since, options.sinceText) = (try moment(text), text)
        },
        Option(
            Flag("until", value: .text("TIME"), help: "Only traces before this time", defaultText: "now"),
            \TraceOptions.until
        ) { text throws(ArgumentProblem) in try moment(text) },
        Option(
            Flag(
                "experiment", value: .text("NAME"), isRepeatable: true,
                help: "Only traces of this experiment, by its name or id",
                defaultText: "the job's, else all")
        ) { options, text throws(ArgumentProblem) in
            options.experiments.append(try ArgumentReader.experiment(text))
        },
        Option(
            Flag(
                "max-traces", value: .text("N"),
                help: "The most traces of a version to read one by one from a server, the newest first",
                defaultText: "\(TraceQuery.usualLimit)"), \TraceOptions.limit
        ) { text throws(ArgumentProblem) in
            guard let number = Int(text), number > 0 else {
                throw ArgumentProblem("it is not a whole number above zero")
            }
            return number
        },
    ]

    /// A time that is written as one, or as how long ago it was.
    static func moment(_ text: String) throws(ArgumentProblem) -> Int? {
        let now = ProcessEnvironment.now
        return now - (try ArgumentReader.age(text, at: now))
    }
}
