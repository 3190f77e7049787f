package import HTTP
import Support

/// An endpoint that speaks the chat API of OpenAI.
package struct ChatEndpoint: Sendable {
    private let url: HTTPURL
    private let client: HTTPClient

    /// How errors describe an endpoint.
    package static let service = ServiceDescription(
        name: "the model's endpoint", credentialsHint: "check, or set, OPENAI_API_KEY")

    /// An endpoint.
    ///
    /// - Parameters:
    ///   - base: The address that `/chat/completions` is added to.
    ///   - client: Sends the requests.
    package init(base: HTTPURL, client: HTTPClient) {
        url = base.appending("chat/completions")
        self.client = client
    }

    /// The endpoint that environment variables name.
    ///
    /// - Parameters:
    ///   - environment: `OPENAI_BASE_URL` and `OPENAI_API_KEY`; with the key alone, OpenAI's own.
    ///   - settings: How requests are sent.
    ///   - url: An address in place of that of the environment.
    /// - Returns: The endpoint; nothing is sent yet.
    /// - Throws: `HTTPError` where none is named, or the address cannot be used.
    package static func ofEnvironment(
        _ environment: [String: String], _ settings: HTTPSettings, url: String? = nil
    ) throws(HTTPError) -> ChatEndpoint {
        let value = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let key = value("OPENAI_API_KEY")
        guard let url = url ?? value("OPENAI_BASE_URL") ?? key.map({ _ in "https://api.openai.com/v1" })
        else {
            throw HTTPError(
                .invalidAddress, "no endpoint of a model is named",
                hint: "pass --endpoint URL, or set OPENAI_BASE_URL and OPENAI_API_KEY")
        }
        let base = try HTTPURL(url)
        let options = TransportOptions(environment: environment)
        try options.check(for: base)
        let credentials = key.map { [CredentialHeader("Authorization", Secret("Bearer " + $0))] } ?? []
        return ChatEndpoint(
            base: base,
            client: HTTPClient(
                exchange: try settings.connect(options), authorizer: FixedAuthorizer(credentials),
                service: service, settings: settings))
    }

    /// Asks a model.
    ///
    /// - Parameter request: What it is asked.
    /// - Returns: The answer.
    /// - Throws: `HTTPError`, also where the answer has no text.
    package func ask(_ request: ChatRequest) async throws(HTTPError) -> ChatAnswer {
        let headers = ["Content-Type": "application/json"]
        let body = Array(request.body.serialized.utf8)
        let answer = try await client.send(
            HTTPRequest(.post, url, headers: headers, body: body), as: ChatAnswerBody.self)
        guard let message = answer.choices?.first?.message else {
            throw HTTPError(
                .wrongService, "\(url.origin) answered without a message", hint: "check the address")
        }
        if let refusal = message.refusal {
            throw HTTPError(.failed, "the model refuses to answer: \(refusal)")
        }
        guard let text = message.content?.text, !text.isEmpty || message.toolCalls == nil else {
            let names = (message.toolCalls ?? []).compactMap(\.function?.name).joined(separator: ", ")
            throw HTTPError(
                .failed,
                names.isEmpty
                    ? "the model's answer has no text" : "the model wants tools to be called: \(names)")
        }
        return ChatAnswer(
            text: text, model: answer.model, usage: answer.usage.flatMap(Self.usage), cost: answer.cost)
    }

    private static func usage(_ usage: ChatAnswerBody.Usage) -> ChatAnswer.Usage? {
        guard let input = usage.promptTokens else { return nil }
        let output = usage.completionTokens ?? 0
        let sum = input.addingReportingOverflow(output)
        return .init(
            input: input, output: output, total: usage.totalTokens ?? (sum.overflow ? .max : sum.partialValue)
        )
    }
}
