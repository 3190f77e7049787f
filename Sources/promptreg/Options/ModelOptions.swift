import ArgumentParsing
import HTTP
import Support

/// Which model is asked, where, and where that is recorded.
struct ModelOptions: Hashable, Sendable {
    /// The model; nil takes that of the version.
    var model: String?
    /// The endpoint's address; nil takes the workspace's, or the environment's.
    var endpoint: String?
    /// The experiment of the traces, by its name or id.
    var experiment: String?
    /// Whether no trace is recorded.
    var recordsNoTrace = false
    /// What tokens cost; nil: as far as the endpoint tells.
    var price: TokenPrice?

    /// Checks that no flag is of no use.
    func validate() throws(UsageError.Reason) {
        if recordsNoTrace, experiment != nil { throw .conflictingFlags("--no-trace", "--experiment") }
    }

    static let options: [Option<ModelOptions>] = [
        Option(
            Flag(
                "model", value: .text("MODEL"), help: "The model", defaultText: "the version's model_config"),
            \ModelOptions.model),
        Option(
            Flag(
                "endpoint", value: .text("URL"),
                help: "The endpoint's address, to which /chat/completions is added",
                defaultText: "the workspace's; with OPENAI_API_KEY alone, OpenAI's own",
                environment: "OPENAI_BASE_URL"), \.endpoint),
        Option(
            Flag(
                "experiment", value: .text("NAME"),
                help: "The experiment of the trace, by its name or id (in the environment, a name)",
                defaultText: "Default", environment: "MLFLOW_EXPERIMENT_NAME"), \.experiment
        ) { text throws(ArgumentProblem) in try ArgumentReader.experiment(text) },
        Option(Flag("no-trace", help: "Record no trace"), \.recordsNoTrace),
        Option(
            Flag(
                "price", value: .text("IN,OUT"),
                help: "What a million tokens of requests and of answers cost, in dollars, such as 0.15,0.6",
                defaultText: "what the endpoint tells"), \.price
        ) { text throws(ArgumentProblem) in
            guard let price = TokenPrice(text) else {
                throw ArgumentProblem("it is not two numbers such as 0.15,0.6")
            }
            return price
        },
    ]
}

/// What tokens cost, in dollars.
struct TokenPrice: Hashable, Sendable {
    /// A token of a request, and one of an answer.
    let input: Double
    let output: Double

    /// Reads the price of a million tokens.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Double(String($0).trimmed())
        }
        guard parts.count == 2, let input = parts[0], let output = parts[1], input >= 0, output >= 0,
            input.isFinite, output.isFinite
        else { return nil }
        (self.input, self.output) = (input / 1_000_000, output / 1_000_000)
    }
}
