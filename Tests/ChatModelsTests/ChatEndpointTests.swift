import HTTP
import ServerFixtures
import Support
import Synchronization
import Testing

@testable import ChatModels

@Suite struct ChatEndpointTests {
    private let key = "own-key-of-the-tests-17"

    private func ask(_ answer: ExchangeDouble.Answer) async throws -> (HTTPError?, Int) {
        let (result, count) = try await reply(to: nil, answer)
        switch result {
        case .success(let answer): return (answer.failure, count)
        case .failure(let error): return (error, count)
        }
    }

    private func reply(
        to config: JSONValue?, _ answer: ExchangeDouble.Answer
    ) async throws -> (Result<ChatAnswer, HTTPError>, Int) {
        let exchange = ExchangeDouble(answer)
        var settings = HTTPSettings(clock: ClockDouble().clock)
        settings.connect = exchange.connect
        let endpoint = try ChatEndpoint.ofEnvironment(
            ["OPENAI_BASE_URL": "http://127.0.0.1:4000", "OPENAI_API_KEY": key], settings)
        let request = try #require(
            ChatRequest(model: "m", messages: .array([]), config: config, responseFormat: nil))
        let result = await Result { () async throws(HTTPError) in
            try await endpoint.ask(request)
        }
        return (result, exchange.sent.count)
    }

    /// What was paid for is told, also where it is no answer.
    @Test(arguments: [
        (#"{"content": null, "refusal": "no"}"#, "the model refuses to answer: no"),
        (#"{"content": null}"#, "the model's answer has no text"),
        (
            #"{"content": null, "tool_calls": [{"function": {"name": "find"}}]}"#,
            "the model wants tools to be called: find"
        ),
    ])
    func whatIsNoAnswerHasItsTokens(message: String, said: String) async throws {
        let usage = #"{"prompt_tokens": 100, "completion_tokens": 20, "cost": 0.5}"#
        let body = #"{"choices": [{"message": \#(message)}], "usage": \#(usage)}"#
        let answer = try await reply(to: nil, .answer(200, body)).0.get()
        #expect(answer.failure?.message == said && answer.text.isEmpty)
        #expect(answer.usage?.total == 120 && answer.cost == 0.5)
    }

    /// Whether a failure is the fault of the settings, and what is told of it.
    @Test(arguments: [
        (
            404, #"{"detail": "Not Found"}"#, true, "check the address",
            "; it was asked at http://127.0.0.1:4000/chat/completions for the model 'm'"
        ),
        (
            404, #"{"error": {"message": "The model `m` does not exist"}}"#, true, "check the model's name",
            "does not exist; it was asked at http"
        ),
        (401, #"{"error": {"message": "bad key"}}"#, true, "OPENAI_API_KEY", "bad key"),
        (403, "{}", true, "", "403"), (400, #"{"error": {"message": "too long"}}"#, false, "", "too long"),
        (500, "{}", false, "", "500"), (200, "{}", false, "", "without a message"),
    ])
    func whatIsWrongWithTheSettingsIsTold(
        status: Int, body: String, isOfSetup: Bool, hint: String, message: String
    ) async throws {
        let error = try #require(try await ask(.answer(status, body)).0)
        #expect(error.isOfSetup == isOfSetup && error.message.contains(message))
        #expect(hint.isEmpty || error.hint?.contains(hint) == true)
    }

    @Test(arguments: [("length", "limit"), ("content_filter", "filter"), ("stop", ""), ("tool_calls", "")])
    func anAnswerThatIsNotWholeSaysWhy(reason: String, said: String) async throws {
        let body = #"{"choices": [{"message": {"content": ""}, "finish_reason": "\#(reason)"}]}"#
        let answer = try await reply(to: nil, .answer(200, body)).0.get()
        #expect(said.isEmpty ? answer.shortfall == nil : answer.shortfall?.contains(said) == true)
    }

    /// The functions of a prompt's tools are what is asked for.
    @Test func callsOfTheToolsOfARequestAreAnAnswer() async throws {
        let calls =
            #"[{"function": {"name": "find", "arguments": "{\"query\": \"a\"}"}}, {"function": {"name": "ask", "arguments": "{b"}}]"#
        let body = #"{"choices": [{"message": {"content": null, "tool_calls": \#(calls)}}]}"#
        let tools = try JSONValue(
            parsing: #"{"tools": [{"type": "function", "function": {"name": "find"}}]}"#)
        let answer = try await reply(to: tools, .answer(200, body)).0.get()
        let told = #"[{"name": "find", "arguments": {"query": "a"}}, {"name": "ask", "arguments": "{b"}]"#
        #expect(answer.failure == nil)
        #expect(try JSONValue(parsing: answer.text) == JSONValue(parsing: told))
    }

    @Test(arguments: [
        (#"{"error": {"message": "no credit", "code": 402}}"#, "no credit"),
        (#"{"error": "no credit"}"#, "no credit"),
        (#"{"error": {"message": {"odd": 1}, "code": "quota"}, "choices": []}"#, "quota"),
        (#"{"error": 7}"#, "an error that it does not explain"),
    ])
    func anErrorInAGoodAnswerIsToldAsOne(body: String, said: String) async throws {
        let (error, count) = try await ask(.answer(200, body))
        #expect(error?.message == "the model's endpoint answered with an error: \(said)" && count == 1)
    }

    @Test(arguments: ["", "Hello", "[1]", #"{"choices": 3}"#, "<html><title>Sign in</title></html>"])
    func anAnswerThatCannotBeReadIsNotAskedForAgain(body: String) async throws {
        let (error, count) = try await ask(.answer(200, body))
        #expect(error != nil && count == 1)
    }

    @Test func theKeyIsShownInNoError() async throws {
        for body in [
            #"{"error": {"message": "bad \#(key)"}}"#, "what is \(key)",
            #"{"choices": [{"message": {"refusal": "I see \#(key)"}}]}"#,
        ] {
            let error = try await ask(.answer(200, body)).0
            #expect(error?.message.contains("•••") == true && error?.message.contains(key) == false)
        }
    }
}

@Suite struct ChatStreamTests {
    private func answer(_ parts: String...) -> (Result<ChatAnswerBody?, ChatStream.Problem>, String) {
        let text = Mutex("")
        let stream = ChatStream { part in text.withLock { $0 += part } }
        for part in parts { Array(part.utf8).withUnsafeBytes { stream.take($0) } }
        return (stream.answer(), text.withLock(\.self))
    }

    private func bit(_ text: String) -> String { #"data: {"choices": [{"delta": {"content": "\#(text)"}}]}"# }

    private func reason(_ result: Result<ChatAnswerBody?, ChatStream.Problem>) -> String? {
        if case .failure(let problem) = result { problem.reason } else { nil }
    }

    @Test func anAnswerComesInPartsThatEndAnywhere() throws {
        let whole = "\(bit("a"))\r\n\r\n: ping\n\n\(bit("b"))\n\(bit("c"))\n\ndata: [DONE]\n\ndata: {\n\n"
        let cut = whole.map(String.init)
        let text = Mutex("")
        let stream = ChatStream { part in text.withLock { $0 += part } }
        for part in cut { Array(part.utf8).withUnsafeBytes { stream.take($0) } }
        #expect(try stream.answer().get()?.choices?.first?.message?.content?.text == "abc")
        #expect(text.withLock(\.self) == "abc")
    }

    @Test func anEventMayHaveSeveralLines() throws {
        let event = "data: {\"choices\":\ndata: [{\"delta\": {\"content\": \"a\"}}]}\n\n"
        let (result, text) = answer(event, "data: [DONE]\n\n")
        #expect(try result.get() != nil && text == "a")
    }

    @Test func theArgumentsOfCallsComeInBits() throws {
        let bits = [
            #"{"index": 0, "function": {"name": "find", "arguments": ""}}"#,
            #"{"index": 0, "function": {"arguments": "{\"query\":"}}"#,
            #"{"index": 1, "function": {"name": "ask", "arguments": "{}"}}"#,
            #"{"index": 0, "function": {"arguments": " \"a\"}"}}"#,
        ].map { #"data: {"choices": [{"delta": {"tool_calls": [\#($0)]}}]}"# + "\n\n" }
        let (result, text) = answer(bits.joined(), "data: [DONE]\n\n")
        let calls = try result.get()?.choices?.first?.message?.toolCalls ?? []
        #expect(text.isEmpty && calls.map(\.function?.name) == ["find", "ask"])
        #expect(calls.map(\.function?.arguments) == [#"{"query": "a"}"#, "{}"])
    }

    @Test(arguments: [#"{"choices": [{"del"#, #"{"choices": 7}"#, "oops"])
    func aBrokenPartIsNamed(part: String) {
        let (result, text) = answer("\(bit("a"))\n\ndata: \(part)\n\n\(bit("b"))\n\ndata: [DONE]\n\n")
        #expect(reason(result) == "a part of the model's answer cannot be understood: \(part)")
        #expect(text == "a")
    }

    @Test func whatEndsInTheMiddleBrokeOff() {
        #expect(reason(answer("\(bit("a"))\n\n", #"data: {"cho"#).0) == "the model's answer broke off")
        #expect(reason(answer("\(bit("a"))\n\n").0) == "the model's answer broke off")
    }

    @Test func anErrorInAStreamIsTold() {
        let (result, _) = answer("\(bit("a"))\n\ndata: {\"error\": {\"message\": \"no GPU\"}}\n\n")
        #expect(reason(result) == "the model's answer ended with an error: no GPU")
    }
}
