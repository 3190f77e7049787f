import ArgumentParsing

/// How cases are run.
struct TryRunOptions: Hashable, Sendable {
    /// How often each case is run with each version.
    var repetitions = 1
    /// The most dollars that the calls may cost; nil: any.
    var maxCost: Double?
    /// Whether every check has to pass, whatever the version compared with does.
    var isStrict = false
    /// How many calls are under way at a time.
    var concurrency = 4

    static let options: [Option<TryRunOptions>] = [
        Option(
            Flag("repeat", value: .text("N"), help: "How often to run each case", defaultText: "1"),
            \TryRunOptions.repetitions
        ) { text throws(ArgumentProblem) in
            guard let number = Int(text), 1...1_000 ~= number else {
                throw ArgumentProblem("it is not a whole number from 1 to 1000")
            }
            return number
        },
        Option(
            Flag(
                "max-cost", value: .text("DOLLARS"),
                help: "Make no further call once they cost so much; --price tells what tokens cost"),
            \.maxCost
        ) { text throws(ArgumentProblem) in
            guard let number = Double(text), number > 0, number.isFinite else {
                throw ArgumentProblem("it is not a number above zero")
            }
            return number
        },
        Option(Flag("strict", help: "Fail when any check fails"), \.isStrict),
        Option(
            Flag("concurrency", value: .text("N"), help: "How many calls to make at once", defaultText: "4"),
            \.concurrency
        ) { text throws(ArgumentProblem) in
            guard let number = Int(text), 1...64 ~= number else {
                throw ArgumentProblem("it is not a whole number from 1 to 64")
            }
            return number
        },
    ]
}
