import Support
import Testing

@testable import ChatModels

@Suite struct ChatRequestTests {
    private func request(model: String? = nil, config: String? = nil, schema: String? = nil) throws
        -> ChatRequest?
    {
        ChatRequest(
            model: model, messages: .array([]), config: try config.map { try JSONValue(parsing: $0) },
            responseFormat: try schema.map { try JSONValue(parsing: $0) })
    }

    @Test func theModelIsThatOfTheCallerElseOfTheVersion() throws {
        #expect(try request()?.model == nil)
        #expect(try request(config: #"{"temperature": 1}"#)?.model == nil)
        #expect(try request(config: #"{"model_name": "a"}"#)?.model == "a")
        #expect(try request(model: "b", config: #"{"model_name": "a"}"#)?.model == "b")
    }

    @Test func settingsAreNamedAsTheAPINamesThem() throws {
        let config =
            #"{"provider": "p", "model_name": "a", "top_k": null, "stop_sequences": ["x"], "extra_params": {"seed": 1}}"#
        let body = try #require(try request(config: config)).body
        #expect(
            body == [
                "model": .string("a"), "messages": .array([]), "stop": .array([.string("x")]),
                "seed": JSONValue(1),
            ])
    }

    @Test func aSchemaIsTheFormatOfTheAnswer() throws {
        let body = try #require(try request(model: "a", schema: #"{"type": "object"}"#)).body
        #expect(body["response_format"]?["type"] == .string("json_schema"))
        #expect(body["response_format"]?["json_schema"]?["schema"] == ["type": .string("object")])
    }
}
