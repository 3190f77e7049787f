package import HTTP
import Support

/// An endpoint that speaks the chat API of OpenAI.
package struct ChatEndpoint: Sendable {
    private let url: HTTPURL
    private let client: HTTPClient

    /// How errors describe an endpoint.
    package static let service = ServiceDescription(
        name: "the model's endpoint", credentialsHint: "check, or set, OPENAI_API_KEY",
        permissionHint: "check that the key of OPENAI_API_KEY may use the model")

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
        let value = environment.variable
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
                // How long an answer takes depends on what is asked.
                service: service, settings: settings, slowsWrites: false))
    }

    /// Asks a model.
    ///
    /// - Parameters:
    ///   - request: What it is asked.
    ///   - onText: Is given the text of the answer as it comes; nil waits for all of it.
    /// - Returns: The answer.
    /// - Throws: `HTTPError`.
    package func ask(
        _ request: ChatRequest, onText: (@Sendable (String) -> Void)? = nil
    ) async throws(HTTPError) -> ChatAnswer {
        guard let onText else {
            let post = post(request.body)
            let response = try await send(post, for: request)
            return try await answer(try await body(of: response, to: post), to: request, post)
        }
        do throws(HTTPError) {
            return try await streamed(request, onText)
        } catch {
            // Not every endpoint streams, or takes the request for the tokens with it.
            guard error.status == 400 || error.status == 422 else { throw error }
            let answer = try await ask(request)
            onText(answer.text)
            return answer
        }
    }

    private func post(_ body: JSONValue) -> HTTPRequest {
        let headers = ["Content-Type": "application/json"]
        return HTTPRequest(.post, url, headers: headers, body: Array(body.serialized.utf8))
    }

    /// Sends a request; where nothing is known by its address or its model's name, these are told.
    private func send(
        _ post: HTTPRequest, for request: ChatRequest
    ) async throws(HTTPError) -> HTTPResponse {
        do throws(HTTPError) {
            return try await client.send(post, as: WholeAnswer.self).response
        } catch {
            guard error.status == 404 else { throw error }
            var error = error
            let asked = await client.quoting("\(url.text) for the model '\(request.model)'", answering: post)
            error.message += "; it was asked at \(asked)"
            error.hint =
                error.apiMessage.lowercased().contains("model")
                ? "check the model's name"
                : "check the address, which usually ends in /v1 (/chat/completions is added), and the model's name"
            throw error
        }
    }

    /// What hides the key of the endpoint in texts that are kept: a model may repeat what it is sent.
    package func mask() async -> SecretMask { await client.mask(for: post([:])) }

    /// Asks for an answer bit by bit; it comes at once where the endpoint does not do that.
    private func streamed(
        _ request: ChatRequest, _ onText: @escaping @Sendable (String) -> Void
    ) async throws(HTTPError) -> ChatAnswer {
        let stream = ChatStream(onText: onText)
        var body = request.body
        body["stream"] = .bool(true)
        body["stream_options"] = ["include_usage": .bool(true)]
        var post = post(body)
        post.receiver = AnswerReceiver(stream.take)
        let response = try await send(post, for: request)
        switch stream.answer() {
        case .success(var streamed?):
            streamed.take(response)
            let answer = try await answer(streamed, to: request, post)
            // Calls of functions do not come as text.
            if stream.isSilent { onText(answer.text) }
            return answer
        case .failure(let problem):
            throw HTTPError(
                .failed, await client.quoting(problem.reason, answering: post), elapsed: response.elapsed)
        case .success(nil): break
        }
        let whole = try await answer(try await self.body(of: response, to: post), to: request, post)
        onText(whole.text)
        return whole
    }

    /// The body of an answer that came at once. Whatever it is, it is paid for, and not asked for again.
    private func body(
        of response: HTTPResponse, to request: HTTPRequest
    ) async throws(HTTPError) -> ChatAnswerBody {
        guard var body = ChatAnswerBody(json: response.body) else {
            throw await client.unreadable(response, answering: request)
        }
        body.take(response)
        return body
    }

    /// The answer in a body.
    private func answer(
        _ body: ChatAnswerBody, to request: ChatRequest, _ post: HTTPRequest
    ) async throws(HTTPError) -> ChatAnswer {
        if let error = body.error {
            let said = await client.quoting(error.message, answering: post)
            throw HTTPError(
                .failed, "the model's endpoint answered with an error: \(said)", elapsed: body.elapsed)
        }
        guard let message = body.choices?.first?.message else {
            throw HTTPError(
                .wrongService, "\(url.origin) answered without a message", hint: "check the address",
                elapsed: body.elapsed)
        }
        let calls = message.toolCalls ?? []
        var text = message.content?.text ?? ""
        if text.isEmpty, !calls.isEmpty, request.hasTools {
            text = JSONValue.array(calls.map(\.json)).document
        }
        var failure: String?
        if let refusal = message.refusal {
            failure = "the model refuses to answer: \(await client.quoting(refusal, answering: post))"
        } else if text.isEmpty, !calls.isEmpty {
            let names = calls.compactMap(\.function?.name).joined(separator: ", ")
            failure = "the model wants tools to be called: \(names)"
        } else if message.content == nil, text.isEmpty {
            failure = "the model's answer has no text"
        }
        return ChatAnswer(
            text: failure == nil ? text : "", failure: failure.map { HTTPError(.failed, $0) },
            model: body.model, usage: body.usage.flatMap(Self.usage), cost: body.cost,
            shortfall: ChatAnswer.shortfall(body.choices?.first?.finishReason), elapsed: body.elapsed)
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
