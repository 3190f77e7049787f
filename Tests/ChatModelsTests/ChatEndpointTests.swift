import HTTP
import ServerFixtures
import Support
import Synchronization
import Testing

@testable import ChatModels

@Suite struct ChatEndpointTests {
    private let key = "own-key-of-the-tests-17"

    private func ask(_ answer: ExchangeDouble.Answer) async throws -> (HTTPError?, Int) {
        let exchange = ExchangeDouble(answer)
        var settings = HTTPSettings(clock: ClockDouble().clock)
        settings.connect = exchange.connect
        let endpoint = try ChatEndpoint.ofEnvironment(
            ["OPENAI_BASE_URL": "http://127.0.0.1:4000", "OPENAI_API_KEY": key], settings)
        let request = try #require(
            ChatRequest(model: "m", messages: .array([]), config: nil, responseFormat: nil))
        do throws(HTTPError) {
            _ = try await endpoint.ask(request)
            return (nil, exchange.sent.count)
        } catch {
            return (error, exchange.sent.count)
        }
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
