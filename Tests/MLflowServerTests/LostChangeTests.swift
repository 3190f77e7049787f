import HTTP
import Prompts
import ServerFixtures
import Testing

@testable import MLflowServer

/// Changes of what other clients change too, whose answers are lost.
@Suite struct LostChangeTests {
    /// A server where the alias is at a version and the journal has a value, and the answer to each write is lost.
    private func server(version: Int?, journal: String, status: Int = 504) -> ExchangeDouble {
        ExchangeDouble { request, _ in
            if request.isWrite { return .answer(status) }
            if request.url.path.hasSuffix("/alias") {
                guard let version else { return .refusal(404, "RESOURCE_DOES_NOT_EXIST") }
                return .answer(200, #"{"model_version": {"name": "p", "version": "\#(version)"}}"#)
            }
            let tags = ["mlflow.prompt.is_prompt": "true", AliasLog.tag: journal]
                .map { #"{"key": "\#($0)", "value": "\#($1)"}"# }.joined(separator: ",")
            return .answer(200, #"{"registered_model": {"name": "p", "tags": [\#(tags)]}}"#)
        }
    }

    private func registry(_ server: ExchangeDouble) throws -> MLflowServerRegistry {
        let time = ClockDouble()
        return try MLflowServerRegistry(
            url: "https://mlflow.example", environment: [:],
            settings: HTTPSettings(
                deadline: RunDeadline(total: .seconds(60), clock: time.clock), clock: time.clock,
                connect: server.connect))
    }

    @Test(arguments: [2, nil]) func aMoveIsNotRepeatedOnceTheAliasIsElsewhere(goal: Int?) async throws {
        let server = server(version: 7, journal: "[]")
        let error = await #expect(throws: RegistryError.self) {
            try await registry(server).moveAlias("production", of: "p", from: 1, to: goal)
        }
        #expect(error?.code == .conflict && error?.outcomeIsUnknown == true)
        #expect(error?.message == "something else changed the alias 'production' at the same time")
        #expect(server.sent.count(where: \.isWrite) == 1)
    }

    /// The server asks to wait, in which time something else may move the alias.
    @Test(arguments: [429, 503]) func aMoveThatWasPutOffIsNotMadeOnceTheAliasIsElsewhere(
        status: Int
    ) async throws {
        let server = server(version: 7, journal: "[]", status: status)
        let error = await #expect(throws: RegistryError.self) {
            try await registry(server).moveAlias("production", of: "p", from: 1, to: 2)
        }
        #expect(error?.code == .conflict)
        #expect(server.sent.count(where: \.isWrite) == 1)
    }

    @Test(arguments: [2, nil]) func aMoveThatTookEffectIsNotRepeated(goal: Int?) async throws {
        let server = server(version: goal, journal: "[]")
        try await registry(server).moveAlias("production", of: "p", from: 1, to: goal)
        #expect(server.sent.count(where: \.isWrite) == 1)
    }

    @Test func aMoveThatDidNotTakeEffectIsRepeated() async throws {
        let server = server(version: 1, journal: "[]")
        let error = await #expect(throws: RegistryError.self) {
            try await registry(server).moveAlias("production", of: "p", from: 1, to: 2)
        }
        #expect(error?.code == .unreachable && error?.outcomeIsUnknown == true)
        #expect(server.sent.count(where: \.isWrite) > 1)
    }

    @Test(arguments: ["new", nil]) func aTagThatAnotherClientWroteIsNotOverwritten(_ value: String?)
        async throws
    {
        let server = server(version: 1, journal: "theirs")
        let error = await #expect(throws: RegistryError.self) {
            try await registry(server).replaceTag(AliasLog.tag, of: "p", from: "old", to: value)
        }
        #expect(error?.code == .conflict)
        #expect(server.sent.count(where: \.isWrite) == 1)
    }

    @Test func aTagThatWasWrittenIsNotWrittenAgain() async throws {
        let server = server(version: 1, journal: "new")
        try await registry(server).replaceTag(AliasLog.tag, of: "p", from: "old", to: "new")
        #expect(server.sent.count(where: \.isWrite) == 1)
    }
}
